"""Means of every metric at every level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from study.analysis import factor_levels
from study.analysis.correctness import Correctness
from study.analysis.frames import frame
from study.analysis.statistics.crossed import crossed_interval
from study.analysis.statistics.intervals import mean_interval, sd_interval
from study.analysis.statistics.looks import at_look
from study.params import Rules
from study.tables.definitions import ORIGINS, SUMMARY

METRICS = (
    ("train", "accuracy"),
    ("train", "log_loss"),
    ("valid", "accuracy"),
    ("valid", "log_loss"),
    ("valid", "calibration_error"),
    ("test", "accuracy"),
    ("test", "log_loss"),
    ("test", "calibration_error"),
    *(("test", f"accuracy_{origin}") for origin in ORIGINS),
)
"""Split and metric; together the column of table ``results``."""

SELECTED = "selected"


def summarise(
    results: pd.DataFrame,
    levels: pd.DataFrame,
    correct: Correctness,
    *,
    rules: Rules,
    valid: Correctness | None = None,
) -> pd.DataFrame:
    """Table ``summary``: explore rows of every factor and level, confirm rows of the selected settings.

    Every run counts: a diverged one stays with its final numbers and is counted in ``n_diverged``. A metric
    that is not finite in one run, as the loss of a diverged one, has NaN for mean, sd and intervals, because
    leaving that run out would flatter the setting. A level without runs has no row, nor has an origin of
    which the test split holds no image. The interval over images is that of test accuracy, whole or, where
    ``correct`` knows the origins, by origin, and of validation accuracy.

    Where the explore phase was looked at while it ran, its intervals hold over all looks.

    Parameters
    ----------
    correct, valid
        Correctness on the test split, and on the validation split where its interval is asked for.
    """
    rows: list[dict[str, Any]] = []
    for name, runs in _groups(results, levels):
        alpha = (at_look(rules, len(runs)) if name["phase"] == "explore" else rules).alpha
        n_diverged = int((runs["status"] == "diverged").sum())
        for split, metric in METRICS:
            values = factor_levels.values(runs, f"{split}_{metric}")
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
    return frame(SUMMARY, rows)


def _groups(results: pd.DataFrame, levels: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    for model, of_model in factor_levels.of_models(results, "explore").items():
        for factor in factor_levels.factors(levels):
            for level in factor_levels.at_levels(of_model, levels, factor):
                if len(level.runs):
                    name = {"model": model, "factor": factor, "level": level.level, "phase": "explore"}
                    yield name, level.runs
    for model, of_model in factor_levels.of_models(results, "confirm").items():
        for setting, runs in of_model.groupby("setting", sort=True):
            yield {"model": model, "factor": SELECTED, "level": str(setting), "phase": "confirm"}, runs


def _over_images(
    runs: pd.DataFrame, metric: str, correct: Correctness | None, alpha: float
) -> tuple[float, float]:
    if correct is None or not metric.startswith("accuracy"):
        return float("nan"), float("nan")
    origin = metric.removeprefix("accuracy").removeprefix("_") or None
    return crossed_interval(correct.of(runs["run"], origin=origin), alpha=alpha)
