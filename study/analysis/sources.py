"""How much of the variance each source of randomness gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from study.analysis import layout
from study.analysis.correctness import Correctness
from study.analysis.statistics.intervals import crossed_parts, mean_interval, sd_interval
from study.tables.definitions import SEEDS_IMAGES, VARIANCE_SOURCES

ALL = "all"


def variance_sources(results: pd.DataFrame, varied: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Table ``variance_sources``, of runs in which one source of randomness varies.

    Parameters
    ----------
    results
        Table ``results`` of those runs.
    varied
        One row a run: run, source. A run may stand under several sources.
    alpha
        Intervals have confidence 1 - alpha.

    References
    ----------
    Bouthillier et al. (2021), Accounting for variance in machine learning benchmarks.
    """
    runs = varied.merge(results, on="run", how="left", validate="many_to_one")
    rows: list[dict[str, Any]] = []
    for (model, setting, source), own in runs.groupby(["model", "setting", "source"], sort=False):
        interval = mean_interval(own["test_accuracy"].to_numpy(dtype=float), alpha=alpha)
        sd_low, sd_high = sd_interval(float(interval.sd), interval.n, alpha=alpha)
        rows.append(
            {
                "model": model,
                "setting": setting,
                "source": source,
                **interval.row(),
                "sd_ci_low": sd_low,
                "sd_ci_high": sd_high,
            }
        )
    whole = {(row["model"], row["setting"]): row["sd"] for row in rows if row["source"] == ALL}
    for row in rows:
        together = whole.get((row["model"], row["setting"]), np.nan)
        row["share"] = (row["sd"] / together) ** 2 if together > 0 else np.nan
    return VARIANCE_SOURCES.conform(pd.DataFrame(rows, columns=list(VARIANCE_SOURCES.columns)))


def seeds_images(results: pd.DataFrame, correct: Correctness) -> pd.DataFrame:
    """Table ``seeds_images``: what seeds and what test images add to the error of a confirmed mean.

    Parameters
    ----------
    results
        Table ``results``, one setting a model in the confirm phase; other rows are ignored.
    correct
        Correctness of at least the confirm runs.
    """
    confirm = layout.phase(results, "confirm")
    rows = []
    for model in layout.models(confirm):
        matrix = correct.of(confirm.loc[confirm["model"] == model, "run"])
        parts = crossed_parts(matrix)
        seeds = max(parts.runs - parts.residual, 0.0)
        images = max(parts.images - parts.residual, 0.0)
        both = seeds + images
        rows.append(
            {
                "model": model,
                "n": len(matrix),
                "n_images": matrix.shape[1],
                "se_seeds": float(np.sqrt(parts.runs)),
                "se_images": float(np.sqrt(parts.images)),
                "se_both": float(np.sqrt(parts.variance)),
                "share_images": images / both if both > 0 else np.nan,
            }
        )
    return SEEDS_IMAGES.conform(pd.DataFrame(rows, columns=list(SEEDS_IMAGES.columns)))
