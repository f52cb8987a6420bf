"""How often each setting is on top."""

from __future__ import annotations

from typing import Any

import pandas as pd

from study.analysis.factor_levels import of_models
from study.analysis.frames import frame
from study.analysis.selection.candidates import complete_settings
from study.analysis.statistics.intervals import share_interval
from study.analysis.statistics.subsets import times_top
from study.params import Rules
from study.tables.definitions import TOP_SETTINGS


def top_settings(results: pd.DataFrame, settings: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``top_settings``: in how many replicates a setting has the highest validation accuracy.

    Explore phase, over the replicates that have every setting with a run; settings in the order of
    ``settings``. Settings that tie at the top all count, so that the shares may add up to more than 1. The
    interval of a share is exact (``intervals.share_interval``), of each setting alone, and missing for one
    replicate.
    """
    rows: list[dict[str, Any]] = []
    for model, of_model in of_models(results, "explore").items():
        names, valid, _ = complete_settings(of_model, settings)
        n = len(valid)
        for name, times in zip(names, times_top(valid).tolist(), strict=True) if n else ():
            low, high = share_interval(times, n, alpha=rules.alpha) if n > 1 else (float("nan"),) * 2
            rows.append(
                {
                    "model": model,
                    "setting": name,
                    "n": n,
                    "times_top": times,
                    "share_top": times / n,
                    "ci_low": low,
                    "ci_high": high,
                }
            )
    return frame(TOP_SETTINGS, rows)
