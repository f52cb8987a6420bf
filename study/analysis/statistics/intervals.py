"""Intervals of means, standard deviations, shares, one more run, the number of true hypotheses."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]


class MeanInterval(NamedTuple):
    """A mean with its t interval; arrays of the shape that is left, 0-d where none is.

    Attributes
    ----------
    n
        Number of values averaged.
    mean, sd, low, high
        Mean, sample standard deviation (n - 1) and the ends of the interval.
    """

    n: int
    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray

    def row(self) -> dict[str, Any]:
        """Of one mean: n, mean, sd, ci_low and ci_high, as tables have them."""
        return {
            "n": self.n,
            "mean": float(self.mean),
            "sd": float(self.sd),
            "ci_low": float(self.low),
            "ci_high": float(self.high),
        }

    def ends(self, mean: str, ends: str) -> dict[str, float]:
        """Of one mean: the mean by the name ``mean``, and ``ends`` followed by _low and _high."""
        return {mean: float(self.mean), f"{ends}_low": float(self.low), f"{ends}_high": float(self.high)}


def mean_interval(values: FloatArray, *, alpha: float) -> MeanInterval:
    """The t interval, mean -+ t(1 - alpha/2, n - 1) sd / sqrt(n), of the means along the first axis.

    Parameters
    ----------
    values
        (n, ...). Where any of the n is not finite, mean, sd and interval are NaN.
    alpha
        The interval has confidence 1 - alpha.

    Returns
    -------
    MeanInterval
        In the unit of ``values``. One value has a mean, but NaN for sd and interval. Equal values have an
        interval of no width, or none where they are too few.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6.

    Examples
    --------
    >>> n, mean, sd, low, high = mean_interval(np.array([0.61, 0.63, 0.62, 0.66]), alpha=0.05)
    >>> [round(float(value), 4) for value in (mean, sd, low, high)]
    [0.63, 0.0216, 0.5956, 0.6644]
    """
    n, mean, sd = _moments(values)
    half = _half_width(sd, n, alpha) / np.sqrt(n) if n else sd
    return MeanInterval(n, mean, sd, mean - half, mean + half)


def too_few_to_be_equal(n: int, *, alpha: float) -> bool:
    """Whether ``n`` equal values may be chance: the p of their signs, 2 / 2^n, is not below ``alpha``.

    Examples
    --------
    >>> [n for n in range(10) if too_few_to_be_equal(n, alpha=0.05)]
    [0, 1, 2, 3, 4, 5]
    """
    return bool(2.0 ** (1 - n) >= alpha)


def prediction_interval(values: FloatArray, *, alpha: float) -> tuple[float, float]:
    """Where one more run would fall: mean -+ t(1 - alpha/2, n - 1) sd sqrt(1 + 1/n).

    Parameters
    ----------
    values
        (n,), from a normal distribution.

    Returns
    -------
    tuple
        Low and high, in the unit of ``values``. NaN for one value; of equal ones as in ``mean_interval``.

    References
    ----------
    Hahn & Meeker (1991), Statistical intervals.

    Examples
    --------
    >>> ends = prediction_interval(np.array([0.61, 0.63, 0.62, 0.66]), alpha=0.05)
    >>> [round(end, 4) for end in ends]
    [0.5531, 0.7069]
    """
    n, mean, sd = _moments(values)
    half = _half_width(sd, n, alpha) * np.sqrt(1 + 1 / n) if n else sd
    return float(mean - half), float(mean + half)


def sd_interval(sd: float, n: int, *, alpha: float) -> tuple[float, float]:
    """Chi-square interval of a standard deviation.

    sd sqrt((n - 1) / chi2(p, n - 1)) with p = 1 - alpha/2 for the low and alpha/2 for the high end.

    Parameters
    ----------
    sd
        Sample standard deviation of ``n`` values from a normal distribution.

    Returns
    -------
    tuple
        Low and high, in the unit of ``sd``. NaN for n below 2; of an sd of 0 as in ``mean_interval``.

    References
    ----------
    Snedecor & Cochran (1989), Statistical methods.

    Examples
    --------
    >>> [round(end, 4) for end in sd_interval(0.01, 10, alpha=0.05)]
    [0.0069, 0.0183]
    """
    if n < 2 or (sd == 0 and too_few_to_be_equal(n, alpha=alpha)):
        return float("nan"), float("nan")
    low, high = (sd * np.sqrt((n - 1) / stats.chi2.ppf(p, n - 1)) for p in (1 - alpha / 2, alpha / 2))
    return float(low), float(high)


def share_interval(successes: float, n: int, *, alpha: float) -> tuple[float, float]:
    """Exact interval of a share of ``n`` independent trials.

    It holds the shares that neither one-sided binomial test at alpha/2 rejects: the ends are the quantiles
    Beta(alpha/2; x, n - x + 1) and Beta(1 - alpha/2; x + 1, n - x), x being ``successes``. Where
    a split tie makes them no whole number, the low end takes them rounded down and the high end rounded up,
    so that the interval is never too short.

    Parameters
    ----------
    successes
        From 0 to ``n``.

    Returns
    -------
    tuple
        Low and high, fractions.

    References
    ----------
    Clopper & Pearson (1934), The use of confidence or fiducial limits, Biometrika 26.

    Examples
    --------
    >>> [round(end, 4) for end in share_interval(8, 10, alpha=0.05)]
    [0.4439, 0.9748]
    """
    low = stats.binomtest(int(np.floor(successes)), n).proportion_ci(1 - alpha, method="exact").low
    high = stats.binomtest(int(np.ceil(successes)), n).proportion_ci(1 - alpha, method="exact").high
    return float(low), float(high)


def number_true(
    p_true: FloatArray, p_false: FloatArray, *, alpha: float, independent: bool
) -> tuple[int, int]:
    """How many of k hypotheses are true, at least and at most, with confidence 1 - alpha.

    At least u are where the partial conjunction p of all from 1 to u is at most alpha / 2; at most k less the
    number that is shown to be false in the same way. Of the k - u + 1 largest one-sided p it is Fisher's
    where they are independent, the probability that chi2(2 (k - u + 1)) exceeds -2 sum ln p, and otherwise
    Bonferroni's, (k - u + 1) p(u).

    Parameters
    ----------
    p_true, p_false
        (k,), one-sided p of the two directions. A missing one shows nothing.

    References
    ----------
    Benjamini & Heller (2008), Screening for partial conjunction hypotheses, Biometrics 64.

    Examples
    --------
    >>> p = np.array([0.001, 0.02, 0.03, 0.4])
    >>> number_true(p, 1 - p, alpha=0.05, independent=False)
    (1, 4)
    >>> number_true(p, 1 - p, alpha=0.05, independent=True)
    (2, 4)
    """
    k = len(p_true)

    def shown(p_values: FloatArray) -> int:
        ordered = np.sort(np.where(np.isnan(p_values), 1.0, p_values))
        left = k - np.arange(k)
        partial = left * ordered
        if independent:
            sums = np.cumsum(-2 * np.log(np.maximum(ordered, 1e-300))[::-1])[::-1]
            partial = stats.chi2.sf(sums, 2 * left)
        return int(np.count_nonzero(np.maximum.accumulate(partial) <= alpha / 2))

    return shown(p_true), k - shown(p_false)


def _moments(values: FloatArray) -> tuple[int, FloatArray, FloatArray]:
    n = len(values)
    nan = np.full(values.shape[1:], np.nan)
    if n == 0:
        return 0, nan, nan
    finite = np.isfinite(values).all(axis=0)
    known = np.where(finite, values, 0.0)
    constant = (known == known[0]).all(axis=0)
    mean = np.where(finite, np.where(constant, known[0], known.mean(axis=0)), np.nan)
    if n == 1:
        return n, mean, nan
    sd = np.where(finite, np.where(constant, 0.0, known.std(axis=0, ddof=1)), np.nan)
    return n, mean, sd


def _half_width(sd: FloatArray, n: int, alpha: float) -> FloatArray:
    quantile = float(stats.t.ppf(1 - alpha / 2, n - 1)) if n > 1 else np.nan
    known = np.where(sd == 0, np.nan, sd) if too_few_to_be_equal(n, alpha=alpha) else sd
    return np.asarray(quantile * known)
