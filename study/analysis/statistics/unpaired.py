"""Sides compared that each have replicates of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from study.analysis.statistics.estimates import Estimate
from study.analysis.statistics.intervals import FloatArray


def welch(first: FloatArray, second: FloatArray) -> Estimate:
    """The difference of two means, ``first`` minus ``second``, whose variances may differ.

    With v = sd^2 / n of each side: se = sqrt(v1 + v2), and (v1 + v2)^2 / (v1^2 / (n1 - 1) + v2^2 / (n2 - 1))
    degrees of freedom.

    Parameters
    ----------
    first, second
        (n1,) and (n2,), independent replicates.

    Returns
    -------
    Estimate
        Its ``n`` is the smaller number. No ``se`` where a side has fewer than two values or one that is not
        finite; where no side varies, an ``se`` of zero, which ``Estimate`` judges by ``n``.

    References
    ----------
    Welch (1947), The generalization of Student's problem when several different population variances are
    involved, Biometrika 34.

    Examples
    --------
    >>> first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    >>> second = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    >>> found = welch(first, second)
    >>> [round(value, 4) for value in (found.mean / found.se, found.df, found.p_zero)]
    [-1.8608, 17.7765, 0.0794]
    """
    n = min(len(first), len(second))
    mean = float(first.mean() - second.mean()) if n else float("nan")
    if n < 2 or not np.isfinite(mean):
        return Estimate(mean, float("nan"), float("nan"), n)
    one, other = (0.0 if np.ptp(side) == 0 else side.var(ddof=1) / len(side) for side in (first, second))
    if one + other == 0:
        return Estimate(mean, 0.0, float(len(first) + len(second) - 2), n)
    df = (one + other) ** 2 / (one**2 / (len(first) - 1) + other**2 / (len(second) - 1))
    return Estimate(mean, float(np.sqrt(one + other)), float(df), n)


def contrast(sides: Sequence[FloatArray], weights: Sequence[float]) -> Estimate:
    """A weighted sum of means of independent sides, such as a difference of two differences.

    With v = weight^2 sd^2 / n of each side: se = sqrt(sum v), and (sum v)^2 / sum(v^2 / (n - 1)) degrees of
    freedom. Weights 1 and -1 give ``welch``.

    Parameters
    ----------
    sides
        (n_i,) each, independent replicates.
    weights
        One of each side.

    Returns
    -------
    Estimate
        As ``welch``.

    References
    ----------
    Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics
    Bulletin 2.

    Examples
    --------
    >>> sides = [np.array([0.7, -1.6, -0.2]), np.array([1.9, 0.8, 1.1]), np.array([0.0, 2.0])]
    >>> [round(value, 4) for value in contrast(sides, [1.0, -0.5, -0.5])[:3]]
    [-1.5, 0.8513, 3.2199]
    """
    n = min(len(side) for side in sides)
    if n == 0 or not np.isfinite(np.concatenate(sides)).all():
        return Estimate(float("nan"), float("nan"), float("nan"), n)
    mean = float(sum(weight * side.mean() for weight, side in zip(weights, sides, strict=True)))
    if n < 2:
        return Estimate(mean, float("nan"), float("nan"), n)
    parts = [
        0.0 if np.ptp(side) == 0 else weight**2 * side.var(ddof=1) / len(side)
        for weight, side in zip(weights, sides, strict=True)
    ]
    total = sum(parts)
    if total == 0:
        return Estimate(mean, 0.0, float(sum(len(side) - 1 for side in sides)), n)
    df = total**2 / sum(part**2 / (len(side) - 1) for part, side in zip(parts, sides, strict=True))
    return Estimate(mean, float(np.sqrt(total)), float(df), n)


def hedges_g(first: FloatArray, second: FloatArray, *, alpha: float) -> tuple[float, float, float]:
    """The difference of two means in standard deviations, with its interval.

    g = J (mean1 - mean2) / s, s^2 the pooled variance, J = 1 - 3 / (4 (n1 + n2 - 2) - 1); its variance is
    (n1 + n2) / (n1 n2) + g^2 / (2 (n1 + n2)), its interval normal.

    Parameters
    ----------
    first, second
        (n1,) and (n2,), independent replicates.
    alpha
        The interval has confidence 1 - alpha.

    Returns
    -------
    tuple
        g, low, high; NaN where a side has fewer than two values, or neither varies.

    References
    ----------
    Hedges & Olkin (1985), Statistical methods for meta-analysis.

    Examples
    --------
    >>> first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    >>> second = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    >>> [round(value, 4) for value in hedges_g(first, second, alpha=0.05)]
    [-0.797, -1.7077, 0.1136]
    """
    n1, n2 = len(first), len(second)
    if min(n1, n2) < 2 or not np.isfinite([*first, *second]).all():
        return float("nan"), float("nan"), float("nan")
    squares = sum(float(((side - side.mean()) ** 2).sum()) for side in (first, second))
    if max(np.ptp(first), np.ptp(second)) == 0:
        return float("nan"), float("nan"), float("nan")
    df = n1 + n2 - 2
    g = (1 - 3 / (4 * df - 1)) * float(first.mean() - second.mean()) / np.sqrt(squares / df)
    half = stats.norm.ppf(1 - alpha / 2) * np.sqrt((n1 + n2) / (n1 * n2) + g**2 / (2 * (n1 + n2)))
    return float(g), float(g - half), float(g + half)
