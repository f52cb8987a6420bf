"""Whether a probability of 0.8 is right eight times in ten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study.analysis import layout
from study.analysis.statistics.intervals import FloatArray, mean_interval
from study.tables.definitions import RELIABILITY


def binned(
    probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]], *, bins: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
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


def reliability(
    results: pd.DataFrame,
    binned_runs: list[tuple[FloatArray, FloatArray, FloatArray]],
    *,
    alpha: float,
) -> pd.DataFrame:
    """Table ``reliability``.

    Parameters
    ----------
    results
        Rows of the confirm phase, one a run.
    binned_runs
        ``binned`` of the same runs in the same order.
    """
    rows = []
    for model in layout.models(results):
        own = [binned_runs[k] for k in np.flatnonzero(results["model"] == model)]
        share, confidence, accuracy = (np.stack(parts) for parts in zip(*own, strict=True))
        for k in range(share.shape[1]):
            filled = share[:, k] > 0
            if not filled.any():
                continue
            n, mean, _, low, high = mean_interval(accuracy[filled, k], alpha=alpha)
            rows.append(
                {
                    "model": model,
                    "bin": k,
                    "n": n,
                    "share": float(share[:, k].mean()),
                    "confidence": float(confidence[filled, k].mean()),
                    "accuracy": float(mean),
                    "accuracy_ci_low": float(low),
                    "accuracy_ci_high": float(high),
                }
            )
    return RELIABILITY.conform(pd.DataFrame(rows, columns=list(RELIABILITY.columns)))
