"""A study whose truth is stated, for claims to be judged on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from study.analysis.claims.data import ClaimData
from study.analysis.claims.judging import judge_claims
from study.analysis.claims.loading import ORIGINAL_REPORT, load_claims
from study.tables.definitions import ENSEMBLE_RUNS, HISTORY, LEVELS, RESULTS
from tests.analysis.rules import RULES

CLAIMS = load_claims(ORIGINAL_REPORT)
REFERENCE = {
    "lr": "0.0005",
    "batch_size": "128",
    "dropout": "0.5",
    "l1": "0",
    "augmentation": "none",
    "images_per_class": "all",
}
LEVEL_NAMES = {
    "lr": ("0.0001", "0.0003", "0.0005", "0.001", "0.003", "0.005"),
    "batch_size": ("32", "64", "128"),
    "dropout": ("0.3", "0.5", "0.7"),
    "l1": ("0", "0.0001", "0.0005"),
    "augmentation": ("none", "rotation", "contrast", "brightness", "zoom", "cutmix"),
    "images_per_class": ("10", "50", "200", "all"),
}
Effects = Mapping[tuple[str, str], float]


@dataclass
class World:
    """True accuracies and the noise around them.

    Attributes
    ----------
    effects
        What a level adds to the accuracy of the reference, 0.6, by (factor, level).
    train_effects
        The same for training accuracy, where it differs.
    shaky
        Levels of lr whose validation accuracy varies over epochs.
    models, confirmed, methods
        What a model adds while explored, and the test accuracies of confirmed models and of ensembles.
    noise
        Standard deviation over replicates.
    """

    effects: Effects = field(default_factory=dict)
    train_effects: Effects | None = None
    shaky: tuple[str, ...] = ()
    models: Mapping[str, float] = field(default_factory=lambda: {"lite0": 0.0, "lite1": 0.01})
    confirmed: Mapping[str, float] = field(default_factory=lambda: {"lite0": 0.6, "lite1": 0.61})
    methods: Mapping[str, float] = field(default_factory=dict)
    noise: float = 0.001
    replicates: int = 8
    epochs: int = 10
    dataset: str = "digits"
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: LEVEL_NAMES)

    def judge(self, claims=CLAIMS, **rules):
        rng = np.random.default_rng(7)
        results = self._results(rng)
        rules = replace(RULES, **rules)
        data = ClaimData.of(
            results,
            self._history(results, rng),
            self._levels(),
            self._settings(),
            self._ensemble_runs(rng),
            dataset=self.dataset,
            margin=rules.margin,
        )
        return judge_claims(data, claims, rules=rules).set_index("id")

    def row(self, claim, **rules):
        return self.judge(claims=[entry for entry in CLAIMS if entry.id == claim], **rules).loc[claim]

    def verdict(self, claim, **rules):
        return self.row(claim, **rules)["verdict"]

    def _names(self):
        for factor, levels in self.levels.items():
            for level in levels:
                name = "reference" if level == REFERENCE[factor] else f"{factor}={level}"
                yield factor, level, name

    def _levels(self):
        rows = [
            (factor, level, position, name, int(name == "reference"))
            for position, (factor, level, name) in enumerate(self._names())
        ]
        return pd.DataFrame(rows, columns=list(LEVELS.columns))

    def _settings(self):
        rows = {}
        for factor, level, name in self._names():
            values = {**REFERENCE, factor: level}
            numbers = {key: float(values[key]) for key in ("lr", "batch_size", "dropout", "l1")}
            rows[name] = {"setting": name, "factor": factor, "level": level, **values, **numbers}
        return pd.DataFrame([*rows.values()])

    def _results(self, rng):
        train = self.effects if self.train_effects is None else self.train_effects
        settings = {name: (factor, level) for factor, level, name in self._names()}
        rows = []
        for model, shift in self.models.items():
            for name, (factor, level) in settings.items():
                truth = 0.6 + shift + np.array([e.get((factor, level), 0.0) for e in (train, self.effects)])
                rows += self._runs(rng, model, name, "explore", truth)
        for model, truth in self.confirmed.items():
            rows += self._runs(rng, model, "reference", "confirm", np.array([truth, truth]))
        return pd.DataFrame(rows)

    def _runs(self, rng, model, setting, phase, truth):
        rows = []
        for replicate in range(self.replicates):
            train, evaluated, valid = np.append(truth, truth[1]) + rng.normal(size=3) * self.noise
            rows.append(
                {
                    **dict.fromkeys(RESULTS.columns, np.nan),
                    "run": f"{model}/{setting}/{phase}/{replicate}",
                    "model": model,
                    "setting": setting,
                    "phase": phase,
                    "replicate": replicate,
                    "status": "ok",
                    "train_accuracy": train,
                    "valid_accuracy": valid,
                    "test_accuracy": evaluated,
                    "predictions_sha256": "0",
                }
            )
        return rows

    def _history(self, results, rng):
        shaky = results["setting"].isin([f"lr={level}" for level in self.shaky])
        noise = np.where(shaky, 0.02, 0.001)[:, None] * rng.normal(size=(len(results), self.epochs))
        epochs = np.arange(1, self.epochs + 1)
        frame = pd.DataFrame(0.0, index=range(noise.size), columns=list(HISTORY.columns))
        frame["run"] = np.repeat(results["run"].to_numpy(), self.epochs)
        frame["epoch"] = np.tile(epochs, len(results))
        frame["valid_accuracy"] = (0.6 - 0.3 / epochs + noise).ravel()
        return frame

    def _ensemble_runs(self, rng):
        rows = [
            {
                "method": method,
                "replicate": replicate,
                "n_members": 3,
                "test_accuracy": truth + rng.normal() * self.noise,
                "test_log_loss": np.nan,
                "test_calibration_error": np.nan,
                "predictions_sha256": "0",
            }
            for method, truth in self.methods.items()
            for replicate in range(self.replicates)
        ]
        return pd.DataFrame(rows, columns=list(ENSEMBLE_RUNS.columns))


@pytest.fixture(scope="session")
def world():
    return World
