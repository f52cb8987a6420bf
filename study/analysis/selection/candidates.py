"""The settings of one model among which one is chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from study.analysis.factor_levels import by_replicate, complete, values
from study.analysis.statistics.intervals import FloatArray, MeanInterval, mean_interval
from study.params import Rules


@dataclass(frozen=True)
class Candidate:
    """A setting, its place in table ``settings``, and its validation accuracy over the runs of a model."""

    setting: str
    position: int
    interval: MeanInterval

    def order(self, rule: str) -> tuple[float, float, int]:
        """Sort key by rule ``mean`` or ``lower_bound``, best first; a missing number is the worst."""
        mean = _last_if_missing(float(self.interval.mean))
        bound = _last_if_missing(float(self.interval.low))
        return (mean if rule == "mean" else bound, mean, self.position)

    @property
    def spread(self) -> float:
        """Standard deviation; one that a single run does not have counts as the largest."""
        sd = float(self.interval.sd)
        return float("inf") if np.isnan(sd) else sd


def candidates(of_model: pd.DataFrame, settings: pd.DataFrame, *, rules: Rules) -> list[Candidate]:
    """The settings that have runs among those of one model, in the order of table ``settings``."""
    return [
        Candidate(setting, position, mean_interval(values(runs, "valid_accuracy"), alpha=rules.alpha))
        for position, setting in enumerate(settings["setting"])
        if len(runs := of_model[of_model["setting"] == setting])
    ]


def complete_settings(
    of_model: pd.DataFrame, settings: pd.DataFrame
) -> tuple[list[str], FloatArray, FloatArray]:
    """The settings that have runs of one model, with their validation and test accuracy.

    Both are (n_replicates, n_settings), over the replicates that have all of them.
    """
    runs = {name: of_model[of_model["setting"] == name] for name in settings["setting"]}
    there = {name: of_setting for name, of_setting in runs.items() if len(of_setting)}
    valid, test = (
        complete([by_replicate(of_setting, f"{split}_accuracy") for of_setting in there.values()])
        for split in ("valid", "test")
    )
    return list(there), valid, test


def _last_if_missing(value: float) -> float:
    return float("inf") if np.isnan(value) else -value
