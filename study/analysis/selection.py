"""Which setting of each model is confirmed, chosen on validation accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from study.analysis import layout
from study.analysis.statistics.intervals import MeanInterval, mean_interval
from study.tables.definitions import SELECTION


def select(
    results: pd.DataFrame, settings: pd.DataFrame, *, rule: Literal["mean", "lower_bound"], alpha: float
) -> pd.DataFrame:
    """Table ``selection``: each model's best setting over its explore replicates.

    Rule ``mean`` takes the highest mean validation accuracy, ``lower_bound`` the highest lower end of its t
    interval, which a setting of one run does not have: such a setting stands behind those that have one, by
    its mean. A tie goes to the setting that stands first in ``settings``, where the reference is the first.
    A diverged run counts with its final accuracy, so a setting that has one is chosen only if its mean is
    the best with it. ``runner_up`` is empty where there is one setting.

    Raises
    ------
    ValueError
        A model has no run of any setting, or ``rule`` is unknown.
    """
    if rule not in ("mean", "lower_bound"):
        raise ValueError(f"selection rule: expected mean or lower_bound, received {rule!r}")
    explore = layout.phase(results, "explore")
    rows = []
    for model in layout.models(results):
        of_model = explore[explore["model"] == model]
        found = candidates(of_model, list(settings["setting"]), alpha=alpha)
        ranked = sorted(found, key=lambda candidate: order(candidate, rule))
        if not ranked:
            raise ValueError(
                f"selection of {model}: expected explore runs of a setting in the table, received none"
            )
        first, second = ranked[0], ranked[1] if len(ranked) > 1 else None
        rows.append(
            {
                "model": model,
                "setting": first.setting,
                "n": first.interval.n,
                "valid_mean": float(first.interval.mean),
                "valid_sd": float(first.interval.sd),
                "runner_up": second.setting if second else "",
                "runner_up_valid_mean": float(second.interval.mean) if second else np.nan,
                "n_settings": len(ranked),
            }
        )
    return SELECTION.conform(pd.DataFrame(rows, columns=list(SELECTION.columns)))


def best_model(selection: pd.DataFrame) -> str:
    """The model with the highest ``valid_mean`` in table ``selection``; the first of the alphabet on a tie.

    Raises
    ------
    ValueError
        The table is empty.
    """
    if selection.empty:
        raise ValueError("table selection: expected at least one model, received none")
    ordered = selection.sort_values(["valid_mean", "model"], ascending=[False, True], kind="stable")
    return str(ordered["model"].iloc[0])


@dataclass(frozen=True)
class Candidate:
    """A setting, its place in table ``settings``, and its validation accuracy over the runs of a model."""

    setting: str
    position: int
    interval: MeanInterval


def candidates(of_model: pd.DataFrame, settings: list[str], *, alpha: float) -> list[Candidate]:
    """The settings that have runs among those of one model, in the given order."""
    found = []
    for position, setting in enumerate(settings):
        values = of_model.loc[of_model["setting"] == setting, "valid_accuracy"].to_numpy(dtype=float)
        if len(values):
            found.append(Candidate(setting, position, mean_interval(values, alpha=alpha)))
    return found


def order(candidate: Candidate, rule: str) -> tuple[float, float, int]:
    """Sort key by rule ``mean`` or ``lower_bound``, best first; a missing number is the worst."""
    mean = _last_if_missing(float(candidate.interval.mean))
    bound = _last_if_missing(float(candidate.interval.low))
    return (mean if rule == "mean" else bound, mean, candidate.position)


def _last_if_missing(value: float) -> float:
    return float("inf") if np.isnan(value) else -value
