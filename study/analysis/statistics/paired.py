"""Two sides compared on the same replicates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from study.analysis.statistics.crossed import BoolMatrix, crossed_difference_parts
from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.intervals import FloatArray, share_interval
from study.analysis.statistics.permutation import signflip
from study.params import Rules

_DECIMALS = 12
"""Differences are rounded so: far below one image of any test split, far above the noise of floats."""


def differences(first: FloatArray, second: FloatArray) -> FloatArray:
    """``first`` minus ``second``, of equal shape, so rounded that equal counts of images give exactly 0.

    Examples
    --------
    >>> differences(np.array([0.1 + 0.2]), np.array([0.3])).tolist()
    [0.0]
    """
    return rounded(first - second)


def rounded(values: FloatArray) -> FloatArray:
    """Sums of accuracies, of any shape, so rounded that equal counts of images give exactly 0.

    Examples
    --------
    >>> rounded(np.array([0.1 + 0.2 - 0.3])).tolist()
    [0.0]
    """
    return np.asarray(np.round(values, _DECIMALS))


def compare(
    first: FloatArray,
    second: FloatArray,
    *,
    rules: Rules,
    rng: np.random.Generator,
    correct: tuple[BoolMatrix, BoolMatrix] | None = None,
) -> dict[str, Any]:
    """One paired comparison, diff = first - second, before ``multiplicity.judge`` sees its family.

    Parameters
    ----------
    first, second
        (n,) each, entry i of both from the same replicate.
    rules
        Of them alpha and margin.
    rng
        For the sign-flip test above 20 replicates.
    correct
        The two sides' correctness (n, n_images), rows as the values, where the values are shares of images.

    Returns
    -------
    dict
        ``n``; ``diff`` with t interval and, where ``correct`` is given, the interval over seeds and images;
        ``dz``, the mean over the sd of the differences; ``wins``, the share of replicates in which ``first``
        is higher, a tie being half a win; its exact interval; of seeds alone ``p_t``, ``p_signflip`` and
        ``p_tost``; of seeds and images ``p_images`` and ``p_tost_images``; the probabilities of ``judged``,
        ``below_margin``, ``inside_margin`` and ``above_margin`` (``Estimate.masses``); the (n,)
        ``differences``; and the estimates behind them, ``seeds``, and ``judged``, of which the verdict is
        made: over seeds and images where there are images.

    Notes
    -----
    One replicate gives ``diff`` and ``wins`` alone. Equal differences are judged by their number
    (``estimates.Estimate``); dz is 0 where they are zero, and NaN otherwise.

    Raises
    ------
    ValueError
        The sides have different lengths.

    Examples
    --------
    >>> from pathlib import Path
    >>> from study.params import load
    >>> first, second = np.array([0.61, 0.63, 0.62, 0.66]), np.array([0.60, 0.60, 0.62, 0.64])
    >>> rules, rng = load(Path("params.yaml")).rules, np.random.default_rng(7)
    >>> row = compare(first, second, rules=rules, rng=rng)
    >>> [round(row[name], 4) for name in ("diff", "ci_low", "ci_high", "dz", "wins", "p_t", "p_signflip")]
    [0.015, -0.0055, 0.0355, 1.1619, 0.875, 0.1027, 0.25]
    """
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"paired values: expected two vectors of one length, received {first.shape} and {second.shape}"
        )
    differed = differences(first, second)
    seeds = of_replicates(differed)
    images = None if correct is None else crossed_difference_parts(*correct).estimate
    low, high = seeds.interval(alpha=rules.alpha)
    image_low, image_high = images.interval(alpha=rules.alpha) if images else (np.nan, np.nan)
    judged = images or seeds
    below, inside, above = judged.masses(rules.margin)
    wins, wins_low, wins_high = wins_share(differed, alpha=rules.alpha)
    return {
        "n": seeds.n,
        "diff": seeds.mean,
        "ci_low": low,
        "ci_high": high,
        "image_ci_low": image_low,
        "image_ci_high": image_high,
        "dz": _standardised(seeds),
        "wins": wins,
        "wins_ci_low": wins_low,
        "wins_ci_high": wins_high,
        "p_t": seeds.p_zero,
        "p_signflip": signflip(differed, rng=rng) if seeds.n > 1 else np.nan,
        "p_images": images.p_zero if images else np.nan,
        "p_tost": seeds.p_within(rules.margin),
        "p_tost_images": images.p_within(rules.margin) if images else np.nan,
        "below_margin": below,
        "inside_margin": inside,
        "above_margin": above,
        "seeds": seeds,
        "judged": judged,
        "differences": differed,
    }


def correlation(first: FloatArray, second: FloatArray) -> float:
    """Pearson's, of two sides (n,) over replicates; NaN below three or where a side does not vary.

    Examples
    --------
    >>> round(correlation(np.array([0.1, 0.2, 0.4]), np.array([0.2, 0.3, 0.4])), 4)
    0.982
    """
    if len(first) < 3 or min(np.ptp(first), np.ptp(second)) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def wins_share(differences: FloatArray, *, alpha: float) -> tuple[float, float, float]:
    """Share of ``differences`` (n,) above 0, a tie being half a win, with the ends of ``share_interval``.

    NaN where a difference is not finite; one difference has a share alone.

    Examples
    --------
    >>> [round(value, 4) for value in wins_share(np.array([0.01, 0.03, 0.0, 0.02]), alpha=0.05)]
    [0.875, 0.1941, 1.0]
    """
    n = len(differences)
    if n == 0 or not np.isfinite(differences).all():
        return float("nan"), float("nan"), float("nan")
    wins = float(np.count_nonzero(differences > 0) + 0.5 * np.count_nonzero(differences == 0))
    if n == 1:
        return wins, float("nan"), float("nan")
    return wins / n, *share_interval(wins, n, alpha=alpha)


def _standardised(seeds: Estimate) -> float:
    if seeds.se == 0:
        return 0.0 if seeds.mean == 0 else float("nan")
    return seeds.mean / (seeds.se * math.sqrt(seeds.n)) if seeds.n > 1 else float("nan")
