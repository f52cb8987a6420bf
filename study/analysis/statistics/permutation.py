"""p values of tests that reassign labels within a replicate."""

from __future__ import annotations

import itertools
import math

import numpy as np

from study.analysis.statistics.intervals import FloatArray

EXACT_SIGNS = 20
"""Largest number of differences whose sign flips are all enumerated."""

EXACT_ORDERS = 2**19
"""Largest number of reassignments within replicates that are all enumerated."""

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


def within_replicates(values: FloatArray, *, rng: np.random.Generator, draws: int = DRAWS) -> float:
    """p of the hypothesis that within each replicate the levels are exchangeable.

    The statistic is the variance of the level means, which orders reassignments as the F of a replicate x
    level layout does. All (k!)^(n - 1) reassignments are enumerated up to ``EXACT_ORDERS`` (the first
    replicate may stay, since relabelling all at once changes nothing); above, ``draws`` random ones count
    with the observed one, so that p is never 0.

    Parameters
    ----------
    values
        (n_replicates, n_levels).
    rng
        Used only where not all are enumerated.

    Returns
    -------
    float
        NaN where there are fewer than two replicates or levels or a value is not finite.

    References
    ----------
    Pitman (1938), Significance tests which may be applied to samples from any populations, Biometrika 29.

    Examples
    --------
    >>> values = np.array([[0.60, 0.62, 0.65], [0.61, 0.61, 0.66], [0.58, 0.62, 0.63]])
    >>> round(within_replicates(values, rng=np.random.default_rng(7)), 4)
    0.0556
    """
    n, k = values.shape
    if n < 2 or k < 2 or not np.isfinite(values).all():
        return float("nan")
    centred = values - values.mean(axis=1, keepdims=True)
    observed = float((centred.sum(axis=0) ** 2).sum())
    least = observed - _TOLERANCE * n * float((centred**2).sum())
    if math.factorial(k) ** (n - 1) <= EXACT_ORDERS:
        return float(np.mean((_reassigned_sums(centred) ** 2).sum(axis=1) >= least))
    sums = np.zeros((draws, k))
    for row in centred:
        sums += rng.permuted(np.broadcast_to(row, (draws, k)), axis=1)
    return float((1 + np.count_nonzero((sums**2).sum(axis=1) >= least)) / (draws + 1))


def signflip_interaction(effects: FloatArray, *, rng: np.random.Generator) -> float:
    """p of the hypothesis that the interaction of models and levels is zero.

    The share of sign assignments of whole replicates, which keep what their entries have in common, whose
    squared mean interaction, summed over models and levels, is at least the observed one. All are enumerated
    for n up to 20; above, 9,999 random ones count with the observed one.

    Parameters
    ----------
    effects
        ``blocks.interaction_effects``, (n, n_models, n_levels).
    rng
        Used only for n above 20.

    Returns
    -------
    float
        At least 2/2^n when exact; NaN for n below 2 or an effect that is not finite.

    Examples
    --------
    >>> effects = np.array([[[0.01, -0.01], [-0.01, 0.01]], [[0.02, -0.02], [-0.02, 0.02]]])
    >>> signflip_interaction(effects, rng=np.random.default_rng(7))
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


def _signed_sums(differences: FloatArray) -> FloatArray:
    """Sums (2^(n-1),) under all signs, the first one kept: the others are their mirror images."""
    sums = differences[:1]
    for difference in differences[1:]:
        sums = np.concatenate([sums + difference, sums - difference])
    return sums


def _reassigned_sums(values: FloatArray) -> FloatArray:
    """Level sums ((k!)^(n-1), k) under all orders within the replicates after the first."""
    orders = list(itertools.permutations(range(values.shape[1])))
    sums = values[:1]
    for row in values[1:]:
        sums = (sums[:, None, :] + row[orders][None, :, :]).reshape(-1, values.shape[1])
    return sums
