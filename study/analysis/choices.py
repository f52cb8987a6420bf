"""What the way of choosing a setting does."""

from __future__ import annotations

from functools import partial
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from study.analysis import layout
from study.analysis.selection import Candidate, candidates, order
from study.analysis.statistics.intervals import FloatArray, mean_interval
from study.tables.definitions import CHOICES, EXPECTED_BEST


def choices(results: pd.DataFrame, settings: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Table ``choices``: the setting with the highest mean, with the highest lower bound, and the front.

    On validation accuracy of the explore phase. A tie goes to the setting that stands first in ``settings``.
    A setting is on the front where no other has a higher mean and no larger standard deviation, or the same
    mean and a smaller one.
    """
    explore = layout.phase(results, "explore")
    rows = []
    for model in layout.models(explore):
        of_model = explore[explore["model"] == model]
        found = candidates(of_model, list(settings["setting"]), alpha=alpha)
        if not found:
            continue
        chosen = [(rule, min(found, key=partial(order, rule=rule))) for rule in ("mean", "lower_bound")]
        chosen += [("front", one) for one in _front(found)]
        rows += [{"model": model, "rule": rule, **_row(one, of_model, alpha)} for rule, one in chosen]
    return CHOICES.conform(pd.DataFrame(rows, columns=list(CHOICES.columns)))


def expected_best(results: pd.DataFrame, settings: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Table ``expected_best``: what the best of k settings, each run once, may be expected to show.

    In each replicate, the mean over all subsets of k settings of the highest validation accuracy in the
    subset, and of the test accuracy of the setting that has it; exact, from order statistics. Only settings
    and replicates that are complete count. Ties go to the setting that stands first in ``settings``.

    References
    ----------
    Dodge et al. (2019), Show your work: improved reporting of experimental results; here for subsets drawn
    without replacement.
    """
    explore = layout.phase(results, "explore")
    rows: list[dict[str, Any]] = []
    for model in layout.models(explore):
        valid, test = _complete(explore[explore["model"] == model], list(settings["setting"]))
        n_settings = valid.shape[1]
        for k in range(1, n_settings + 1) if len(valid) else ():
            best_valid, best_test = best_of(valid, test, k)
            _, test_mean, _, test_low, test_high = mean_interval(best_test, alpha=alpha)
            rows.append(
                {
                    "model": model,
                    "n_settings": k,
                    **mean_interval(best_valid, alpha=alpha).row(),
                    "test_mean": float(test_mean),
                    "test_ci_low": float(test_low),
                    "test_ci_high": float(test_high),
                }
            )
    return EXPECTED_BEST.conform(pd.DataFrame(rows, columns=list(EXPECTED_BEST.columns)))


def best_of(valid: FloatArray, test: FloatArray, k: int) -> tuple[FloatArray, FloatArray]:
    """Expected best validation accuracy of ``k`` settings, and the test accuracy of the one that has it.

    Parameters
    ----------
    valid, test
        (n_replicates, n_settings).

    Returns
    -------
    Two vectors (n_replicates,). The setting of rank i from below is the best of a subset with probability
    C(i - 1, k - 1) / C(n_settings, k).
    """
    n_settings = valid.shape[1]
    weights = np.array([comb(i, k - 1) / comb(n_settings, k) for i in range(n_settings)])
    ascending = np.argsort(valid[:, ::-1], axis=1, kind="stable")
    ranked_valid = np.take_along_axis(valid[:, ::-1], ascending, axis=1)
    ranked_test = np.take_along_axis(test[:, ::-1], ascending, axis=1)
    return np.asarray(ranked_valid @ weights), np.asarray(ranked_test @ weights)


def _row(candidate: Candidate, of_model: pd.DataFrame, alpha: float) -> dict[str, Any]:
    runs = of_model[of_model["setting"] == candidate.setting]
    test = mean_interval(runs["test_accuracy"].to_numpy(dtype=float), alpha=alpha)
    return {
        "setting": candidate.setting,
        "n": candidate.interval.n,
        "valid_mean": float(candidate.interval.mean),
        "valid_sd": float(candidate.interval.sd),
        "valid_low": float(candidate.interval.low),
        "test_mean": float(test.mean),
        "test_sd": float(test.sd),
    }


def _front(found: list[Candidate]) -> list[Candidate]:
    def beats(one: Candidate, other: Candidate) -> bool:
        mean, other_mean = one.interval.mean, other.interval.mean
        spread, other_spread = _spread(one), _spread(other)
        at_least = mean >= other_mean and spread <= other_spread
        return bool(at_least and (mean > other_mean or spread < other_spread))

    known = [one for one in found if not np.isnan(one.interval.mean)]
    return [one for one in known if not any(beats(other, one) for other in known)]


def _spread(candidate: Candidate) -> float:
    """A standard deviation that one run alone does not have counts as the largest."""
    sd = float(candidate.interval.sd)
    return float("inf") if np.isnan(sd) else sd


def _complete(of_model: pd.DataFrame, names: list[str]) -> tuple[FloatArray, FloatArray]:
    def wide(column: str) -> FloatArray:
        columns = {
            name: of_model[of_model["setting"] == name].set_index("replicate")[column] for name in names
        }
        there = [values for values in columns.values() if len(values)]
        table = pd.concat(there, axis=1, join="inner").sort_index() if there else pd.DataFrame()
        return np.asarray(table, dtype=float)

    valid, test = wide("valid_accuracy"), wide("test_accuracy")
    return (valid, test) if valid.shape == test.shape else (valid[:0], test[:0])
