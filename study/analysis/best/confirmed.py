"""Confirmed accuracy of the selected setting of each model."""

from __future__ import annotations

import pandas as pd

from study.analysis.correctness import Correctness
from study.analysis.factor_levels import phase, values
from study.analysis.frames import frame
from study.analysis.statistics.crossed import crossed_interval
from study.analysis.statistics.intervals import mean_interval
from study.params import FACTORS, Rules
from study.tables.definitions import BEST


def best(
    results: pd.DataFrame,
    settings: pd.DataFrame,
    selection: pd.DataFrame,
    correct: Correctness,
    *,
    rules: Rules,
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
        explore, confirm = (phase(of_setting, name) for name in ("explore", "confirm"))
        found = settings[settings["setting"] == setting]
        if len(found) != 1:
            raise ValueError(f"table settings: expected one row of {setting}, received {len(found)}")
        image_low, image_high = crossed_interval(correct.of(confirm["run"]), alpha=rules.alpha)
        rows.append(
            {
                "model": model,
                "setting": setting,
                **found[[factor for factor in FACTORS if factor in found]].to_dict("records")[0],
                **mean_interval(values(confirm), alpha=rules.alpha).row(),
                "image_ci_low": image_low,
                "image_ci_high": image_high,
                "n_diverged": int((confirm["status"] == "diverged").sum()),
                "explore_valid_mean": _mean(explore, "valid_accuracy", rules),
                "confirm_valid_mean": _mean(confirm, "valid_accuracy", rules),
                "explore_test_mean": _mean(explore, "test_accuracy", rules),
            }
        )
    return frame(BEST, rows)


def _mean(runs: pd.DataFrame, metric: str, rules: Rules) -> float:
    return float(mean_interval(values(runs, metric), alpha=rules.alpha).mean)
