"""Accuracy against ensemble size, with intervals that respect overlapping members."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from study.analysis.statistics.intervals import FloatArray


def subset_mean(
    subsets: Sequence[tuple[int, ...]], scores: FloatArray, *, n: int, alpha: float
) -> tuple[float, float, float]:
    """Mean score over subsets of ``n`` replicates, and the ends of its delete-one jackknife interval.

    Subsets share members, so they are no replicates of each other; the replicates are. Leaving replicate j
    out leaves the subsets without it, whose mean is m_j: the variance of the mean is (n - 1)/n times the
    sum of (m_j - mean of m)^2 (Arvesen 1969, "Jackknifing U-statistics"), with n - 1 degrees of freedom. It
    is over new replicates on the same images, and too wide where subsets hold nearly all replicates. For
    subsets of one it is the t interval of the mean.

    Parameters
    ----------
    subsets
        Different subsets of one size.
    scores
        (n_subsets,), the score of each.

    Returns
    -------
    tuple
        Mean, low, high; the ends are NaN where every subset holds some replicate, as the whole does, or a
        score is not finite.
    """
    if len(subsets) != len(scores) or not len(scores):
        raise ValueError(
            f"ensemble sizes: expected one score a subset, received {len(scores)} of {len(subsets)}"
        )
    mean = float(scores.mean())
    holds = np.zeros((n, len(subsets)), np.bool_)
    for column, subset in enumerate(subsets):
        holds[list(subset), column] = True
    if n < 2 or holds.all(axis=1).any() or not np.isfinite(scores).all():
        return mean, float("nan"), float("nan")
    without = np.array([scores[~row].mean() for row in holds])
    variance = (n - 1) / n * float(((without - without.mean()) ** 2).sum())
    half = float(stats.t.ppf(1 - alpha / 2, n - 1) * np.sqrt(variance))
    return mean, mean - half, mean + half
