"""Standard error of an accuracy over crossed random factors, runs and images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from study.analysis.statistics.estimates import Estimate

BoolMatrix = NDArray[np.bool_]


class CrossedParts(NamedTuple):
    """Squared standard error of the mean of a table of n runs and m images, by source.

    Attributes
    ----------
    mean
        Of the table.
    runs, images
        s2_runs / n and s2_images / m, of the variances of the run means and the image means; each holds a
        share of the residual.
    residual
        s2_residual / (n m).
    n, m
        Number of runs and of images.
    """

    mean: float
    runs: float
    images: float
    residual: float
    n: int
    m: int

    @property
    def variance(self) -> float:
        """runs + images - residual, not below the larger of the first two."""
        return max(self.runs + self.images - self.residual, self.runs, self.images)

    @property
    def runs_alone(self) -> float:
        """What infinitely many images would leave, not below 0."""
        return max(self.runs - self.residual, 0.0)

    @property
    def images_alone(self) -> float:
        """What infinitely many runs would leave, not below 0."""
        return max(self.images - self.residual, 0.0)

    @property
    def estimate(self) -> Estimate:
        """The mean with sqrt(variance) and Satterthwaite's degrees of freedom, over new runs and new images.

        df = variance^2 / (runs^2/(n - 1) + images^2/(m - 1) + residual^2/((n - 1)(m - 1))). NaN for one run
        or one image.

        References
        ----------
        Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics 2.
        """
        variance, n, m = self.variance, self.n - 1, self.m - 1
        if np.isnan(variance):
            return Estimate(self.mean, float("nan"), float("nan"), self.n)
        if variance <= 1e-24:
            return Estimate(self.mean, 0.0, float("nan"), self.n)
        terms = np.array([self.runs, self.images, self.residual])
        freedom = float(variance**2 / (terms**2 / [n, m, n * m]).sum())
        return Estimate(self.mean, float(np.sqrt(variance)), freedom, self.n)


def crossed_parts(correct: BoolMatrix) -> CrossedParts:
    """The parts of the squared standard error of an accuracy over new runs and new images.

    SE^2 = s2_runs/n + s2_images/m - s2_residual/(n m), as in a two-way layout without replication.

    Parameters
    ----------
    correct
        (n, m), whether a run classified an image right.

    Returns
    -------
    CrossedParts
        Squares of fractions; NaN for one run or one image.

    References
    ----------
    Searle, Casella & McCulloch (1992), Variance components.

    Examples
    --------
    >>> parts = crossed_parts(np.array([[1, 1, 0, 1], [1, 0, 0, 1], [1, 1, 0, 0]], bool))
    >>> round(parts.mean, 4), round(parts.variance**0.5, 4)
    (0.5833, 0.2097)
    """
    by_image = correct.sum(axis=0, dtype=np.int64)
    return _parts(np.count_nonzero(correct, axis=1), by_image, int(by_image.sum()))


def crossed_difference_parts(first: BoolMatrix, second: BoolMatrix) -> CrossedParts:
    """As ``crossed_parts``, of accuracy ``first`` minus ``second``, row i of both being paired runs.

    Parameters
    ----------
    first, second
        (n, m) each.

    Raises
    ------
    ValueError
        The matrices have different shapes.

    Examples
    --------
    >>> first = np.array([[1, 1, 0, 1], [1, 1, 0, 1], [1, 1, 1, 0]], bool)
    >>> second = np.array([[1, 1, 0, 1], [1, 0, 0, 1], [1, 1, 0, 0]], bool)
    >>> parts = crossed_difference_parts(first, second)
    >>> round(parts.mean, 4), round(parts.variance**0.5, 4)
    (0.1667, 0.0962)
    """
    if first.shape != second.shape:
        raise ValueError(
            f"correctness of two sides: expected equal shapes, received {first.shape} and {second.shape}"
        )
    by_image = first.sum(axis=0, dtype=np.int64) - second.sum(axis=0, dtype=np.int64)
    by_run = np.count_nonzero(first, axis=1) - np.count_nonzero(second, axis=1)
    return _parts(by_run, by_image, int(np.count_nonzero(first != second)))


def crossed_contrast_parts(sides: Sequence[BoolMatrix], weights: Sequence[int]) -> CrossedParts:
    """As ``crossed_parts``, of the sum of accuracies times ``weights``, rows i being runs of one replicate.

    Parameters
    ----------
    sides, weights
        k matrices (n, m) and k whole numbers.

    Raises
    ------
    ValueError
        The matrices have different shapes, or the weights another number.

    Examples
    --------
    >>> first = np.array([[1, 1, 0, 1], [1, 1, 0, 1], [1, 1, 1, 0]], bool)
    >>> second = np.array([[1, 1, 0, 1], [1, 0, 0, 1], [1, 1, 0, 0]], bool)
    >>> crossed_contrast_parts([first, second], [1, -1]) == crossed_difference_parts(first, second)
    True
    """
    shapes = {side.shape for side in sides}
    if len(shapes) != 1 or len(sides) != len(weights):
        raise ValueError(
            f"correctness of several sides: expected one shape and a weight each, "
            f"received {sorted(shapes)} and {len(weights)} weights"
        )
    table = sum(
        (weight * side.astype(np.int64) for weight, side in zip(weights, sides, strict=True)),
        start=np.zeros(sides[0].shape, dtype=np.int64),
    )
    return _parts(table.sum(axis=1), table.sum(axis=0), int((table**2).sum()))


def crossed_interval(correct: BoolMatrix, *, alpha: float) -> tuple[float, float]:
    """Interval of an accuracy over new runs and new images, from ``crossed_parts``.

    Examples
    --------
    >>> correct = np.array([[1, 1, 0, 1], [1, 0, 0, 1], [1, 1, 0, 0]], bool)
    >>> [round(end, 4) for end in crossed_interval(correct, alpha=0.05)]
    [-0.1256, 1.2923]
    """
    return crossed_parts(correct).estimate.interval(alpha=alpha)


def crossed_difference(first: BoolMatrix, second: BoolMatrix, *, alpha: float) -> tuple[float, float]:
    """Interval of accuracy ``first`` minus ``second`` over new runs and new images.

    Shapes and errors as of ``crossed_difference_parts``.

    Examples
    --------
    >>> first = np.array([[1, 1, 0, 1], [1, 1, 0, 1], [1, 1, 1, 0]], bool)
    >>> second = np.array([[1, 1, 0, 1], [1, 0, 0, 1], [1, 1, 0, 0]], bool)
    >>> [round(end, 4) for end in crossed_difference(first, second, alpha=0.05)]
    [-1.4835, 1.8168]
    """
    return crossed_difference_parts(first, second).estimate.interval(alpha=alpha)


def _parts(by_run: NDArray[np.int64], by_image: NDArray[np.int64], squares: int) -> CrossedParts:
    """From the sums of a run x image table by run and by image, and its sum of squares."""
    n, m = len(by_run), len(by_image)
    if n < 2 or m < 2:
        return CrossedParts(float("nan"), float("nan"), float("nan"), float("nan"), n, m)
    total = int(by_run.sum())
    centre = total**2 / (n * m)
    between_runs = float((by_run.astype(np.float64) ** 2).sum()) / m - centre
    between_images = float((by_image.astype(np.float64) ** 2).sum()) / n - centre
    residual = max(squares - centre - between_runs - between_images, 0.0)
    return CrossedParts(
        total / (n * m),
        max(between_runs, 0.0) / (n - 1) / n / m,
        max(between_images, 0.0) / (m - 1) / n / m,
        residual / ((n - 1) * (m - 1)) / n / m,
        n,
        m,
    )
