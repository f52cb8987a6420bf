"""p values of tests that flip the signs of replicates."""

from __future__ import annotations

import numpy as np

from study.analysis.statistics.intervals import FloatArray

EXACT_SIGNS = 20
"""Largest number of differences whose sign flips are all enumerated."""

_EXACT_FAMILY = 14
"""The same of a whole family at once."""

DRAWS = 9_999
_TOLERANCE = 1e-9


def signflip(differences: FloatArray, *, rng: np.random.Generator, draws: int = DRAWS) -> float:
    """Two-sided p of the hypothesis that each difference is as likely to have the other sign.

    The share of sign assignments whose |sum| is at least the observed one. All 2^n are enumerated for n up
    to 20; above, ``draws`` random ones count with the observed one, so that p is never 0.

    Parameters
    ----------
    differences
        (n,), one a replicate.
    rng
        Used only for n above 20.

    Returns
    -------
    float
        At least 2/2^n when exact; NaN where n is 0 or a difference is not finite.

    References
    ----------
    Fisher (1935), The design of experiments.

    Examples
    --------
    >>> signflip(np.array([0.01, 0.03, 0.0, 0.02]), rng=np.random.default_rng(7))
    0.25
    """
    n = len(differences)
    if n == 0 or not np.isfinite(differences).all():
        return float("nan")
    least = abs(differences.sum()) - _TOLERANCE * np.abs(differences).sum()
    if n <= EXACT_SIGNS:
        return float(np.mean(np.abs(_signed_sums(differences)) >= least))
    signs = rng.integers(0, 2, size=(draws, n), dtype=np.int8) * 2 - 1
    return float((1 + np.count_nonzero(np.abs(signs @ differences) >= least)) / (draws + 1))


def signflip_vectors(effects: FloatArray, *, rng: np.random.Generator) -> float:
    """p of the hypothesis that vectors of effects are symmetric around zero.

    The share of sign assignments of whole replicates, which keep what their entries have in common, whose
    squared mean, summed over the entries, is at least the observed one. All are enumerated for n up to 20;
    above, 9,999 random ones count with the observed one. Levels may have different standard deviations, which
    reassigning them within replicates does not allow.

    Parameters
    ----------
    effects
        ``blocks.interaction_effects``, (n, n_models, n_levels), or ``blocks.level_effects``, (n, k).
    rng
        Used only for n above 20.

    Returns
    -------
    float
        At least 2/2^n when exact; NaN for n below 2 or an effect that is not finite.

    Examples
    --------
    >>> effects = np.array([[[0.01, -0.01], [-0.01, 0.01]], [[0.02, -0.02], [-0.02, 0.02]]])
    >>> signflip_vectors(effects, rng=np.random.default_rng(7))
    0.5
    """
    n = len(effects)
    if n < 2 or not np.isfinite(effects).all():
        return float("nan")
    flat = effects.reshape(n, -1)
    products = flat @ flat.T
    least = float(products.sum()) * (1 - _TOLERANCE) - 1e-24
    if n <= EXACT_SIGNS:
        codes = np.arange(2 ** (n - 1))[:, None] >> np.arange(n - 1) & 1
        signs = np.concatenate([np.ones((len(codes), 1)), 1.0 - 2.0 * codes], axis=1)
        return float(np.mean(np.einsum("ij,ij->i", signs @ products, signs) >= least))
    signs = rng.integers(0, 2, (DRAWS, n)) * 2.0 - 1.0
    return float((1 + np.sum(np.einsum("ij,ij->i", signs @ products, signs) >= least)) / (DRAWS + 1))


def signflip_max_t(differences: FloatArray, *, rng: np.random.Generator) -> FloatArray:
    """p of each of k comparisons, corrected over them by flipping the signs of whole replicates.

    Westfall and Young's step-down: with |t| sorted from the largest, the p of the i-th is the largest over
    j <= i of the share of sign assignments whose largest |t| among the j-th to the k-th is at least the j-th
    observed one. Replicates keep their signs across comparisons, and so what the comparisons have in common;
    no distribution is assumed but symmetry. Enumerated or drawn as in ``signflip``, enumerated up to 14.

    Parameters
    ----------
    differences
        (n, k), rows being replicates.
    rng
        Used only for n above 14.

    Returns
    -------
    array
        (k,), at least 2/2^n when exact: below 0.05 from n = 6. NaN for n below 2 or where a difference is not
        finite.

    References
    ----------
    Westfall & Young (1993), Resampling-based multiple testing, algorithm 2.8.

    Examples
    --------
    >>> up, level = [0.01, 0.03, 0.02, 0.02, 0.01, 0.02], [0.02, -0.01, 0.01, -0.01, 0.0, 0.01]
    >>> differences = np.array([up, level]).T
    >>> signflip_max_t(differences, rng=np.random.default_rng(7)).tolist()
    [0.03125, 0.75]
    """
    n, k = differences.shape
    if n < 2 or not np.isfinite(differences).all():
        return np.full(k, np.nan)
    lengths = np.sqrt((differences**2).sum(axis=0))
    scaled = differences / np.where(lengths > 0, lengths, 1.0)
    observed = np.abs(scaled.sum(axis=0))
    if n <= _EXACT_FAMILY:
        codes = np.arange(2 ** (n - 1))[:, None] >> np.arange(n - 1) & 1
        signs = np.concatenate([np.ones((len(codes), 1)), 1.0 - 2.0 * codes], axis=1)
    else:
        signs = np.concatenate([np.ones((1, n)), rng.integers(0, 2, (DRAWS, n)) * 2.0 - 1.0])
    order = np.argsort(-observed, kind="stable")
    sums = np.abs(signs @ scaled[:, order])
    largest = np.maximum.accumulate(sums[:, ::-1], axis=1)[:, ::-1]
    stepped = np.mean(largest >= observed[order] - _TOLERANCE, axis=0)
    p_values = np.empty(k)
    p_values[order] = np.maximum.accumulate(stepped)
    return p_values


def _signed_sums(differences: FloatArray) -> FloatArray:
    """Sums (2^(n-1),) under all signs, the first one kept: the others are their mirror images."""
    sums = differences[:1]
    for difference in differences[1:]:
        sums = np.concatenate([sums + difference, sums - difference])
    return sums
