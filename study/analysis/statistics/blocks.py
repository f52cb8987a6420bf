"""Levels or models compared over complete blocks, the replicates."""

from __future__ import annotations

import numpy as np

from study.analysis.statistics.intervals import FloatArray


def f_statistic(values: FloatArray) -> float:
    """F of the levels in a layout of replicates and levels without interaction.

    F = [n sum_j (mean_j - mean)^2 / (k - 1)] / [residual sum of squares / ((n - 1)(k - 1))].

    Parameters
    ----------
    values
        (n, k).

    Returns
    -------
    float
        0 where all level means are equal, infinite where the levels alone explain everything, NaN for fewer
        than two replicates or levels.

    References
    ----------
    Fisher (1935), The design of experiments.

    Examples
    --------
    >>> round(f_statistic(np.array([[0.60, 0.62, 0.65], [0.61, 0.61, 0.66], [0.58, 0.62, 0.63]])), 4)
    14.25
    """
    n, k = values.shape
    if n < 2 or k < 2 or not np.isfinite(values).all():
        return float("nan")
    centred = values - values.mean(axis=1, keepdims=True)
    level_means = centred.mean(axis=0)
    between = n * float((level_means**2).sum())
    within = float(((centred - level_means) ** 2).sum())
    noise = 1e-18 * max(float((values**2).sum()), 1e-300)
    if between <= noise:
        return 0.0
    return between / (k - 1) / (within / ((n - 1) * (k - 1))) if within > noise else float("inf")


def level_effects(values: FloatArray) -> FloatArray:
    """``values`` (n, k) less the mean of each replicate, of equal shape.

    Examples
    --------
    >>> level_effects(np.array([[0.60, 0.62, 0.64]])).round(4).tolist()
    [[-0.02, 0.0, 0.02]]
    """
    return np.asarray(values - values.mean(axis=1, keepdims=True))


def slopes(values: FloatArray, positions: FloatArray) -> FloatArray:
    """Least-squares slope of each row of ``values`` (n, k) over ``positions`` (k,), (n,).

    sum_j (x_j - mean x) y_j / sum_j (x_j - mean x)^2, in units of ``values`` per unit of ``positions``.

    Examples
    --------
    >>> values = np.array([[0.60, 0.62, 0.64], [0.61, 0.61, 0.60]])
    >>> slopes(values, np.array([0.0, 1.0, 2.0])).round(4).tolist()
    [0.02, -0.005]
    """
    steps = positions - positions.mean()
    return np.asarray(values @ steps / (steps**2).sum())


def interaction_effects(values: FloatArray) -> FloatArray:
    """``values`` (n, n_models, n_levels) less the row and column means of each replicate, of equal shape.

    y_ij - mean_i - mean_j + mean, which is zero where every level adds the same to every model.

    Examples
    --------
    >>> interaction_effects(np.array([[[0.60, 0.62], [0.61, 0.67]]])).round(4).tolist()
    [[[0.01, -0.01], [-0.01, 0.01]]]
    """
    return np.asarray(
        values
        - values.mean(axis=1, keepdims=True)
        - values.mean(axis=2, keepdims=True)
        + values.mean(axis=(1, 2), keepdims=True)
    )


def interaction_f(effects: FloatArray) -> float:
    """Mean square of the mean interaction over that of its variation between replicates.

    F = [n sum_ij mean_ij^2 / d] / [sum_r,ij (effect_rij - mean_ij)^2 / (d (n - 1))], d = (n_models - 1)
    (n_levels - 1).

    Parameters
    ----------
    effects
        ``interaction_effects``, (n, n_models, n_levels).

    Returns
    -------
    float
        NaN for fewer than two replicates.

    Examples
    --------
    >>> values = np.array([[[0.60, 0.62], [0.61, 0.67]], [[0.61, 0.62], [0.60, 0.64]]])
    >>> round(interaction_f(interaction_effects(values)), 4)
    49.0
    """
    n, rows, columns = effects.shape
    if n < 2 or not np.isfinite(effects).all():
        return float("nan")
    mean = effects.mean(axis=0)
    freedom = (rows - 1) * (columns - 1)
    between = n * float((mean**2).sum()) / freedom
    within = float(((effects - mean) ** 2).sum()) / (freedom * (n - 1))
    if within <= 1e-24:
        return 0.0 if between <= 1e-24 else float("inf")
    return float(between / within)
