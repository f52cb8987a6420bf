"""Means over subsets, of replicates or of settings."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from study.analysis.statistics.intervals import FloatArray


def subset_mean(
    subsets: Sequence[tuple[int, ...]], scores: FloatArray, *, n: int, alpha: float
) -> tuple[float, float, float]:
    """Mean score over subsets of ``n`` replicates, and the ends of its delete-one jackknife interval.

    Subsets share members, so they are no replicates of each other; the replicates are. Leaving replicate j
    out leaves the subsets without it, whose mean is m_j: the variance of the mean is (n - 1)/n times the
    sum of (m_j - mean of m)^2, with n - 1 degrees of freedom. It is over new replicates on the same images,
    and too wide where subsets hold nearly all replicates. For subsets of one it is the t interval of the
    mean.

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

    Raises
    ------
    ValueError
        There is not one score for each subset, or none.

    References
    ----------
    Arvesen (1969), Jackknifing U-statistics, Annals of Mathematical Statistics 40.

    Examples
    --------
    >>> ends = subset_mean([(0, 1), (0, 2), (1, 2)], np.array([0.64, 0.66, 0.65]), n=3, alpha=0.05)
    >>> [round(value, 4) for value in ends]
    [0.65, 0.6003, 0.6997]
    """
    if len(subsets) != len(scores) or not len(scores):
        raise ValueError(
            f"ensemble sizes: expected one score per subset, received {len(scores)} of {len(subsets)}"
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


def best_of(valid: FloatArray, test: FloatArray, k: int) -> tuple[FloatArray, FloatArray]:
    """Expected best validation accuracy of ``k`` settings, and the test accuracy of the one that has it.

    The mean over all subsets of k of the n_settings: the setting of rank i from below is the best of a subset
    with probability C(i - 1, k - 1) / C(n_settings, k).

    Parameters
    ----------
    valid, test
        (n_replicates, n_settings). A tie goes to the setting that stands first.

    Returns
    -------
    Two vectors (n_replicates,), fractions.

    References
    ----------
    Dodge et al. (2019), Show your work: improved reporting of experimental results, EMNLP; here for subsets
    drawn without replacement.

    Examples
    --------
    >>> valid, test = np.array([[0.60, 0.62, 0.65]]), np.array([[0.61, 0.60, 0.64]])
    >>> [column.round(4).tolist() for column in best_of(valid, test, 2)]
    [[0.64], [0.6267]]
    """
    n_settings = valid.shape[1]
    weights = np.array([comb(i, k - 1) / comb(n_settings, k) for i in range(n_settings)])
    ascending = np.argsort(valid[:, ::-1], axis=1, kind="stable")
    ranked_valid = np.take_along_axis(valid[:, ::-1], ascending, axis=1)
    ranked_test = np.take_along_axis(test[:, ::-1], ascending, axis=1)
    return np.asarray(ranked_valid @ weights), np.asarray(ranked_test @ weights)


def times_top(values: FloatArray) -> NDArray[np.int64]:
    """In how many of the n replicates each setting has the highest value, (n_settings,).

    sum_r [values_rj = max_j values_rj]: settings that tie at the top all count. A value that is not finite,
    as of a diverged run, is never on top.

    Parameters
    ----------
    values
        (n, n_settings).

    Examples
    --------
    >>> times_top(np.array([[0.60, 0.65, 0.65], [0.61, 0.60, 0.64]])).tolist()
    [0, 1, 2]
    """
    known = np.where(np.isfinite(values), values, -np.inf)
    return np.asarray((np.isfinite(known) & (known == known.max(axis=1, keepdims=True))).sum(axis=0))
