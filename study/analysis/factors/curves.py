"""Mean learning curves at every level."""

from __future__ import annotations

from typing import Any

import pandas as pd

from study.analysis import factor_levels
from study.analysis.frames import frame
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.looks import at_look
from study.params import Rules
from study.tables.definitions import CURVES

SERIES = tuple((curve, metric) for curve in ("train", "valid", "fit") for metric in ("accuracy", "loss"))


def curves(
    results: pd.DataFrame, history: pd.DataFrame, levels: pd.DataFrame, *, rules: Rules
) -> pd.DataFrame:
    """Table ``curves``: mean and t interval over the explore replicates after each epoch.

    n is the number of runs that have the epoch. A value that is not finite makes that epoch's mean and
    interval NaN, as in ``summary``.
    """
    explore = factor_levels.phase(results, "explore")
    columns = [f"{curve}_{metric}" for curve, metric in SERIES]
    of_runs = history.merge(explore[["run", "model", "setting", "replicate"]], on="run", how="inner")
    of_runs = of_runs.sort_values(["epoch", "replicate"], kind="stable")
    groups = {
        key: _by_epoch(group, columns, rules)
        for key, group in of_runs.groupby(["model", "setting"], sort=True)
    }
    in_order = levels.sort_values("position", kind="stable").to_dict("records")
    return frame(
        CURVES,
        (
            {"model": model, "factor": factor, "level": row["level"], **values}
            for model in factor_levels.models(explore)
            for factor in factor_levels.factors(levels)
            for row in in_order
            if row["factor"] == factor
            for values in groups.get((model, row["setting"]), [])
        ),
    )


def _by_epoch(group: pd.DataFrame, columns: list[str], rules: Rules) -> list[dict[str, Any]]:
    rows = []
    for epoch, runs in group.groupby("epoch", sort=True):
        n, *statistics = mean_interval(
            runs[columns].to_numpy(dtype=float), alpha=at_look(rules, len(runs)).alpha
        )
        for (curve, metric), *numbers in zip(SERIES, *statistics, strict=True):
            mean, sd, low, high = map(float, numbers)
            name = {"epoch": epoch, "curve": curve, "metric": metric, "n": n}
            rows.append({**name, "mean": mean, "sd": sd, "ci_low": low, "ci_high": high})
    return rows
