"""What the way of choosing a setting does."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from study.analysis import layout
from study.analysis.intervals import FloatArray, mean_interval
from study.tables import CHOICES, EXPECTED_BEST

_MISSING_SPREAD = float("inf")


def choices(results: pd.DataFrame, settings: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Table ``choices``: the setting with the highest mean, with the highest lower bound, and the front.

    On validation accuracy of the explore phase. A tie goes to the setting that stands first in ``settings``.
    A setting is on the front where no other has a higher mean and no larger standard deviation, or the same
    mean and a smaller one.
    """
    explore = layout.phase(results, "explore")
    rows = []
    for model in layout.models(explore):
        candidates = list(_candidates(explore[explore["model"] == model], list(settings["setting"]), alpha))
        if not candidates:
            continue
        by_mean = max(candidates, key=lambda one: _known(one["valid_mean"]))
        by_bound = max(candidates, key=lambda one: (_known(one["valid_low"]), _known(one["valid_mean"])))
        rows.append({"model": model, "rule": "mean", **by_mean})
        rows.append({"model": model, "rule": "lower_bound", **by_bound})
        rows += [{"model": model, "rule": "front", **one} for one in _front(candidates)]
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
            n, mean, sd, low, high = mean_interval(best_valid, alpha=alpha)
            _, test_mean, _, test_low, test_high = mean_interval(best_test, alpha=alpha)
            rows.append(
                {
                    "model": model,
                    "n_settings": k,
                    "n": n,
                    "mean": float(mean),
                    "sd": float(sd),
                    "ci_low": float(low),
                    "ci_high": float(high),
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
    order = np.argsort(valid[:, ::-1], axis=1, kind="stable")
    ranked_valid = np.take_along_axis(valid[:, ::-1], order, axis=1)
    ranked_test = np.take_along_axis(test[:, ::-1], order, axis=1)
    return np.asarray(ranked_valid @ weights), np.asarray(ranked_test @ weights)


def _candidates(of_model: pd.DataFrame, names: list[str], alpha: float) -> Iterator[dict[str, Any]]:
    for name in names:
        runs = of_model[of_model["setting"] == name]
        if runs.empty:
            continue
        n, mean, sd, low, _ = mean_interval(runs["valid_accuracy"].to_numpy(dtype=float), alpha=alpha)
        _, test_mean, test_sd, _, _ = mean_interval(runs["test_accuracy"].to_numpy(dtype=float), alpha=alpha)
        yield {
            "setting": name,
            "n": n,
            "valid_mean": float(mean),
            "valid_sd": float(sd),
            "valid_low": float(low),
            "test_mean": float(test_mean),
            "test_sd": float(test_sd),
        }


def _front(candidates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def beats(one: dict[str, Any], other: dict[str, Any]) -> bool:
        mean, spread = one["valid_mean"], _spread(one)
        other_mean, other_spread = other["valid_mean"], _spread(other)
        return mean >= other_mean and spread <= other_spread and (mean > other_mean or spread < other_spread)

    return [
        one
        for one in candidates
        if not np.isnan(one["valid_mean"]) and not any(beats(other, one) for other in candidates)
    ]


def _spread(candidate: dict[str, Any]) -> float:
    sd = float(candidate["valid_sd"])
    return _MISSING_SPREAD if np.isnan(sd) else sd


def _known(value: float) -> float:
    return float("-inf") if np.isnan(value) else value


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
