"""Two methods compared on one data set: paired where their seeds match, otherwise by Welch's test."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from study.analysis.methods.runs import best_first, datasets, finite, pairs, share_better
from study.analysis.statistics import multiplicity
from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.paired import differences
from study.analysis.statistics.power import replicates_needed
from study.analysis.statistics.unpaired import hedges_g, welch
from study.params import Rules
from study.tables.methods import COMPARED

PAIRED, UNPAIRED = "paired", "unpaired"
_JUDGED = ("simultaneous_low", "simultaneous_high", "p_holm", "mde", "verdict")


def compared(measured: pd.DataFrame, *, rules: Rules, lower_is_better: bool, reference: str) -> pd.DataFrame:
    """Table ``compared``; all its rows are one family, corrected in both directions.

    Two methods are paired where they were run with the same seeds; a seed of which a run diverged is left
    out. The method with the better mean stands first, unless there is a reference.
    """
    rows, estimates = [], []
    for name, values in datasets(measured):
        seeds = _planned(measured, name)
        names = best_first(values.mean(), lower_is_better=lower_is_better)
        for one, other in pairs(names, reference):
            is_paired = seeds[one] == seeds[other]
            row, found = (
                _paired(values[[one, other]], lower_is_better)
                if is_paired
                else _unpaired(finite(values[one]), finite(values[other]), rules)
            )
            rows.append({"dataset": name, "method": one, "other": other, **row})
            estimates.append(found)
    judged = judge(estimates, rules=rules)
    whole = [{**row, **verdicts} for row, verdicts in zip(rows, judged, strict=True)]
    for row, found in zip(whole, estimates, strict=True):
        row["n_needed"] = _needed(found, rules, family=len(estimates))
    return COMPARED.conform(pd.DataFrame(whole, columns=list(COMPARED.columns)))


def judge(estimates: list[Estimate], *, rules: Rules) -> list[dict[str, Any]]:
    """Intervals, p values and verdict of each estimate of one family, both directions corrected over it."""
    family = multiplicity.judge([{"judged": one, "seeds": one} for one in estimates], rules=rules)
    rows = []
    for one, judged in zip(estimates, family, strict=True):
        low, high = one.interval(alpha=rules.alpha)
        p_tost = one.p_within(rules.margin) if rules.margin else np.nan
        row = {"diff": one.mean, "ci_low": low, "ci_high": high, "p": one.p_zero, "p_tost": p_tost}
        tost_holm = judged["p_tost_holm"] if rules.margin else np.nan
        rows.append({**{name: judged[name] for name in _JUDGED}, **row, "p_tost_holm": tost_holm})
    return rows


def _needed(one: Estimate, rules: Rules, family: int) -> float:
    if rules.margin == 0 or math.isnan(one.df) or one.se == 0:
        return float("nan")
    sd = one.se * math.sqrt(one.n)
    return replicates_needed(rules.margin, sd, alpha=rules.alpha / family, power=rules.power)


def _planned(measured: pd.DataFrame, dataset: str) -> dict[str, frozenset[str]]:
    """Seeds of each method, those of diverged runs included."""
    here = measured[measured["dataset"] == dataset]
    return {str(name): frozenset(part) for name, part in here.groupby("method", sort=False)["seed"]}


def _paired(both: pd.DataFrame, lower_is_better: bool) -> tuple[dict[str, Any], Estimate]:
    known = both[np.isfinite(both.to_numpy(np.float64)).all(axis=1)].to_numpy(np.float64)
    differed = differences(known[:, 0], known[:, 1])
    found = of_replicates(differed)
    row = {
        "design": PAIRED,
        "n": found.n,
        "n_other": found.n,
        "effect": _standardised(found),
        "effect_ci_low": np.nan,
        "effect_ci_high": np.nan,
        "wins": share_better(differed, lower_is_better=lower_is_better),
    }
    return row, found


def _unpaired(first: FloatArray, second: FloatArray, rules: Rules) -> tuple[dict[str, Any], Estimate]:
    g, low, high = hedges_g(first, second, alpha=rules.alpha)
    row = {
        "design": UNPAIRED,
        "n": len(first),
        "n_other": len(second),
        "effect": g,
        "effect_ci_low": low,
        "effect_ci_high": high,
        "wins": np.nan,
    }
    return row, welch(first, second)


def _standardised(found: Estimate) -> float:
    if math.isnan(found.se) or found.se == 0:
        return float("nan")
    return found.mean / (found.se * math.sqrt(found.n))
