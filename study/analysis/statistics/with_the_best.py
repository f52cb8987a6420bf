"""Multiple comparisons with the best: which of several means may be the highest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from study.analysis.statistics.estimates import Estimate
from study.analysis.statistics.intervals import FloatArray


class WithTheBest(NamedTuple):
    """Each of k means less the highest of the others.

    Attributes
    ----------
    diff
        (k,), as estimated.
    low, high
        (k,), ends of the constrained simultaneous intervals: low at most 0, high at least 0. Infinite where
        there is no interval of a difference.
    in_set
        (k,), whether the mean may be the highest: ``high`` is above 0, or nothing separates it from the best.
    """

    diff: FloatArray
    low: FloatArray
    high: FloatArray
    in_set: NDArray[np.bool_]


def with_the_best(differences: Sequence[Sequence[Estimate]], *, alpha: float) -> WithTheBest:
    """Constrained intervals of each mean less the best of the others, with the set that may be best.

    With D_ij the estimated difference and d_ij the half-width of its one-sided interval of confidence
    1 - alpha / (k - 1): high_i = max(0, min_j (D_ij + d_ij)); the set holds every i with min_j (D_ij + d_ij)
    not below 0; low_i = min(0, min_j (D_ij - d_ij)) over j in the set, and 0 for the only one in it. All k
    intervals hold at once, and the set holds the highest mean, with probability at least 1 - alpha.

    Parameters
    ----------
    differences
        k rows of k; row i, column j: mean i minus mean j. The diagonal is not read.
    alpha
        Shared among the k - 1 others by Bonferroni's inequality, in place of Dunnett's quantile, which needs
        equal variances and independent sides.

    References
    ----------
    Hsu (1984), Constrained simultaneous confidence intervals for multiple comparisons with the best, Annals
    of Statistics 12; the set: Gupta (1965), On some multiple decision (selection and ranking) rules,
    Technometrics 7.

    Examples
    --------
    >>> means = [0.60, 0.62, 0.50]
    >>> table = [[Estimate(one - other, 0.01, 9.0, 10) for other in means] for one in means]
    >>> found = with_the_best(table, alpha=0.05)
    >>> found.in_set.tolist(), found.diff.round(4).tolist()
    ([True, True, False], [-0.02, 0.02, -0.12])
    >>> found.low.round(4).tolist(), found.high.round(4).tolist()
    ([-0.0426, -0.0026, -0.1426], [0.0026, 0.0426, 0.0])
    """
    k = len(differences)
    diff, highest = np.full(k, np.nan), np.full(k, math.inf)
    lows = np.full((k, k), math.inf)
    for i, row in enumerate(differences):
        for j, one in enumerate(row):
            if i == j:
                continue
            low, high = one.interval(alpha=2 * alpha / (k - 1))
            lows[i, j] = -math.inf if math.isnan(low) else low
            highest[i] = min(highest[i], math.inf if math.isnan(high) else high)
            diff[i] = np.fmin(diff[i], one.mean)
    in_set = highest >= 0
    low = np.minimum(lows[:, in_set].min(axis=1, initial=math.inf), 0.0)
    return WithTheBest(diff, low, np.maximum(highest, 0.0), in_set)
