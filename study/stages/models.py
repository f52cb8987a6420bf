"""Complete models to take away: the best setting of each backbone, and the best ensemble."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import design, files, params
from study.data import dataset as datasets
from study.ensembles.combine import METHODS, Method, fit
from study.errors import counted
from study.export import card as cards
from study.params import FACTORS, Params
from study.pipeline import paths, predictions, results
from study.pipeline.console import run, say
from study.runs.phase import Bench, predictions_sha256
from study.tables.definitions import BEST, ENSEMBLE_RUNS, ENSEMBLES, ORIGINS, TEMPERATURES
from study.training.store import RunStore

ENSEMBLE = "ensemble"
MANIFEST = "models.json"


def main() -> None:
    """Write data/models and reports/models.json."""
    chosen = params.load(paths.PARAMS)
    with files.new_folder(paths.MODELS) as folder:
        made = Export(chosen, folder).run() if chosen.models == "complete" else []
        data = datasets.read_manifest(paths.DATASET)
        manifest = {"classes": data["classes"], "image_shape": data["image_shape"], "models": made}
        files.write_json(folder / MANIFEST, manifest)
    files.write_json(paths.MODELS_JSON, {"models": made})


class Export:
    """Makes every model of one study in a folder."""

    def __init__(self, chosen: Params, folder: Path) -> None:
        self._params = chosen
        self._folder = folder
        self._data = datasets.load(paths.DATASET)
        self._confirmed = results.results(chosen, "confirm", results.planned(chosen, "confirm"))
        self._replicate = replicate(self._confirmed)
        self._tables = results.tables((BEST, ENSEMBLES, ENSEMBLE_RUNS, TEMPERATURES))
        self._settings = results.laid_out(chosen).settings

    def run(self) -> list[dict[str, Any]]:
        """One row a model, the ensemble last."""
        from study.export import assemble

        recorded = predictions.by_replicate(self._params, "test_probs")[self._replicate]
        members, rows = [], []
        for position, backbone in enumerate(self._params.backbones):
            bench = Bench.read(self._params, backbone)
            one = assemble.member(
                backbone,
                paths.WEIGHTS / backbone,
                head=self._head(bench),
                image_shape=self._shape,
                image_size=bench.params.pixels,
                feature_dtype=str(bench.features.test.dtype),
            )
            members.append(one)
            rows.append(self._write(assemble.classifier(one), self._alone(backbone), recorded[position]))
        if len(members) > 1:
            rows.append(self._ensemble(members, recorded))
        return rows

    @property
    def _shape(self) -> tuple[int, int, int]:
        height, width, channels = self._data.images["test"].shape[1:]
        return height, width, channels

    def _head(self, bench: Bench) -> list[NDArray[np.float32]]:
        """The weights of the replicate's head: from the run store, or trained again and held to the record.

        Raises
        ------
        FileError
            Trained again, the run gives other predictions than recorded.
        """
        setting = results.selected(self._params)[bench.backbone]
        table = design.confirm_runs(self._params, bench.backbone, setting)
        (one,) = bench.runs(table[table["replicate"] == self._replicate])
        key = {**bench.inputs(one, probabilities=True), "kept": "head"}
        store = RunStore(paths.store())
        found = store.get(key)
        if found is None:
            (trained,) = bench.outcomes([one], memory_bytes=0)
            now = predictions_sha256(bench.record(trained, probabilities=True))
            then = self._confirmed.set_index("run").loc[one.name, "predictions_sha256"]
            if now != then:
                raise files.FileError(
                    f"{one.name}: expected the recorded predictions {str(then)[:12]}, received {now[:12]}; "
                    f"run python -m study verify --all"
                )
            found = {f"weight_{i}": weight for i, weight in enumerate(trained.weights)}
            store.put(key, found)
        return [found[f"weight_{i}"] for i in range(4)]

    def _alone(self, backbone: str) -> _Described:
        row = _row(self._tables["best"], "model", backbone)
        n_settings = len(self._settings)
        return _Described(
            backbone,
            backbone,
            f"A classifier head on the frozen backbone {backbone}.",
            counted(n_settings, "setting"),
            row,
            {backbone: {name: row[name] for name in FACTORS if name in row}},
        )

    def _ensemble(self, members: list[Any], recorded: NDArray[np.float32]) -> dict[str, Any]:
        from study.export import assemble

        method = best_method(self._tables["ensemble_runs"])
        valid = predictions.by_replicate(self._params, "valid_probs")[self._replicate]
        made = fit(method, valid, predictions.labels("valid"), seed=self._params.study_seed)
        if made.stacker is not None:
            one = made.stacker
            model = assemble.stack(
                members, centre=one.centre, scale=one.scale, kernel=one.kernel, bias=one.bias
            )
        else:
            model = assemble.soft_vote(members, np.asarray(made.weights))
        settings = {name: self._alone(name).setting[name] for name in self._params.backbones}
        described = _Described(
            ENSEMBLE,
            method,
            f"{method.capitalize()} of {', '.join(self._params.backbones)}.",
            f"{len(candidates(self._tables['ensemble_runs']))} ways to combine that give probabilities",
            _row(self._tables["ensembles"], "method", method),
            settings,
        )
        return self._write(model, described, np.asarray(made(recorded)))

    def _write(self, model: Any, of: _Described, recorded: NDArray[Any]) -> dict[str, Any]:
        from study.export import model_file

        path = self._folder / f"{of.name}.keras"
        model_file.save(model, path)
        probs = model_file.predict(model_file.load(path), self._data.images["test"])
        predicted = recorded.argmax(axis=1)
        n_different = int(np.count_nonzero(probs.argmax(axis=1) != predicted))
        difference = float(np.abs(probs - recorded).max())
        differ = "class differs" if n_different == 1 else "classes differ"
        say(f"{path.name}: {n_different:,} {differ}, probabilities by {difference:.2g} at most")
        temperatures = self._tables["temperatures"]
        here = temperatures[temperatures["replicate"] == self._replicate]
        temperature = float(_row(here, "method", of.method)["temperature"])
        alpha = self._params.analysis.alpha
        labels = self._data.labels["test"]
        described = cards.Card(
            name=of.name,
            file=path.name,
            what=of.what,
            data=self._data.name,
            source=self._data.source,
            image_shape=self._shape,
            classes=self._data.classes,
            setting=of.setting,
            replicate=self._replicate,
            mean=float(of.accuracy["mean"]),
            low=float(of.accuracy["ci_low"]),
            high=float(of.accuracy["ci_high"]),
            n=int(of.accuracy["n"]),
            groups=cards.groups(
                predicted,
                labels,
                self._data.origins["test"],
                classes=self._data.classes,
                origin_names=ORIGINS,
                alpha=alpha,
            ),
            temperature=temperature,
            n_different=n_different,
            largest_difference=difference,
            selected_from=of.selected_from,
            confidence=1 - alpha,
            limits=self._limits(),
        )
        files.write_text(self._folder / f"{of.name}.md", cards.render(described, paths.templates()))
        return {
            "name": of.name,
            "method": of.method,
            "file": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "replicate": self._replicate,
            "temperature": temperature,
            "test_accuracy": float((predicted == labels).mean()),
            "n_classes_different": n_different,
            "max_abs_difference": difference,
        }

    def _limits(self) -> tuple[str, ...]:
        limits = [
            f"Trained on training images of {self._data.name}; on other images nothing is known of it.",
            "It always answers with one of its classes, also where an image shows none of them.",
            f"Images are {self._shape[0]} by {self._shape[1]} pixels; larger ones lose detail when shrunk.",
            "The accuracy is that of the test split; it holds for images drawn as that split was.",
        ]
        if self._params.weights == "random":
            limits.insert(0, "The backbone has random weights, so that it knows nothing of natural images.")
        return tuple(limits)


@dataclass(frozen=True)
class _Described:
    """What the tables say of a model."""

    name: str
    method: str
    what: str
    selected_from: str
    accuracy: dict[str, Any]
    setting: dict[str, dict[str, Any]]


def _row(table: pd.DataFrame, column: str, value: str) -> dict[str, Any]:
    (row,) = table[table[column] == value].to_dict("records")
    return {str(name): item for name, item in row.items()}


def replicate(confirmed: pd.DataFrame) -> int:
    """The first replicate in which no confirmed run diverged.

    Raises
    ------
    FileError
        There is none.
    """
    whole = confirmed.groupby("replicate")["status"].agg(lambda status: bool((status == "ok").all()))
    found = [int(number) for number in whole.index[whole.to_numpy()]]
    if not found:
        raise files.FileError(
            "models: expected a replicate in which every confirmed run ended with finite numbers, received "
            "none; choose a lower lr or models: none"
        )
    return min(found)


def candidates(ensemble_runs: pd.DataFrame) -> list[Method]:
    """The methods of table ``ensemble_runs`` that give probabilities."""
    present = set(ensemble_runs["method"])
    return [method for method in METHODS if method in present and method != "hard voting"]


def best_method(ensemble_runs: pd.DataFrame) -> Method:
    """The way to combine with the highest mean validation accuracy, cross-fitted, that gives probabilities.

    A tie goes to the lower mean validation log loss, then to the first of ``METHODS``.
    """
    means = ensemble_runs.groupby("method")[["valid_accuracy", "valid_log_loss"]].mean().to_dict("index")
    return min(
        candidates(ensemble_runs),
        key=lambda method: (
            -round(float(means[method]["valid_accuracy"]), 12),
            float(means[method]["valid_log_loss"]),
        ),
    )


if __name__ == "__main__":
    run(main)
