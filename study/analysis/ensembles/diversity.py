"""How different the models are, and how much of an ensemble's gain goes with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from study.analysis.factor_levels import values
from study.analysis.frames import frame
from study.analysis.statistics.intervals import FloatArray, mean_interval
from study.params import Rules
from study.tables.definitions import DIVERSITY, DIVERSITY_GAIN

METRICS = ("disagreement", "error_correlation", "gain")


def diversity(diversity_runs: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``diversity``: means over blocks, none of which shares a run with another."""
    rows = [
        {
            "model_a": first,
            "model_b": second,
            "metric": metric,
            **mean_interval(values(blocks, metric), alpha=rules.alpha).row(),
        }
        for (first, second), blocks in diversity_runs.groupby(["model_a", "model_b"], sort=True)
        for metric in METRICS
    ]
    return frame(DIVERSITY, rows)


def diversity_gain(diversity_runs: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``diversity_gain``: Spearman's correlation of gain with each measure over pairs of models.

    One correlation per replicate, over the pairs of different models in it, so that replicates stay
    independent. A replicate in which either side is constant has none and is not counted in ``n``. The t
    interval of their mean is cut to [-1, 1].
    """
    between = diversity_runs[diversity_runs["model_a"] != diversity_runs["model_b"]]
    rows = []
    for metric in METRICS[:-1]:
        correlations = [
            _rank_correlation(values(pairs, metric), values(pairs, "gain"))
            for _, pairs in between.groupby("block", sort=True)
        ]
        known = np.array([one for one in correlations if not np.isnan(one)])
        n_pairs = len(between[["model_a", "model_b"]].drop_duplicates())
        interval = mean_interval(known, alpha=rules.alpha).row()
        for end in ("ci_low", "ci_high"):
            interval[end] = float(np.clip(interval[end], -1.0, 1.0))
        rows.append({"metric": metric, "n_pairs": n_pairs, **interval})
    return frame(DIVERSITY_GAIN, rows)


def _rank_correlation(measure: FloatArray, gain: FloatArray) -> float:
    finite = np.isfinite(measure)
    measure, gain = measure[finite], np.round(gain[finite], 12)
    if len(measure) < 3 or (measure == measure[0]).all() or (gain == gain[0]).all():
        return float("nan")
    return float(stats.spearmanr(measure, gain).statistic)
