"""The values that claims are judged on, by replicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from study.analysis import factor_levels
from study.analysis.claims.sides import Side
from study.analysis.correctness import Correctness
from study.analysis.statistics.crossed import BoolMatrix
from study.errors import StudyError

TEST, VALID, TRAIN = "test_accuracy", "valid_accuracy", "train_accuracy"
INSTABILITY = "valid_instability"
"""Standard deviation of the changes of validation accuracy from epoch to epoch, over those that end in the
second half of training, when the first steep rise is over."""


class NotTestableError(StudyError):
    """This study lacks what a claim is about; the message says what, as a clause."""


@dataclass(frozen=True)
class ClaimData:
    """What the hypotheses look values up in.

    Attributes
    ----------
    explore, confirm
        Rows of table ``results`` of one phase; ``explore`` with the column ``valid_instability``.
    levels, settings, ensemble_runs
        The tables of these names.
    dataset
        Name of the data set.
    margin
        Half-width of equivalence, a fraction.
    correct
        By metric, which run classified which image right.
    ensemble_correct
        By method (n_replicates, n_images), rows in order of replicate.
    """

    explore: pd.DataFrame
    confirm: pd.DataFrame
    levels: pd.DataFrame
    settings: pd.DataFrame
    ensemble_runs: pd.DataFrame
    dataset: str
    margin: float
    correct: Mapping[str, Correctness] = field(default_factory=dict)
    ensemble_correct: Mapping[str, BoolMatrix] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        results: pd.DataFrame,
        history: pd.DataFrame,
        levels: pd.DataFrame,
        settings: pd.DataFrame,
        ensemble_runs: pd.DataFrame,
        *,
        dataset: str,
        margin: float,
        correct: Mapping[str, Correctness] | None = None,
        ensemble_correct: Mapping[str, BoolMatrix] | None = None,
    ) -> ClaimData:
        """From the tables of these names, ``results`` and ``history`` of both phases.

        A metric or method without correctness is judged over seeds alone.
        """
        explore, confirm = (factor_levels.phase(results, phase) for phase in ("explore", "confirm"))
        explore = explore.merge(instability(history).reset_index(), on="run", how="left")
        images = correct or {}, ensemble_correct or {}
        return cls(explore, confirm, levels, settings, ensemble_runs, dataset, margin, *images)

    @property
    def models(self) -> list[str]:
        """The study's models, in alphabetical order."""
        return factor_levels.models(self.explore)

    def model(self, published: str) -> str:
        """The study's name of a model, whose letters and digits are those of the ``published`` one.

        Raises
        ------
        NotTestableError
            The study does not have the model.
        """
        for model in self.models:
            if _plain(model) == _plain(published):
                return model
        raise NotTestableError(f"the study has no {published}")

    def at_level(self, model: str, factor: str, level: str, metric: str) -> Side:
        """``metric`` of the model's explore runs at a level, by replicate.

        Raises
        ------
        NotTestableError
            There is no such level, or it has no run.
        """
        row = self.levels[(self.levels["factor"] == factor) & (self.levels["level"] == level)]
        if row.empty:
            raise NotTestableError(f"the study has no {level} among the levels of {factor}")
        return self.at_setting(model, str(row["setting"].iloc[0]), metric)

    def at_setting(self, model: str, setting: str, metric: str) -> Side:
        """``metric`` of the model's explore runs at a setting, by replicate.

        Raises
        ------
        NotTestableError
            There is no such run, or the metric is not defined for any of them.
        """
        chosen = self.explore[(self.explore["model"] == model) & (self.explore["setting"] == setting)]
        if chosen.empty:
            raise NotTestableError(f"the study has no run of {model} at {setting}")
        if metric == INSTABILITY and chosen[metric].isna().all():
            raise NotTestableError("training is too short to show how validation accuracy varies over epochs")
        return self._side(chosen, metric)

    def confirmed(self, model: str) -> Side:
        """Test accuracy of the model's confirm runs, by replicate.

        Raises
        ------
        NotTestableError
            There is none.
        """
        chosen = self.confirm[self.confirm["model"] == model]
        if chosen.empty:
            raise NotTestableError(f"the study has no confirmed run of {model}")
        return self._side(chosen, TEST)

    def combined(self, method: str) -> Side:
        """Test accuracy of an ensemble, or of ``single``, by replicate.

        Raises
        ------
        NotTestableError
            The method was not run.
        """
        chosen = self.ensemble_runs[self.ensemble_runs["method"] == method]
        if chosen.empty:
            raise NotTestableError(f"the study has no {method}")
        return Side(factor_levels.by_replicate(chosen, TEST), self.ensemble_correct.get(method))

    def _side(self, runs: pd.DataFrame, metric: str) -> Side:
        correct = self.correct.get(metric)
        names = runs.sort_values("replicate")["run"]
        return Side(factor_levels.by_replicate(runs, metric), correct.of(names) if correct else None)


def instability(history: pd.DataFrame) -> pd.Series[float]:
    """``valid_instability`` by run, from table ``history``; NaN where fewer than two changes count.

    A change counts when it ends after half the epochs of its run.
    """
    ordered = history.sort_values(["run", "epoch"], kind="stable")
    runs = ordered["run"]
    change = ordered.groupby("run")["valid_accuracy"].diff()
    first, last = (ordered.groupby("run")["epoch"].transform(end) for end in ("min", "max"))
    late = ordered["epoch"] - first + 1 > (last - first + 1) / 2
    spread = change.where(late).groupby(runs).std(ddof=1)
    return spread.rename(INSTABILITY)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
