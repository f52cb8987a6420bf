"""Mean learning curves at every level."""

from __future__ import annotations

from typing import Any

import pandas as pd

from study.analysis import layout
from study.analysis.statistics.intervals import mean_interval
from study.tables.definitions import CURVES

SERIES = tuple((curve, metric) for curve in ("train", "valid", "fit") for metric in ("accuracy", "loss"))


def curves(
    results: pd.DataFrame, history: pd.DataFrame, levels: pd.DataFrame, *, alpha: float
) -> pd.DataFrame:
    """Table ``curves``: mean and t interval over the explore replicates after each epoch.

    n is the number of runs that have the epoch. A value that is not finite makes that epoch's mean and
    interval NaN, as in ``summary``.
    """
    explore = layout.phase(results, "explore")
    columns = [f"{curve}_{metric}" for curve, metric in SERIES]
    of_runs = history.merge(explore[["run", "model", "setting", "replicate"]], on="run", how="inner")
    of_runs = of_runs.sort_values(["epoch", "replicate"], kind="stable")
    groups = {
        key: _by_epoch(group, columns, alpha)
        for key, group in of_runs.groupby(["model", "setting"], sort=True)
    }
    rows: list[dict[str, Any]] = []
    for model in layout.models(explore):
        for row in levels.sort_values("position", kind="stable").to_dict("records"):
            name = {"model": model, "factor": row["factor"], "level": row["level"]}
            rows += [{**name, **values} for values in groups.get((model, row["setting"]), [])]
    frame = CURVES.conform(pd.DataFrame(rows, columns=list(CURVES.columns)))
    order = {factor: position for position, factor in enumerate(layout.factors(levels))}
    return frame.sort_values(
        ["model", "factor"],
        key=lambda column: column.map(order) if column.name == "factor" else column,
        kind="stable",
        ignore_index=True,
    )


def _by_epoch(group: pd.DataFrame, columns: list[str], alpha: float) -> list[dict[str, Any]]:
    rows = []
    for epoch, runs in group.groupby("epoch", sort=True):
        n, *statistics = mean_interval(runs[columns].to_numpy(dtype=float), alpha=alpha)
        for (curve, metric), mean, sd, low, high in zip(SERIES, *statistics, strict=True):
            rows.append(
                {
                    "epoch": epoch,
                    "curve": curve,
                    "metric": metric,
                    "n": n,
                    "mean": float(mean),
                    "sd": float(sd),
                    "ci_low": float(low),
                    "ci_high": float(high),
                }
            )
    return rows
