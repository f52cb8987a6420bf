"""Two sides compared on the same replicates."""

from __future__ import annotations

import numpy as np
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from study.analysis.statistics.crossed import BoolMatrix, crossed_difference
from study.analysis.statistics.intervals import FloatArray, mean_interval, share_interval
from study.analysis.statistics.permutation import signflip
from study.analysis.statistics.power import detectable_effect
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
    return np.asarray(np.round(first - second, _DECIMALS))


def compare(
    first: FloatArray,
    second: FloatArray,
    *,
    rules: Rules,
    rng: np.random.Generator,
    correct: tuple[BoolMatrix, BoolMatrix] | None = None,
) -> dict[str, float]:
    """Everything but ``p_holm`` and ``verdict`` of the paired columns; diff = first - second.

    Parameters
    ----------
    first, second
        (n,) each, entry i of both from the same replicate.
    rules
        Of them alpha, margin and power.
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
        the difference that a paired t test at alpha (not corrected) finds with the rules' power.

    Notes
    -----
    One replicate gives ``diff`` and ``wins`` alone. Where all differences are equal the t test does not
    exist: zeros have p_t 1, dz 0 and p_tost 0 (equivalent); a constant other than zero has the sign-flip p as
    p_t, dz NaN, and p_tost 0 inside the margin or 1 outside.

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
    n, diff, sd, low, high = (float(value) for value in mean_interval(differed, alpha=rules.alpha))
    image = (np.nan, np.nan) if correct is None else crossed_difference(*correct, alpha=rules.alpha)
    wins, wins_low, wins_high = wins_share(differed, alpha=rules.alpha)
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
        "p_t": t_test(differed, rng=rng),
        "p_signflip": signflip(differed, rng=rng) if n > 1 else np.nan,
        "p_tost": equivalence_test(differed, margin=rules.margin),
        "mde": detectable_effect(int(n), alpha=rules.alpha, power=rules.power) * sd,
    }


def t_test(differences: FloatArray, *, rng: np.random.Generator) -> float:
    """Two-sided p of the paired t test, t = mean / (sd / sqrt(n)) with n - 1 degrees of freedom.

    Parameters
    ----------
    differences
        (n,), one a replicate.

    Returns
    -------
    float
        NaN for n below 2 or a difference that is not finite. Equal differences have no t: p is 1 for zeros,
        else the sign-flip p, for which ``rng`` is used above 20 replicates.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6.

    Examples
    --------
    >>> round(t_test(np.array([0.01, 0.03, 0.0, 0.02]), rng=np.random.default_rng(7)), 4)
    0.1027
    """
    if len(differences) < 2 or not np.isfinite(differences).all():
        return float("nan")
    if (differences == differences[0]).all():
        return 1.0 if differences[0] == 0 else signflip(differences, rng=rng)
    return float(stats.ttest_1samp(differences, 0.0).pvalue)


def equivalence_test(differences: FloatArray, *, margin: float) -> float:
    """p of two one-sided paired t tests of |mean difference| < ``margin``, the larger of the two.

    t = (mean + margin) / (sd / sqrt(n)) above 0 and t = (mean - margin) / (sd / sqrt(n)) below 0.

    Parameters
    ----------
    differences
        (n,), one a replicate, in the unit of ``margin``.

    Returns
    -------
    float
        NaN for n below 2 or a difference that is not finite. Equal differences give 0 inside and 1 outside.

    References
    ----------
    Schuirmann (1987), A comparison of the two one-sided tests procedure and the power approach, Journal of
    Pharmacokinetics and Biopharmaceutics 15.

    Examples
    --------
    >>> round(equivalence_test(np.array([0.001, -0.002, 0.0, 0.002]), margin=0.005), 4)
    0.0057
    """
    if len(differences) < 2 or not np.isfinite(differences).all():
        return float("nan")
    if (differences == differences[0]).all():
        return 0.0 if abs(differences[0]) < margin else 1.0
    return float(ttost_paired(differences, np.zeros(len(differences)), -margin, margin)[0])


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


def _standardised(diff: float, sd: float) -> float:
    if sd == 0:
        return 0.0 if diff == 0 else float("nan")
    return diff / sd
