"""Which of two paired sides varies less over replicates."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from study.analysis import layout
from study.analysis.comparisons import against_reference
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.paired import holm, pair
from study.tables.definitions import STEADINESS_LEVELS, STEADINESS_MODELS

_LEAST = 3
"""Fewest replicates from which a correlation can be tested."""


def compare_spread(first: FloatArray, second: FloatArray, *, alpha: float) -> dict[str, float]:
    """The ratio of two standard deviations over the same replicates, with the test of Pitman and Morgan.

    Parameters
    ----------
    first, second
        (n,) each, entry i of both from the same replicate.
    alpha
        The interval has confidence 1 - alpha.

    Returns
    -------
    dict
        ``n``, ``sd`` and ``sd_other`` of the two sides, ``ratio`` with its interval,
        ``p_pitman_morgan`` (the correlation of sums with differences is zero where the spreads are equal) and
        ``p_brown_forsythe``, which ignores the pairing. NaN below three replicates or where a side does not
        vary.

    References
    ----------
    Pitman (1939) and Morgan (1939), both in Biometrika 31. The interval of the ratio of variances F is
    F (K -+ sqrt(K^2 - 1)) with K = 1 + 2 (1 - r^2) t^2 / (n - 2): Snedecor and Cochran, Statistical Methods.
    """
    n = len(first)
    sds = [float(side.std(ddof=1)) if n > 1 else float("nan") for side in (first, second)]
    row = {"n": n, "sd": sds[0], "sd_other": sds[1]}
    missing = dict.fromkeys(
        ("ratio", "ratio_ci_low", "ratio_ci_high", "p_pitman_morgan", "p_brown_forsythe"), float("nan")
    )
    values = np.concatenate([first, second])
    if n < _LEAST or not np.isfinite(values).all() or min(np.ptp(first), np.ptp(second)) == 0:
        return row | missing
    quotient = (sds[0] / sds[1]) ** 2
    correlation = float(np.corrcoef(first, second)[0, 1])
    quantile = float(stats.t.ppf(1 - alpha / 2, n - 2))
    k = 1 + 2 * max(1 - correlation**2, 0.0) * quantile**2 / (n - 2)
    low, high = (quotient * (k + sign * np.sqrt(k**2 - 1)) for sign in (-1, 1))
    return row | {
        "ratio": float(np.sqrt(quotient)),
        "ratio_ci_low": float(np.sqrt(low)),
        "ratio_ci_high": float(np.sqrt(high)),
        "p_pitman_morgan": _pitman_morgan(first, second),
        "p_brown_forsythe": float(stats.levene(first, second, center="median").pvalue),
    }


def steadiness_models(results: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Table ``steadiness_models``: pairs of confirmed models, Holm over them.

    Parameters
    ----------
    results
        Table ``results``, one setting a model in the confirm phase; other rows are ignored.
    """
    confirm = layout.phase(results, "confirm")
    rows = []
    for model, other in itertools.combinations(layout.models(confirm), 2):
        sides = pair(confirm[confirm["model"] == model], confirm[confirm["model"] == other])
        rows.append({"model": model, "other": other, **compare_spread(*_accuracies(sides), alpha=alpha)})
    return STEADINESS_MODELS.conform(pd.DataFrame(_corrected(rows), columns=list(STEADINESS_MODELS.columns)))


def steadiness_levels(results: pd.DataFrame, levels: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Table ``steadiness_levels``: levels over the reference, explore phase, Holm over a model's levels."""
    explore = layout.phase(results, "explore")
    rows: list[dict[str, Any]] = []
    for model in layout.models(explore):
        family = []
        for reference, level in against_reference(explore, levels, model):
            second, first = pair(reference.runs, level.runs)
            name = {"model": model, "factor": level.factor, "level": level.level}
            spread = compare_spread(*_accuracies((first, second)), alpha=alpha)
            family.append({**name, "reference_level": reference.level, **spread})
        rows += _corrected(family)
    return STEADINESS_LEVELS.conform(pd.DataFrame(rows, columns=list(STEADINESS_LEVELS.columns)))


def _accuracies(sides: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[FloatArray, FloatArray]:
    first, second = (side["test_accuracy"].to_numpy(dtype=float) for side in sides)
    return first, second


def _pitman_morgan(first: FloatArray, second: FloatArray) -> float:
    total, difference = first + second, first - second
    if min(np.ptp(total), np.ptp(difference)) <= 1e-12:
        return 1.0
    return float(stats.pearsonr(difference, total).pvalue)


def _corrected(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    adjusted = holm(np.array([row["p_pitman_morgan"] for row in rows], dtype=float))
    return [{**row, "p_holm": float(p)} for row, p in zip(rows, adjusted, strict=True)]
