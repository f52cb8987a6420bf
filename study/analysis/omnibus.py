"""Whether a factor matters at all, over all its levels."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from study.analysis import layout
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.named_rng import generator
from study.analysis.statistics.paired import holm, t_test
from study.analysis.statistics.permutation import within_replicates
from study.tables.definitions import OMNIBUS


def omnibus(
    results: pd.DataFrame, levels: pd.DataFrame, *, ordered_factors: Collection[str], seed: int
) -> pd.DataFrame:
    """Table ``omnibus``: per model and factor of two levels or more, on test accuracy of the explore phase.

    F of the replicate x level layout over the replicates that have every level; its p from reassigning the
    levels within replicates (``permutation.within_replicates``), Holm over one model's factors. For an
    ordered factor also ``trend``, the mean slope of accuracy per step of ``position``, with the p of a t
    test of the replicates' slopes, not corrected; missing for the others.

    Parameters
    ----------
    seed
        Of the reassignments, where not all are enumerated.
    """
    explore = layout.phase(results, "explore")
    rows: list[dict[str, Any]] = []
    for model in layout.models(explore):
        family = []
        for factor in layout.factors(levels):
            of_factor = list(layout.at_levels(explore, levels, model, factor))
            if len(of_factor) < 2:
                continue
            values = complete(of_factor)
            rng = generator("omnibus", model, factor, seed=seed)
            row = {
                "model": model,
                "factor": factor,
                "n": len(values),
                "k": len(of_factor),
                "f": f_statistic(values),
                "p": within_replicates(values, rng=rng),
            }
            positions = np.array([level.position for level in of_factor], dtype=float)
            family.append({**row, **_trend(values, positions, factor in ordered_factors, rng)})
        adjusted = holm(np.array([row["p"] for row in family], dtype=float))
        rows += [{**row, "p_holm": p} for row, p in zip(family, adjusted, strict=True)]
    return OMNIBUS.conform(pd.DataFrame(rows, columns=list(OMNIBUS.columns)))


def complete(of_factor: list[layout.Level]) -> FloatArray:
    """Test accuracy (n_replicates, n_levels) of the replicates that have every level."""
    columns = [level.runs.set_index("replicate")["test_accuracy"] for level in of_factor]
    return pd.concat(columns, axis=1, join="inner").sort_index().to_numpy(dtype=float)


def f_statistic(values: FloatArray) -> float:
    """F of the levels in a replicate x level layout without interaction, ``values`` (n, k).

    0 where all level means are equal, infinite where the levels alone explain everything, NaN for fewer than
    two replicates or levels or a value that is not finite.
    """
    n, k = values.shape
    if n < 2 or k < 2 or not np.isfinite(values).all():
        return float("nan")
    centred = values - values.mean(axis=1, keepdims=True)
    level_means = centred.mean(axis=0)
    between = n * float((level_means**2).sum())
    within = float(((centred - level_means) ** 2).sum())
    noise = 1e-18 * max(float((values**2).sum()), 1e-300)
    if between <= noise:
        return 0.0
    return between / (k - 1) / (within / ((n - 1) * (k - 1))) if within > noise else float("inf")


def slopes(values: FloatArray, positions: FloatArray) -> FloatArray:
    """Least-squares slope over ``positions`` (k,) of each row of ``values`` (n, k)."""
    steps = positions - positions.mean()
    return np.asarray(values @ steps / (steps**2).sum())


def _trend(
    values: FloatArray, positions: FloatArray, ordered: bool, rng: np.random.Generator
) -> dict[str, float]:
    if not ordered or len(values) == 0:
        return {"trend": float("nan"), "p_trend": float("nan")}
    of_replicates = np.round(slopes(values, positions), 12)
    return {"trend": float(of_replicates.mean()), "p_trend": t_test(of_replicates, rng=rng)}
