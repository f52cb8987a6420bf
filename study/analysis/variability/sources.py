"""How much of the variance each source of randomness gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from study.analysis.correctness import Correctness
from study.analysis.factor_levels import of_models, values
from study.analysis.frames import frame
from study.analysis.statistics.crossed import crossed_parts
from study.analysis.statistics.intervals import mean_interval, sd_interval
from study.params import Rules
from study.tables.definitions import SEEDS_IMAGES, VARIANCE_SOURCES

ALL = "all"


def variance_sources(results: pd.DataFrame, varied: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``variance_sources``, of runs in which one source of randomness varies.

    Parameters
    ----------
    results
        Table ``results`` of those runs.
    varied
        One row per run: run, source. A run may stand under several sources.

    References
    ----------
    Bouthillier et al. (2021), Accounting for variance in machine learning benchmarks.
    """
    runs = varied.merge(results, on="run", how="left", validate="many_to_one")
    rows: list[dict[str, Any]] = []
    for (model, setting, source), own in runs.groupby(["model", "setting", "source"], sort=False):
        interval = mean_interval(values(own), alpha=rules.alpha)
        sd_low, sd_high = sd_interval(float(interval.sd), interval.n, alpha=rules.alpha)
        name = {"model": model, "setting": setting, "source": source}
        rows.append({**name, **interval.row(), "sd_ci_low": sd_low, "sd_ci_high": sd_high})
    whole = {(row["model"], row["setting"]): row["sd"] for row in rows if row["source"] == ALL}
    for row in rows:
        together = whole.get((row["model"], row["setting"]), np.nan)
        row["share"] = (row["sd"] / together) ** 2 if together > 0 else np.nan
    return frame(VARIANCE_SOURCES, rows)


def seeds_images(results: pd.DataFrame, correct: Correctness) -> pd.DataFrame:
    """Table ``seeds_images``: what seeds and what test images add to the error of a confirmed mean.

    Parameters
    ----------
    results
        Table ``results``, one setting per model in the confirm phase; other rows are ignored.
    correct
        Correctness of at least the confirm runs.
    """
    rows = []
    for model, runs in of_models(results, "confirm").items():
        parts = crossed_parts(correct.of(runs["run"]))
        whole = parts.runs_alone + parts.images_alone + parts.residual
        shares = np.array([parts.runs_alone, parts.images_alone, parts.residual])
        seeds, images, interaction = shares / whole if whole > 0 else np.full(3, np.nan)
        rows.append(
            {
                "model": model,
                "n": parts.n,
                "n_images": parts.m,
                "se_seeds": float(np.sqrt(parts.runs)),
                "se_images": float(np.sqrt(parts.images)),
                "se_both": float(np.sqrt(parts.variance)),
                "share_seeds": seeds,
                "share_images": images,
                "share_interaction": interaction,
            }
        )
    return frame(SEEDS_IMAGES, rows)
