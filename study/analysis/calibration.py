"""Whether a probability of 0.8 is right eight times in ten, before or after temperature scaling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study.analysis import factor_levels
from study.analysis.frames import frame
from study.analysis.inputs import Inputs
from study.analysis.statistics.intervals import FloatArray, mean_interval
from study.analysis.statistics.metrics import calibration_error
from study.params import Rules
from study.tables.definitions import CALIBRATION, CALIBRATION_FLOOR, RELIABILITY

Binned = tuple[FloatArray, FloatArray, FloatArray]


def tables(inputs: Inputs, *, rules: Rules) -> dict[str, pd.DataFrame]:
    """The topic's tables by name."""
    runs = [binned(one, inputs.labels, bins=rules.calibration_bins) for one in inputs.probabilities]
    return {
        "reliability": reliability(inputs.confirmed, runs, rules=rules),
        "calibration_floor": calibration_floor(
            inputs.confirmed, inputs.probabilities, inputs.labels, rules=rules
        ),
        "temperatures": inputs.temperatures,
        "calibration": calibration(inputs.temperatures, rules=rules),
    }


def binned(
    probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]], *, bins: int
) -> Binned:
    """Share of images, mean confidence and accuracy of one run in bins of equal width; each (bins,).

    Parameters
    ----------
    probabilities
        (n_images, n_classes).
    labels
        (n_images,).
    bins
        Bin k holds confidences in (k / bins, (k + 1) / bins], the first one 0 too.

    Returns
    -------
    Confidence and accuracy are NaN in an empty bin.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        return (
            counts / len(labels),
            np.bincount(place, weights=confidence, minlength=bins) / counts,
            np.bincount(place, weights=right, minlength=bins) / counts,
        )


def expected_error(probabilities: NDArray[np.floating[Any]], *, bins: int) -> float:
    """The calibration error of a run that is perfectly calibrated, because a bin holds few images.

    Sum over bins of sqrt(2 / pi sum p (1 - p)) / n_images, the mean absolute gap of a bin in which each image
    is right with its probability p, by the normal approximation.

    Parameters
    ----------
    probabilities
        (n_images, n_classes).
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    variance = np.bincount(place, weights=confidence * (1 - confidence), minlength=bins)
    return float(np.sqrt(2 / np.pi * variance).sum() / len(confidence))


def calibration_floor(
    results: pd.DataFrame,
    probabilities: NDArray[np.floating[Any]],
    labels: NDArray[np.integer[Any]],
    *,
    rules: Rules,
) -> pd.DataFrame:
    """Table ``calibration_floor``: means over the confirmed runs of each model, ``probabilities`` by run."""
    rows = []
    for model in factor_levels.models(results):
        own = [probabilities[k] for k in np.flatnonzero(results["model"] == model)]
        bins = rules.calibration_bins
        measured = [calibration_error(one, labels, bins=bins) for one in own]
        floor = [expected_error(one, bins=bins) for one in own]
        row = {"model": model, "n": len(own), "calibration_error": float(np.mean(measured))}
        rows.append({**row, "floor": float(np.mean(floor))})
    return frame(CALIBRATION_FLOOR, rows)


def reliability(results: pd.DataFrame, binned_runs: list[Binned], *, rules: Rules) -> pd.DataFrame:
    """Table ``reliability``.

    Parameters
    ----------
    results
        Rows of the confirm phase, one per run.
    binned_runs
        ``binned`` of the same runs in the same order.
    """
    rows = []
    for model in factor_levels.models(results):
        own = [binned_runs[k] for k in np.flatnonzero(results["model"] == model)]
        share, confidence, accuracy = (np.stack(parts) for parts in zip(*own, strict=True))
        for k in range(share.shape[1]):
            filled = share[:, k] > 0
            if not filled.any():
                continue
            interval = mean_interval(accuracy[filled, k], alpha=rules.alpha)
            rows.append(
                {
                    "model": model,
                    "bin": k,
                    "n": interval.n,
                    "share": float(share[:, k].mean()),
                    "confidence": float(confidence[filled, k].mean()),
                    **interval.ends("accuracy", "accuracy_ci"),
                }
            )
    return frame(RELIABILITY, rows)


def calibration(temperatures: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``calibration``: means over the replicates of table ``temperatures``, with paired differences."""
    rows = []
    for method, of_method in temperatures.groupby("method", sort=True):
        for metric in ("log_loss", "calibration_error"):
            before, after = (
                factor_levels.values(of_method, f"{when}_{metric}") for when in ("test", "scaled")
            )
            row: dict[str, Any] = {
                "method": method,
                "metric": metric,
                "n": len(before),
                "temperature": float(of_method["temperature"].mean()),
            }
            for name, values in (("before", before), ("after", after), ("diff", after - before)):
                row |= mean_interval(values, alpha=rules.alpha).ends(name, f"{name}_ci")
            rows.append(row)
    return frame(CALIBRATION, rows)
