"""Intervals of means, standard deviations and one more run."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
BoolMatrix = NDArray[np.bool_]


class MeanInterval(NamedTuple):
    """A mean with its t interval; arrays of the shape that is left, 0-d where none is.

    Attributes
    ----------
    n
        Number of values averaged.
    mean, sd, low, high
        Mean, sample standard deviation (n - 1) and the ends of the interval.
    """

    n: int
    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray

    def row(self) -> dict[str, Any]:
        """Of one mean: n, mean, sd, ci_low and ci_high, as tables have them."""
        return {
            "n": self.n,
            "mean": float(self.mean),
            "sd": float(self.sd),
            "ci_low": float(self.low),
            "ci_high": float(self.high),
        }


def mean_interval(values: FloatArray, *, alpha: float) -> MeanInterval:
    """The t interval, mean -+ t(n - 1) sd / sqrt(n), of the means along the first axis.

    Parameters
    ----------
    values
        (n, ...). Where any of the n is not finite, mean, sd and interval are NaN: no value is dropped.
    alpha
        The interval has confidence 1 - alpha.

    Notes
    -----
    One value has a mean, but NaN for sd and interval. Equal values have an interval of no width.
    """
    n, mean, sd = _moments(values)
    half = _half_width(sd, n, alpha) / np.sqrt(n) if n else sd
    return MeanInterval(n, mean, sd, mean - half, mean + half)


def prediction_interval(values: FloatArray, *, alpha: float) -> tuple[float, float]:
    """Where one more run would fall: mean -+ t(n - 1) sd sqrt(1 + 1/n), for ``values`` (n,) of equal kind.

    NaN for one value; of no width for equal values.
    """
    n, mean, sd = _moments(values)
    half = _half_width(sd, n, alpha) * np.sqrt(1 + 1 / n) if n else sd
    return float(mean - half), float(mean + half)


def sd_interval(sd: float, n: int, *, alpha: float) -> tuple[float, float]:
    """Chi-square interval of a standard deviation: sd sqrt((n - 1) / quantile of chi2(n - 1)).

    Assumes normal values. NaN for n below 2; of no width for an sd of 0.
    """
    if n < 2:
        return float("nan"), float("nan")
    low, high = (sd * np.sqrt((n - 1) / stats.chi2.ppf(p, n - 1)) for p in (1 - alpha / 2, alpha / 2))
    return float(low), float(high)


def crossed_interval(correct: BoolMatrix, *, alpha: float) -> tuple[float, float]:
    """Interval of an accuracy over new runs and new images, from ``correct`` (n_runs, n_images).

    Runs and images are crossed random factors: SE^2 = s2_runs/n + s2_images/m - s2_residual/(nm), where
    s2_runs and s2_images are the variances of the run means and the image means, not below the larger of
    the first two terms; degrees of freedom after Satterthwaite. NaN for one run or one image.
    """
    n, m = correct.shape
    by_image = correct.sum(axis=0, dtype=np.int64)
    by_run = np.count_nonzero(correct, axis=1)
    return _crossed(by_run, by_image, int(by_image.sum()), n=n, m=m, alpha=alpha)


def crossed_difference(first: BoolMatrix, second: BoolMatrix, *, alpha: float) -> tuple[float, float]:
    """As ``crossed_interval``, of accuracy ``first`` minus ``second``, row i of both being paired runs.

    Raises
    ------
    ValueError
        The matrices have different shapes.
    """
    if first.shape != second.shape:
        raise ValueError(
            f"correctness of two sides: expected equal shapes, received {first.shape} and {second.shape}"
        )
    n, m = first.shape
    by_image = first.sum(axis=0, dtype=np.int64) - second.sum(axis=0, dtype=np.int64)
    by_run = np.count_nonzero(first, axis=1) - np.count_nonzero(second, axis=1)
    return _crossed(by_run, by_image, int(np.count_nonzero(first != second)), n=n, m=m, alpha=alpha)


class CrossedParts(NamedTuple):
    """Squared standard error of a mean over crossed runs and images, by source.

    Attributes
    ----------
    mean
        Of the run x image table.
    runs, images
        s2_runs / n and s2_images / m; each holds a share of the residual.
    residual
        s2_residual / (n m).
    """

    mean: float
    runs: float
    images: float
    residual: float

    @property
    def variance(self) -> float:
        """runs + images - residual, not below the larger of the first two."""
        return max(self.runs + self.images - self.residual, self.runs, self.images)


def crossed_parts(correct: BoolMatrix) -> CrossedParts:
    """The parts of ``crossed_interval``, of ``correct`` (n_runs, n_images); NaN for one run or one image."""
    n, m = correct.shape
    by_image = correct.sum(axis=0, dtype=np.int64)
    by_run = np.count_nonzero(correct, axis=1)
    return _parts(by_run, by_image, int(by_image.sum()), n=n, m=m)


def crossed_difference_parts(first: BoolMatrix, second: BoolMatrix) -> CrossedParts:
    """The parts of ``crossed_difference``; NaN for one run or one image."""
    n, m = first.shape
    by_image = first.sum(axis=0, dtype=np.int64) - second.sum(axis=0, dtype=np.int64)
    by_run = np.count_nonzero(first, axis=1) - np.count_nonzero(second, axis=1)
    return _parts(by_run, by_image, int(np.count_nonzero(first != second)), n=n, m=m)


def _parts(
    by_run: NDArray[np.int64], by_image: NDArray[np.int64], squares: int, *, n: int, m: int
) -> CrossedParts:
    """From the sums of a run x image table by run and by image, and its sum of squares."""
    if n < 2 or m < 2:
        return CrossedParts(*[float("nan")] * 4)
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
    )


def _crossed(
    by_run: NDArray[np.int64], by_image: NDArray[np.int64], squares: int, *, n: int, m: int, alpha: float
) -> tuple[float, float]:
    """Interval from the sums of a run x image table by run and by image, and its sum of squares."""
    parts = _parts(by_run, by_image, squares, n=n, m=m)
    if n < 2 or m < 2:
        return float("nan"), float("nan")
    variance = parts.variance
    if variance <= 1e-24:
        return parts.mean, parts.mean
    terms = np.array([parts.runs, parts.images, parts.residual])
    freedom = variance**2 / (terms**2 / [n - 1, m - 1, (n - 1) * (m - 1)]).sum()
    half = float(stats.t.ppf(1 - alpha / 2, freedom) * np.sqrt(variance))
    return parts.mean - half, parts.mean + half


def _moments(values: FloatArray) -> tuple[int, FloatArray, FloatArray]:
    n = len(values)
    nan = np.full(values.shape[1:], np.nan)
    if n == 0:
        return 0, nan, nan
    finite = np.isfinite(values).all(axis=0)
    known = np.where(finite, values, 0.0)
    constant = (known == known[0]).all(axis=0)
    mean = np.where(finite, np.where(constant, known[0], known.mean(axis=0)), np.nan)
    if n == 1:
        return n, mean, nan
    sd = np.where(finite, np.where(constant, 0.0, known.std(axis=0, ddof=1)), np.nan)
    return n, mean, sd


def _half_width(sd: FloatArray, n: int, alpha: float) -> FloatArray:
    quantile = float(stats.t.ppf(1 - alpha / 2, n - 1)) if n > 1 else np.nan
    return np.asarray(quantile * sd)
