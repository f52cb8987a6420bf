"""The selected setting of each model, as confirmed on fresh replicates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from study.analysis import layout
from study.analysis.correctness import Correctness
from study.analysis.statistics.intervals import crossed_interval, mean_interval
from study.params import FACTORS
from study.tables.definitions import BEST


def best(
    results: pd.DataFrame,
    settings: pd.DataFrame,
    selection: pd.DataFrame,
    correct: Correctness,
    *,
    alpha: float,
) -> pd.DataFrame:
    """Table ``best``: n, mean, sd and intervals are of confirmed test accuracy of the selected settings.

    The explore means stand beside the confirmed ones to show how much the choice flatters. Diverged runs
    stay in every mean. Models stand in alphabetical order.

    Raises
    ------
    ValueError
        A selected setting is not in ``settings``.
    """
    rows = []
    for chosen in selection.sort_values("model").to_dict("records"):
        model, setting = chosen["model"], chosen["setting"]
        of_setting = results[(results["model"] == model) & (results["setting"] == setting)]
        explore, confirm = (layout.phase(of_setting, name) for name in ("explore", "confirm"))
        values = settings[settings["setting"] == setting]
        if len(values) != 1:
            raise ValueError(f"table settings: expected one row of {setting}, received {len(values)}")
        confirmed = mean_interval(confirm["test_accuracy"].to_numpy(dtype=np.float64), alpha=alpha)
        image_low, image_high = crossed_interval(correct.of(confirm["run"]), alpha=alpha)
        rows.append(
            {
                "model": model,
                "setting": setting,
                **values[[factor for factor in FACTORS if factor in values]].to_dict("records")[0],
                **confirmed.row(),
                "image_ci_low": image_low,
                "image_ci_high": image_high,
                "n_diverged": int((confirm["status"] == "diverged").sum()),
                "explore_valid_mean": _mean(explore["valid_accuracy"]),
                "confirm_valid_mean": _mean(confirm["valid_accuracy"]),
                "explore_test_mean": _mean(explore["test_accuracy"]),
            }
        )
    return BEST.conform(pd.DataFrame(rows) if rows else pd.DataFrame(columns=list(BEST.columns)))


def _mean(values: pd.Series[float]) -> float:
    return float(mean_interval(np.asarray(values), alpha=0.05).mean)
