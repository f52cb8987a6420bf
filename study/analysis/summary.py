"""Means of every metric at every level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from study.analysis import layout
from study.analysis.correctness import Correctness
from study.analysis.statistics.intervals import crossed_interval, mean_interval, sd_interval
from study.tables.definitions import ORIGINS, SUMMARY

METRICS = (
    ("train", "accuracy", "train_accuracy"),
    ("train", "log_loss", "train_log_loss"),
    ("valid", "accuracy", "valid_accuracy"),
    ("valid", "log_loss", "valid_log_loss"),
    ("valid", "calibration_error", "valid_calibration_error"),
    ("test", "accuracy", "test_accuracy"),
    ("test", "log_loss", "test_log_loss"),
    ("test", "calibration_error", "test_calibration_error"),
    *(("test", f"accuracy_{origin}", f"test_accuracy_{origin}") for origin in ORIGINS),
)
"""Split, metric, column of table ``results``."""

SELECTED = "selected"


def summarise(
    results: pd.DataFrame,
    levels: pd.DataFrame,
    correct: Correctness,
    *,
    alpha: float,
    valid: Correctness | None = None,
) -> pd.DataFrame:
    """Table ``summary``: explore rows of every factor and level, confirm rows of the selected settings.

    Every run counts: a diverged one stays with its final numbers and is counted in ``n_diverged``. A metric
    that is not finite in one run, as the loss of a diverged one, has NaN for mean, sd and intervals, because
    leaving that run out would flatter the setting. A level without runs has no row, nor has an origin of
    which the test split holds no image. The interval over images is that of test accuracy, whole or, where
    ``correct`` knows the origins, by origin, and of validation accuracy.

    Parameters
    ----------
    correct, valid
        Correctness on the test split, and on the validation split where its interval is asked for.
    """
    rows: list[dict[str, Any]] = []
    for name, runs in _groups(results, levels):
        n_diverged = int((runs["status"] == "diverged").sum())
        for split, metric, column in METRICS:
            values = runs[column].to_numpy(dtype=float)
            if metric.startswith("accuracy_") and np.isnan(values).all():
                continue
            interval = mean_interval(values, alpha=alpha)
            sd_low, sd_high = sd_interval(float(interval.sd), interval.n, alpha=alpha)
            image_low, image_high = _over_images(
                runs, metric, {"test": correct, "valid": valid}.get(split), alpha
            )
            rows.append(
                {
                    **name,
                    "split": split,
                    "metric": metric,
                    "n_diverged": n_diverged,
                    **interval.row(),
                    "sd_ci_low": sd_low,
                    "sd_ci_high": sd_high,
                    "image_ci_low": image_low,
                    "image_ci_high": image_high,
                }
            )
    return SUMMARY.conform(pd.DataFrame(rows, columns=list(SUMMARY.columns)))


def _groups(results: pd.DataFrame, levels: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    explore, confirm = layout.phase(results, "explore"), layout.phase(results, "confirm")
    for model in layout.models(explore):
        for factor in layout.factors(levels):
            for level in layout.at_levels(explore, levels, model, factor):
                if len(level.runs):
                    name = {"model": model, "factor": factor, "level": level.level, "phase": "explore"}
                    yield name, level.runs
    for model in layout.models(confirm):
        of_model = confirm[confirm["model"] == model]
        for setting in sorted(of_model["setting"].unique()):
            name = {"model": model, "factor": SELECTED, "level": setting, "phase": "confirm"}
            yield name, of_model[of_model["setting"] == setting]


def _over_images(
    runs: pd.DataFrame, metric: str, correct: Correctness | None, alpha: float
) -> tuple[float, float]:
    if correct is None or not metric.startswith("accuracy"):
        return float("nan"), float("nan")
    origin = metric.removeprefix("accuracy").removeprefix("_") or None
    return crossed_interval(correct.of(runs["run"], origin=origin), alpha=alpha)
