"""A mean with its standard error: its interval, whether it is zero, whether it lies within a margin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from study.analysis.statistics.intervals import FloatArray, mean_interval, too_few_to_be_equal


class Estimate(NamedTuple):
    """A mean over replicates.

    A standard error of zero has no t. Equal values in ``n`` replicates have the p of their signs, 2 / 2^n,
    and no interval where that is not below alpha: so few values may be equal by chance.

    Attributes
    ----------
    mean, se, df
        Mean, its standard error, and the degrees of freedom of that; NaN where there are none.
    n
        Number of replicates.
    """

    mean: float
    se: float
    df: float
    n: int

    def interval(self, *, alpha: float) -> tuple[float, float]:
        """mean -+ t(1 - alpha/2, df) se, of confidence 1 - alpha."""
        if self.se == 0:
            ends = float("nan") if too_few_to_be_equal(self.n, alpha=alpha) else self.mean
            return ends, ends
        half = float(stats.t.ppf(1 - alpha / 2, self.df)) * self.se
        return self.mean - half, self.mean + half

    @property
    def p_zero(self) -> float:
        """Two-sided p of a mean of zero, t = mean / se.

        Examples
        --------
        >>> round(of_replicates(np.array([0.01, 0.03, 0.0, 0.02])).p_zero, 4)
        0.1027
        """
        if self.se == 0:
            return 1.0 if self.mean == 0 else self._p_equal
        return float(2 * stats.t.sf(abs(self.mean) / self.se, self.df))

    def p_within(self, margin: float) -> float:
        """p of two one-sided tests of |mean| < ``margin``, the larger of the two.

        t = (mean + margin) / se above 0 and t = (mean - margin) / se below 0.

        References
        ----------
        Schuirmann (1987), A comparison of the two one-sided tests procedure and the power approach, Journal
        of Pharmacokinetics and Biopharmaceutics 15.

        Examples
        --------
        >>> round(of_replicates(np.array([0.001, -0.002, 0.0, 0.002])).p_within(0.005), 4)
        0.0057
        """
        if self.se == 0:
            return self._p_equal if abs(self.mean) < margin else 1.0
        return float(stats.t.sf((margin - abs(self.mean)) / self.se, self.df))

    def masses(self, margin: float) -> tuple[float, float, float]:
        """Posterior probabilities that the mean is below -``margin``, within it, and above ``margin``.

        Of one t distribution, centred at the mean with scale se and df degrees of freedom: over seeds alone
        the posterior under a flat prior of the mean and of the logarithm of the standard deviation, over
        seeds and images an approximation of it. They add up to 1, and are not corrected. NaN where se is zero
        or missing.

        References
        ----------
        Box & Tiao (1973), Bayesian inference in statistical analysis; the region: Kruschke (2018), Rejecting
        or accepting parameter values in Bayesian estimation, Advances in Methods and Practices in
        Psychological Science 1.

        Examples
        --------
        >>> [round(part, 4) for part in Estimate(0.004, 0.002, 9.0, 10).masses(0.005)]
        [0.0007, 0.6847, 0.3145]
        """
        if not self.se > 0:
            return (float("nan"),) * 3
        low, high = ((end - self.mean) / self.se for end in (-margin, margin))
        below, above = float(stats.t.cdf(low, self.df)), float(stats.t.sf(high, self.df))
        return below, 1 - below - above, above

    @property
    def _p_equal(self) -> float:
        return 2.0 ** (1 - self.n)


def of_replicates(values: FloatArray) -> Estimate:
    """The mean of ``values`` (n,) with sd / sqrt(n) and n - 1 degrees of freedom.

    No ``se`` below two values or where one is not finite.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6.

    Examples
    --------
    >>> [round(value, 4) for value in of_replicates(np.array([0.01, 0.03, 0.0, 0.02]))[:3]]
    [0.015, 0.0065, 3.0]
    """
    n, mean, sd, _, _ = mean_interval(values, alpha=0.5)
    se = float(sd) / np.sqrt(n) if n > 1 else float("nan")
    return Estimate(float(mean), float(se), float(n - 1) if n > 1 else float("nan"), n)
