"""What a paired t test of so many replicates can find."""

from __future__ import annotations

import functools
import math

import numpy as np
from scipy import optimize, stats

_MOST = 100_000


@functools.cache
def detectable_shift(df: float, *, alpha: float, power: float) -> float:
    """The mean, in standard errors, that a two-sided t test with ``df`` finds with ``power``.

    The root d of P(|T| > t(1 - alpha/2, df)) = power, T being noncentral t with noncentrality d. (The solver
    of statsmodels stops at a power of 0.73 where 0.9 is asked for and df is 1.)

    Returns
    -------
    float
        NaN where ``df`` is, 0 where ``power`` is not above ``alpha``.

    Examples
    --------
    >>> round(detectable_shift(9, alpha=0.05, power=0.8), 4)
    3.1496
    """
    if math.isnan(df):
        return float("nan")
    if power <= alpha:
        return 0.0

    def excess(shift: float) -> float:
        return _power(shift, df, alpha) - power

    high = 1.0
    while excess(high) < 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high))


def detectable_effect(n: int, *, alpha: float, power: float) -> float:
    """The effect, |mean| / sd, that a two-sided paired t test of ``n`` values finds with ``power``.

    ``detectable_shift`` of n - 1 degrees of freedom over sqrt(n); NaN for n below 2.

    References
    ----------
    Cohen (1988), Statistical power analysis for the behavioral sciences.

    Examples
    --------
    >>> round(detectable_effect(10, alpha=0.05, power=0.8), 4)
    0.996
    """
    if n < 2:
        return float("nan")
    return detectable_shift(n - 1, alpha=alpha, power=power) / math.sqrt(n)


def replicates_needed(effect: float, sd: float, *, alpha: float, power: float) -> float:
    """The fewest n with which a two-sided paired t test finds ``effect``: detectable_effect(n) sd <= effect.

    Parameters
    ----------
    effect, sd
        True mean and standard deviation of the differences, in one unit.

    Returns
    -------
    float
        At least 2; NaN where ``sd`` is missing or more than 100,000 are needed.

    Examples
    --------
    >>> replicates_needed(0.005, 0.01, alpha=0.05, power=0.8)
    34.0
    """
    if math.isnan(sd):
        return float("nan")
    if sd == 0:
        return 2.0
    low, high = 1, 2
    while detectable_effect(high, alpha=alpha, power=power) * sd > effect:
        low, high = high, 2 * high
        if low >= _MOST:
            return float("nan")
    while high - low > 1:
        middle = (low + high) // 2
        if detectable_effect(middle, alpha=alpha, power=power) * sd > effect:
            low = middle
        else:
            high = middle
    return float(high) if high <= _MOST else float("nan")


def image_floor(images_alone: float, *, alpha: float, power: float) -> float:
    """The difference that infinitely many runs find with ``power``: (z(1 - alpha/2) + z(power)) SE(images).

    Parameters
    ----------
    images_alone
        ``CrossedParts.images_alone`` of the difference, the squared standard error that is left.

    Returns
    -------
    float
        A fraction of accuracy; NaN where the standard error is.

    Examples
    --------
    >>> round(image_floor(0.0001, alpha=0.05, power=0.8), 4)
    0.028
    """
    quantiles = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)
    return float(quantiles * (np.sqrt(images_alone) if not np.isnan(images_alone) else np.nan))


def _power(shift: float, df: float, alpha: float) -> float:
    quantile = stats.t.ppf(1 - alpha / 2, df)
    shifted = stats.nct(df, shift)
    far_tail = shifted.cdf(-quantile)
    return float(shifted.sf(quantile) + (0.0 if np.isnan(far_tail) else far_tail))
