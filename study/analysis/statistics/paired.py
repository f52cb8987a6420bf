"""Two sides compared on the same replicates."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from study.analysis.statistics.intervals import BoolMatrix, FloatArray, crossed_difference, mean_interval
from study.analysis.statistics.permutation import signflip

_DECIMALS = 12
"""Differences are rounded so: far below one image of any test split, far above the noise of floats."""


def compare(
    first: FloatArray,
    second: FloatArray,
    *,
    alpha: float,
    margin: float,
    power: float,
    rng: np.random.Generator,
    correct: tuple[BoolMatrix, BoolMatrix] | None = None,
) -> dict[str, float]:
    """Everything but ``p_holm`` and ``verdict`` of the paired columns; diff = first - second.

    Parameters
    ----------
    first, second
        (n,) each, entry i of both from the same replicate.
    alpha, margin, power
        Level of tests and intervals, half-width of equivalence, power of the detectable effect.
    rng
        For the sign-flip test above 20 replicates.
    correct
        The two sides' correctness (n, n_images), rows as the values, for the interval over new images.

    Returns
    -------
    dict
        ``n``; ``diff`` with t interval and, where ``correct`` is given, the interval over runs and images;
        ``dz``, the mean over the sd of the differences; ``wins``, the share of replicates in which ``first``
        is higher, a tie being half a win; its exact interval; ``p_t``, ``p_signflip``, ``p_tost``; ``mde``,
        the difference that a paired t test at ``alpha`` (not corrected) finds with ``power``.

    Notes
    -----
    The interval of wins is that of Clopper and Pearson, whose low end takes the wins rounded down and whose
    high end takes them rounded up. One replicate gives ``diff`` and ``wins`` alone. Where all differences
    are equal the t test does not exist: zeros have p_t 1, dz 0 and p_tost 0 (equivalent); a constant other
    than zero has the sign-flip p as p_t, dz NaN, and p_tost 0 inside the margin or 1 outside.

    Raises
    ------
    ValueError
        The sides have different lengths.
    """
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"paired values: expected two vectors of one length, received {first.shape} and {second.shape}"
        )
    differences = np.round(first - second, _DECIMALS)
    n, diff, sd, low, high = (float(value) for value in mean_interval(differences, alpha=alpha))
    image = (np.nan, np.nan) if correct is None else crossed_difference(*correct, alpha=alpha)
    wins, wins_low, wins_high = _wins(differences, alpha)
    return {
        "n": int(n),
        "diff": diff,
        "ci_low": low,
        "ci_high": high,
        "image_ci_low": image[0],
        "image_ci_high": image[1],
        "dz": _standardised(diff, sd),
        "wins": wins,
        "wins_ci_low": wins_low,
        "wins_ci_high": wins_high,
        "p_t": t_test(differences, rng=rng),
        "p_signflip": signflip(differences, rng=rng) if n > 1 else np.nan,
        "p_tost": equivalence_test(differences, margin=margin),
        "mde": detectable_effect(int(n), alpha=alpha, power=power) * sd,
    }


def t_test(differences: FloatArray, *, rng: np.random.Generator) -> float:
    """Two-sided p of the paired t test, from differences (n,).

    NaN for n below 2 or a difference that is not finite. Equal differences have no t: p is 1 for zeros,
    else the sign-flip p.
    """
    if len(differences) < 2 or not np.isfinite(differences).all():
        return float("nan")
    if (differences == differences[0]).all():
        return 1.0 if differences[0] == 0 else signflip(differences, rng=rng)
    return float(stats.ttest_1samp(differences, 0.0).pvalue)


def equivalence_test(differences: FloatArray, *, margin: float) -> float:
    """p of two one-sided paired t tests of |mean difference| < ``margin``, from differences (n,).

    NaN for n below 2 or a difference that is not finite. Equal differences give 0 inside and 1 outside.
    """
    if len(differences) < 2 or not np.isfinite(differences).all():
        return float("nan")
    if (differences == differences[0]).all():
        return 0.0 if abs(differences[0]) < margin else 1.0
    return float(ttost_paired(differences, np.zeros(len(differences)), -margin, margin)[0])


@functools.cache
def detectable_effect(n: int, *, alpha: float, power: float) -> float:
    """The |mean| / sd that a two-sided paired t test of ``n`` values finds with ``power``; NaN below 2.

    The root of the power of the noncentral t. (The solver of statsmodels stops at a power of 0.73 where 0.9
    is asked for and n is 2.)
    """
    if n < 2:
        return float("nan")
    if power <= alpha:
        return 0.0

    def excess(effect: float) -> float:
        return _power(effect, n, alpha) - power

    high = 1 / np.sqrt(n)
    while excess(high) < 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high))


def _power(effect: float, n: int, alpha: float) -> float:
    quantile = stats.t.ppf(1 - alpha / 2, n - 1)
    shifted = stats.nct(n - 1, effect * np.sqrt(n))
    far_tail = shifted.cdf(-quantile)
    return float(shifted.sf(quantile) + (0.0 if np.isnan(far_tail) else far_tail))


def holm(p_values: FloatArray) -> FloatArray:
    """Holm's adjusted p values, in the order given; a missing one stays missing and is not counted."""
    adjusted = np.full(len(p_values), np.nan)
    known = ~np.isnan(p_values)
    if known.any():
        adjusted[known] = multipletests(p_values[known], method="holm")[1]
    return adjusted


def verdict(p_different: float, p_equivalent: float, *, alpha: float) -> str:
    """One of ``tables.VERDICTS`` from the corrected p of a difference and the p of equivalence."""
    different, equivalent = p_different < alpha, p_equivalent < alpha
    if different:
        return "different but trivial" if equivalent else "different"
    return "equivalent" if equivalent else "inconclusive"


def settle(rows: Iterable[dict[str, Any]], *, alpha: float) -> list[dict[str, Any]]:
    """Rows of one family of comparisons with ``p_holm``, Holm's correction of their ``p_t``, and ``verdict``.

    ``p_tost`` is not corrected: each equivalence is its own claim at ``alpha``.
    """
    rows = list(rows)
    adjusted = holm(np.array([row["p_t"] for row in rows], dtype=np.float64))
    return [
        {**row, "p_holm": float(p), "verdict": verdict(float(p), row["p_tost"], alpha=alpha)}
        for row, p in zip(rows, adjusted, strict=True)
    ]


def pair(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of both tables on the replicates they share, in order of ``replicate``.

    Raises
    ------
    ValueError
        A replicate stands twice on one side.
    """
    sides = [side.set_index("replicate", drop=False).sort_index() for side in (first, second)]
    for side in sides:
        if side.index.has_duplicates:
            repeated = int(side.index[side.index.duplicated()][0])
            raise ValueError(
                f"paired runs: expected one run a replicate, received replicate {repeated} twice"
            )
    shared = sides[0].index.intersection(sides[1].index)
    return sides[0].loc[shared], sides[1].loc[shared]


def _standardised(diff: float, sd: float) -> float:
    if sd == 0:
        return 0.0 if diff == 0 else float("nan")
    return diff / sd


def _wins(differences: FloatArray, alpha: float) -> tuple[float, float, float]:
    n = len(differences)
    if n == 0 or not np.isfinite(differences).all():
        return float("nan"), float("nan"), float("nan")
    wins = float(np.count_nonzero(differences > 0) + 0.5 * np.count_nonzero(differences == 0))
    if n == 1:
        return wins, float("nan"), float("nan")
    low = stats.binomtest(int(np.floor(wins)), n).proportion_ci(1 - alpha, method="exact").low
    high = stats.binomtest(int(np.ceil(wins)), n).proportion_ci(1 - alpha, method="exact").high
    return wins / n, float(low), float(high)
