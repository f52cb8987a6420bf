"""Confirmed accuracy class by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study.analysis import factor_levels
from study.analysis.correctness import Correctness
from study.analysis.frames import frame
from study.analysis.statistics.crossed import crossed_interval
from study.analysis.statistics.intervals import FloatArray, mean_interval
from study.params import Rules
from study.tables.definitions import CONFUSION, PER_CLASS


def confusion_counts(
    predicted: NDArray[np.integer[Any]], labels: NDArray[np.integer[Any]], n_classes: int
) -> NDArray[np.int64]:
    """Images of each true class that each run classified as each class, (n_runs, n_classes, n_classes).

    Parameters
    ----------
    predicted
        (n_runs, n_images).
    labels
        (n_images,).
    """
    cells = labels.astype(np.int64) * n_classes + predicted
    return np.stack([np.bincount(row, minlength=n_classes**2).reshape(n_classes, n_classes) for row in cells])


def per_class(
    results: pd.DataFrame,
    counts: NDArray[np.int64],
    classes: Sequence[str],
    correct: Correctness,
    labels: NDArray[np.integer[Any]],
    *,
    rules: Rules,
) -> pd.DataFrame:
    """Table ``per_class``.

    Parameters
    ----------
    results
        Rows of the confirm phase, one per run.
    counts
        ``confusion_counts`` of the same runs in the same order.
    classes
        Their names.
    correct
        Correctness of at least these runs.
    labels
        (n_images,), the classes of the images.
    """
    rows = []
    for model, shares, totals in _by_model(results, counts):
        right = correct.of(results.loc[results["model"] == model, "run"])
        for k, name in enumerate(classes):
            low, high = crossed_interval(right[:, labels == k], alpha=rules.alpha)
            rows.append(
                {
                    "model": model,
                    "class": name,
                    "n_images": int(totals[k]),
                    **mean_interval(shares[:, k, k], alpha=rules.alpha).row(),
                    "image_ci_low": low,
                    "image_ci_high": high,
                }
            )
    return frame(PER_CLASS, rows)


def confusion(results: pd.DataFrame, counts: NDArray[np.int64], classes: Sequence[str]) -> pd.DataFrame:
    """Table ``confusion``; parameters as of ``per_class``."""
    rows = [
        {
            "model": model,
            "true": true,
            "predicted": predicted,
            "n": len(shares),
            "share": float(shares[:, i, j].mean()),
        }
        for model, shares, _ in _by_model(results, counts)
        for i, true in enumerate(classes)
        for j, predicted in enumerate(classes)
    ]
    return frame(CONFUSION, rows)


def _by_model(
    results: pd.DataFrame, counts: NDArray[np.int64]
) -> list[tuple[str, FloatArray, NDArray[np.int64]]]:
    if len(results) != len(counts):
        raise ValueError(f"confusion: expected counts of {len(results)} runs, received {len(counts)}")
    totals = counts[0].sum(axis=1) if len(counts) else np.zeros(0, np.int64)
    with np.errstate(invalid="ignore"):
        shares = counts / counts.sum(axis=2, keepdims=True)
    return [
        (model, shares[(results["model"] == model).to_numpy()], totals)
        for model in factor_levels.models(results)
    ]
