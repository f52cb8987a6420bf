"""The few numbers that a comparison of experiments lists."""

from __future__ import annotations

import math

import pandas as pd

from study.analysis.ensembles.baseline import SINGLE


def headline(
    results: pd.DataFrame,
    best: pd.DataFrame,
    ensembles: pd.DataFrame,
    comparisons: pd.DataFrame,
    claims: pd.DataFrame,
) -> dict[str, float]:
    """Numbers by short name, sorted: fractions of test accuracy, and counts.

    Parameters
    ----------
    results
        Table ``results`` of both phases.
    best, ensembles, comparisons, claims
        The tables of these names.

    Returns
    -------
    dict
        ``runs`` and ``diverged``; for each model ``<model>_acc``, ``_low`` and ``_high``, the confirmed mean
        and the ends of its t interval; for each ensemble ``<method>_acc``, spaces as underscores; and
        ``ensemble_acc``, the highest of those means, which is no estimate of one chosen beforehand; for each
        verdict ``verdict_<verdict>``, comparisons of test accuracy, and ``claims_<verdict>``. A number that
        does not exist, as an interval of one run, has no entry: JSON cannot hold a NaN.
    """
    numbers = {"runs": float(len(results)), "diverged": float((results["status"] == "diverged").sum())}
    for row in best.to_dict("records"):
        numbers |= {
            f"{row['model']}_acc": float(row["mean"]),
            f"{row['model']}_low": float(row["ci_low"]),
            f"{row['model']}_high": float(row["ci_high"]),
        }
    combined = ensembles[ensembles["method"] != SINGLE]
    for row in combined.to_dict("records"):
        numbers[f"{str(row['method']).replace(' ', '_')}_acc"] = float(row["mean"])
    numbers["ensemble_acc"] = float(combined["mean"].max()) if len(combined) else math.nan
    of_test = comparisons.loc[comparisons["metric"] == "test_accuracy", "verdict"]
    for name, verdicts in (("verdict", of_test), ("claims", claims["verdict"])):
        for verdict, n in verdicts.value_counts().items():
            numbers[f"{name}_{str(verdict).replace(' ', '_')}"] = float(n)
    return {name: value for name, value in sorted(numbers.items()) if math.isfinite(value)}
