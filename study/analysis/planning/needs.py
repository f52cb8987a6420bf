"""Replicates and test images with which a difference between two settings is found."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from scipy import stats

from study.analysis.statistics.crossed import CrossedParts
from study.analysis.statistics.estimates import Estimate
from study.analysis.statistics.power import detectable_shift

_MOST = 10**9
_LEAST = 2


class Spread(NamedTuple):
    """Variances of the difference in correctness of two settings on one image in one replicate, by source.

    Attributes
    ----------
    seeds, images, interaction
        Squares of fractions: between replicates, between images, and of an image from replicate to replicate.
    """

    seeds: float
    images: float
    interaction: float

    @classmethod
    def of(cls, parts: CrossedParts) -> Spread:
        """As estimated from a table of replicates and images; none is below 0.

        Examples
        --------
        >>> Spread.of(CrossedParts(0.01, 3e-6, 8e-6, 1e-6, 10, 1000))
        Spread(seeds=2e-05, images=0.007, interaction=0.01)
        """
        n, m = parts.n, parts.m
        return cls(*(float(f"{v:.12g}") for v in (
            n * parts.runs_alone, m * parts.images_alone, n * m * parts.residual
        )))  # fmt: skip

    def estimate(self, n: int, m: int) -> Estimate:
        """The expected standard error and degrees of freedom of ``n`` replicates and ``m`` images."""
        return CrossedParts(
            0.0,
            (self.seeds + self.interaction / m) / n,
            (self.images + self.interaction / n) / m,
            self.interaction / n / m,
            n,
            m,
        ).estimate


def detectable(spread: Spread, n: int, m: int, *, alpha: float, power: float) -> float:
    """The smallest difference that ``n`` paired replicates on ``m`` test images find with ``power``.

    d(df) SE: SE^2 = seeds/n + images/m + interaction/(n m), with Satterthwaite's degrees of freedom df of its
    expected mean squares, and d(df) the noncentrality at which a two-sided t test at ``alpha`` has the power
    (``power.detectable_shift``). For a family of k comparisons ``alpha`` is the level over k.

    Parameters
    ----------
    n, m
        At least 2 each.

    Returns
    -------
    float
        A fraction of accuracy.

    References
    ----------
    Westfall, Kenny & Judd (2014), Statistical power and optimal design in experiments in which samples of
    participants respond to samples of stimuli, Journal of Experimental Psychology: General 143.

    Examples
    --------
    >>> spread = Spread(seeds=0.0001, images=0.01, interaction=0.02)
    >>> round(detectable(spread, 10, 10_000, alpha=0.05 / 18, power=0.8), 4)
    0.0162
    >>> round(detectable(Spread(0.0001, 0.0, 0.0), 10, 10_000, alpha=0.05, power=0.8), 5)
    0.00996
    """
    expected = spread.estimate(n, m)
    if expected.se == 0:
        return 0.0
    return detectable_shift(round(expected.df, 6), alpha=alpha, power=power) * expected.se


def replicates_needed(spread: Spread, difference: float, m: int, *, alpha: float, power: float) -> float:
    """The fewest replicates that find ``difference`` on ``m`` test images: ``detectable`` is not above it.

    Returns
    -------
    float
        At least 2; infinite where no number of replicates finds it on so few images.

    Examples
    --------
    >>> spread = Spread(seeds=0.0001, images=0.01, interaction=0.02)
    >>> replicates_needed(spread, 0.005, 10_000, alpha=0.05 / 18, power=0.8)
    148.0
    >>> replicates_needed(spread, 0.005, 1_000, alpha=0.05 / 18, power=0.8)
    inf
    """
    if math.sqrt(spread.images / m) * _shift(alpha, power) >= difference:
        return math.inf
    return _fewest(lambda n: detectable(spread, n, m, alpha=alpha, power=power) <= difference)


def images_needed(spread: Spread, difference: float, n: int, *, alpha: float, power: float) -> float:
    """The fewest test images with which ``n`` replicates find ``difference``: see ``replicates_needed``.

    Examples
    --------
    >>> images_needed(Spread(0.0001, 0.01, 0.02), 0.005, 200, alpha=0.05 / 18, power=0.8)
    8433.0
    >>> images_needed(Spread(0.0001, 0.01, 0.02), 0.005, 10, alpha=0.05 / 18, power=0.8)
    inf
    """
    alone = Spread(spread.seeds, 0.0, 0.0)
    if detectable(alone, n, _LEAST, alpha=alpha, power=power) >= difference:
        return math.inf
    return _fewest(lambda m: detectable(spread, n, m, alpha=alpha, power=power) <= difference)


def least_images(spread: Spread, difference: float, *, alpha: float, power: float) -> int:
    """The test images below which no number of replicates finds ``difference``.

    images ((z(1 - alpha/2) + z(power)) / difference)^2, rounded up.

    Examples
    --------
    >>> least_images(Spread(0.0001, 0.01, 0.02), 0.005, alpha=0.05 / 18, power=0.8)
    5877
    """
    return max(_LEAST, math.ceil(spread.images * (_shift(alpha, power) / difference) ** 2))


def _shift(alpha: float, power: float) -> float:
    return float(stats.norm.isf(alpha / 2) + stats.norm.ppf(power))


def _fewest(enough: Callable[[int], bool]) -> float:
    """The smallest whole number from 2 that is enough; infinite above a thousand millions."""
    low, high = _LEAST - 1, _LEAST
    while not enough(high):
        low, high = high, 2 * high
        if low >= _MOST:
            return math.inf
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)
