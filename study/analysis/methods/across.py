"""Methods over several data sets: the average difference, seeds within sets, and the mean place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from study.analysis.methods.comparisons import judge
from study.analysis.methods.runs import best_first, pairs, share_better
from study.analysis.statistics.estimates import of_replicates
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.paired import differences
from study.params import Rules
from study.tables.methods import ACROSS, RANKED


def across(measured: pd.DataFrame, *, rules: Rules, lower_is_better: bool, reference: str) -> pd.DataFrame:
    """Table ``across``, one family; no rows where there is one data set.

    A set's value is the difference of the two means over seeds, so the interval over sets holds both the
    seeds' and the sets' variance and speaks of new sets like these.
    """
    sets = _means(measured)
    rows: list[dict[str, Any]] = []
    estimates = []
    names = best_first(sets.mean(), lower_is_better=lower_is_better)
    for one, other in pairs(names, reference) if len(sets) > 1 else ():
        both = sets[[one, other]].dropna().to_numpy(np.float64)
        differed = differences(both[:, 0], both[:, 1])
        found = of_replicates(differed)
        wins = share_better(differed, lower_is_better=lower_is_better)
        rows.append({"method": one, "other": other, "n": found.n, "wins": wins})
        estimates.append(found)
    whole = [{**row, **one} for row, one in zip(rows, judge(estimates, rules=rules), strict=True)]
    return ACROSS.conform(pd.DataFrame(whole, columns=list(ACROSS.columns)))


def ranked(measured: pd.DataFrame, *, rules: Rules, lower_is_better: bool) -> pd.DataFrame:
    """Table ``ranked``, the best first; no rows where fewer than two data sets have every method."""
    sets = _means(measured).dropna()
    if len(sets) < 2:
        return RANKED.conform(pd.DataFrame(columns=list(RANKED.columns)))
    values = sets.to_numpy(np.float64)
    places = stats.rankdata(values if lower_is_better else -values, axis=1)
    n, mean, _, low, high = mean_interval(places, alpha=rules.alpha)
    rows = [
        {"method": str(method), "n": n, "mean_rank": mean[i], "ci_low": low[i], "ci_high": high[i]}
        for i, method in enumerate(sets)
    ]
    frame = pd.DataFrame(rows).sort_values(["mean_rank", "method"], ignore_index=True)
    return RANKED.conform(frame)


def _means(measured: pd.DataFrame) -> pd.DataFrame:
    """Mean over the runs that ended with a number; rows are data sets, columns methods in order."""
    known = measured[np.isfinite(measured["value"])]
    means: pd.DataFrame = known.pivot_table(index="dataset", columns="method", values="value", sort=False)
    return means
