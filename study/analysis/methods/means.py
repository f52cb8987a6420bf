"""Each method's mean on each data set, how often it is best, and the places that the verdicts leave open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from study.analysis.methods.runs import best_first, datasets, finite
from study.analysis.statistics.intervals import mean_interval, share_interval
from study.analysis.statistics.subsets import times_top
from study.params import Rules
from study.tables.methods import METHODS


def means(
    measured: pd.DataFrame, compared: pd.DataFrame, *, rules: Rules, lower_is_better: bool
) -> pd.DataFrame:
    """Table ``methods``, on each data set the best first.

    The places of a method go from one more than those that differ and are better, to all but those that
    differ and are worse: with confidence 1 - alpha all true places lie within at once. They are known where
    every pair is compared.
    """
    rows: list[dict[str, Any]] = []
    for name, values in datasets(measured):
        here = measured[measured["dataset"] == name]
        top = _top(values, rules=rules, lower_is_better=lower_is_better)
        places = _places(compared[compared["dataset"] == name], [str(one) for one in values], lower_is_better)
        for method in best_first(values.mean(), lower_is_better=lower_is_better):
            known = finite(values[method])
            n_runs = int((here["method"] == method).sum())
            rows.append(
                {
                    "dataset": name,
                    "method": method,
                    "n_diverged": n_runs - len(known),
                    "n_missing": len(values) - n_runs,
                    **mean_interval(known, alpha=rules.alpha).row(),
                    **top[method],
                    **places[method],
                }
            )
    return METHODS.conform(pd.DataFrame(rows, columns=list(METHODS.columns)))


def _top(values: pd.DataFrame, *, rules: Rules, lower_is_better: bool) -> dict[str, dict[str, float]]:
    shared = values[np.isfinite(values.to_numpy(np.float64)).all(axis=1)].to_numpy(np.float64)
    n = len(shared)
    missing = {"n_shared": n, **dict.fromkeys(("times_top", "top_ci_low", "top_ci_high"), float("nan"))}
    if n < 2 or values.shape[1] < 2:
        return {str(method): missing for method in values}
    times = times_top(-shared if lower_is_better else shared).tolist()
    found = {}
    for method, won in zip(values, times, strict=True):
        low, high = share_interval(won, n, alpha=rules.alpha)
        found[str(method)] = {"n_shared": n, "times_top": float(won), "top_ci_low": low, "top_ci_high": high}
    return found


def _places(compared: pd.DataFrame, methods: list[str], lower_is_better: bool) -> dict[str, dict[str, float]]:
    k = len(methods)
    if len(compared) != k * (k - 1) // 2:
        return {name: {"rank_low": float("nan"), "rank_high": float("nan")} for name in methods}
    differ = compared[compared["verdict"].str.startswith("different")]
    is_better = differ["diff"] < 0 if lower_is_better else differ["diff"] > 0
    better = differ["method"].where(is_better, differ["other"]).value_counts()
    worse = differ["other"].where(is_better, differ["method"]).value_counts()
    return {
        name: {"rank_low": 1.0 + worse.get(name, 0), "rank_high": float(k - better.get(name, 0))}
        for name in methods
    }
