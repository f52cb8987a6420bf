"""Figures on ensembles: they draw numbers of tables, and compute none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from study.report.style import (
    GRID,
    INK,
    POINT,
    SOFT,
    WIDE,
    Mark,
    Room,
    axis_titles,
    figure,
    interval_bars,
    leave_out,
    legend,
    open_axes,
    shorten,
    style,
)

_PAD = 0.06
"""Of a panel's span, above and below what it shows."""


def sizes(
    rows: pd.DataFrame, marks: Mapping[str, Mark], titles: Mapping[str, str], *, room: Room = WIDE
) -> Figure:
    """Accuracy of soft voting of so many replicates, a panel a family, each with a span of its own place.

    ``rows`` are those of ``ensemble_sizes``; ``titles`` has the families in order. All panels span equally
    many points, so that gains can be compared; a mark without a bar has no interval.
    """
    shown = [family for family in titles if family in set(rows["family"])]
    down, across = room.panels(len(shown))
    parts = {family: rows[rows["family"] == family].sort_values("k") for family in shown}
    reach = {family: _reach(part) for family, part in parts.items()}
    span = max(*(high - low for low, high in reach.values()), 1.0) * (1 + 2 * _PAD)
    drawn = figure(room.width, 0.6 + 2.4 * down)
    with style():
        grid = drawn.subplots(down, across, sharex=True, squeeze=False)
        for axes, family in zip(grid.flat, shown, strict=False):
            open_axes(axes)
            mark, part, (low, high) = marks[family], parts[family], reach[family]
            axes.set_title(shorten(titles[family], 26), color=mark.colour, fontweight="bold", fontsize=8.5)
            _bars(axes, part, mark)
            middle = (low + high) / 2
            axes.set_ylim(middle - span / 2, middle + span / 2)
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
            axes.yaxis.set_major_locator(MaxNLocator(5))
        leave_out(grid, len(shown))
        axis_titles(drawn, x="Replicates that vote", y="Test accuracy, %")
    return drawn


def _reach(rows: pd.DataFrame) -> tuple[float, float]:
    values = 100 * rows[["accuracy", "ci_low", "ci_high"]].to_numpy(dtype=float)
    return float(np.nanmin(values)), float(np.nanmax(values))


def _bars(axes: Axes, rows: pd.DataFrame, mark: Mark) -> None:
    mean, low, high = (100 * rows[name].to_numpy(dtype=float) for name in ("accuracy", "ci_low", "ci_high"))
    axes.plot(rows["k"], mean, color=mark.colour, linewidth=0.9, alpha=0.5)
    interval_bars(
        axes,
        rows["k"],
        mean,
        low,
        high,
        along="y",
        fmt=mark.marker,
        color=mark.colour,
        markersize=4.2,
        elinewidth=1.4,
        capsize=2.4,
        zorder=3,
    )


def temperature(
    rows: pd.DataFrame,
    single: pd.DataFrame,
    metrics: Mapping[str, str],
    marks: Mapping[str, Mark],
    titles: Mapping[str, str],
    *,
    room: Room = WIDE,
) -> Figure:
    """Scores before (hollow) and after (filled) temperature scaling, a panel a metric, a line a method.

    ``rows`` are those of ``calibration``, ``single`` those of ``temperatures``; ``titles`` has the methods in
    order, ``metrics`` the titles of the panels.
    """
    down, across = room.panels(len(metrics))
    names = [name for name in titles if name in set(rows["method"])]
    drawn = figure(room.width, 0.5 + down * (0.65 + 0.4 * len(names)))
    with style():
        grid = drawn.subplots(down, across, sharey=True, squeeze=False)
        for axes, (metric, title) in zip(grid.flat, metrics.items(), strict=False):
            open_axes(axes, grid="x")
            axes.set_title(title)
            for y, name in enumerate(names):
                row = rows[(rows["method"] == name) & (rows["metric"] == metric)]
                runs = single[single["method"] == name]
                for side, start, shift in (("before", "test", -0.18), ("after", "scaled", 0.18)):
                    values = runs[f"{start}_{metric}"].to_numpy(dtype=float)
                    _score(axes, row, side, values, y + shift, marks[name])
            axes.tick_params(axis="y", length=0)
            axes.xaxis.set_major_locator(MaxNLocator(5))
            for y in range(1, len(names)):
                axes.axhline(y - 0.5, color=GRID, linewidth=0.8)
        leave_out(grid, len(metrics))
        grid[0, 0].set_yticks(range(len(names)), [shorten(titles[name], room.letters) for name in names])
        grid[0, 0].set_ylim(len(names) - 0.5, -0.5)
        legend(
            drawn,
            [
                Line2D([], [], color=INK, marker="o", linestyle="none", markerfacecolor=fill, label=label)
                for label, fill in (("before", "none"), ("after", INK))
            ],
        )
    return drawn


def _score(axes: Axes, row: pd.DataFrame, side: str, runs: np.ndarray, y: float, mark: Mark) -> None:
    if row.empty:
        return
    axes.plot(runs, np.full(len(runs), y + 0.13), marker=mark.marker, color=mark.colour, **POINT)
    interval_bars(
        axes,
        [y],
        *(row[name].to_numpy(dtype=float) for name in (side, f"{side}_ci_low", f"{side}_ci_high")),
        fmt=mark.marker,
        color=mark.colour,
        markerfacecolor="none" if side == "before" else mark.colour,
        markersize=5,
        elinewidth=1.4,
        capsize=2.4,
        zorder=3,
    )


def diversity(
    rows: pd.DataFrame,
    measures: Mapping[str, str],
    pairs: Sequence[tuple[str, str]],
    marks: Mapping[tuple[str, str], Mark],
    *,
    room: Room = WIDE,
) -> Figure:
    """Gain of two members against how different they are, a panel a measure, a point a block.

    ``rows`` are those of ``diversity_runs`` with percents and points for fractions; ``measures`` has the
    titles of the horizontal axes.
    """
    down, across = room.panels(len(measures))
    drawn = figure(room.width, 0.4 + 0.17 * len(pairs) / across + 2.7 * down)
    with style():
        grid = drawn.subplots(down, across, sharey=True, squeeze=False)
        for axes, (measure, title) in zip(grid.flat, measures.items(), strict=False):
            open_axes(axes, grid="both")
            axes.axhline(0, color=SOFT, linewidth=0.8)
            for first, second in pairs:
                of = rows[(rows["model_a"] == first) & (rows["model_b"] == second)]
                mark = marks[first, second]
                axes.plot(
                    of[measure],
                    of["gain"],
                    marker=mark.marker,
                    color=mark.colour,
                    linestyle="none",
                    markersize=4.4,
                    alpha=0.8,
                    markerfacecolor="none" if first == second else mark.colour,
                )
            axes.set_xlabel(title)
            axes.xaxis.set_major_locator(MaxNLocator(5))
        leave_out(grid, len(measures))
        axis_titles(drawn, y="Gain, points")
        legend(
            drawn,
            [
                Line2D(
                    [],
                    [],
                    color=marks[pair].colour,
                    marker=marks[pair].marker,
                    linestyle="none",
                    markerfacecolor="none" if pair[0] == pair[1] else marks[pair].colour,
                    label=_pair(*pair, room),
                )
                for pair in pairs
            ],
        )
    return drawn


def _pair(first: str, second: str, room: Room) -> str:
    if first == second:
        return f"{shorten(first, room.letters)} twice"
    return f"{shorten(first, room.letters)} + {shorten(second, room.letters)}"
