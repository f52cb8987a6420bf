"""Figures of means and differences with their intervals, one a line: they compute no number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from study.report.style import (
    BAND,
    GRID,
    POINT,
    SERIES,
    SOFT,
    WIDE,
    Mark,
    Room,
    axis_titles,
    figure,
    interval_bars,
    legend,
    model_legend,
    open_axes,
    shorten,
    style,
)


def forest(
    rows: pd.DataFrame,
    levels: Sequence[tuple[str, str]],
    marks: Mapping[str, Mark],
    *,
    margin: float,
    reference: str,
    room: Room = WIDE,
) -> Figure:
    """Differences to the reference with intervals against the margin of equivalence.

    ``rows`` are those of ``comparisons`` of one factor, on test accuracy; ``margin`` is a fraction.
    """
    models = [model for model in marks if model in set(rows["model"])]
    tried = [(level, title) for level, title in levels if level in set(rows["level"])]
    step = len(models) + 1
    drawn = figure(room.width, 1.25 + 0.19 * step * len(tried))
    with style():
        axes = drawn.subplots()
        open_axes(axes, grid="x")
        axes.axvspan(-100 * margin, 100 * margin, color=BAND, linewidth=0, zorder=0)
        axes.axvline(0, color=SOFT, linewidth=0.8)
        ticks = []
        for place, (level, _) in enumerate(tried):
            for offset, model in enumerate(models):
                row = rows[(rows["level"] == level) & (rows["model"] == model)]
                _effect(axes, row, place * step + offset, marks[model], "ci_low", "ci_high")
            ticks.append(place * step + (len(models) - 1) / 2)
            if place:
                axes.axhline(place * step - 1, color=GRID, linewidth=0.8)
        axes.set_yticks(ticks, [title for _, title in tried])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(step * len(tried) - 1.2, -0.8)
        axis_titles(drawn, x=f"Test accuracy minus that of {reference}, points")
        band = Line2D([], [], color=BAND, linewidth=7, label="within the margin of equivalence")
        model_legend(drawn, {model: marks[model] for model in models}, [band])
    return drawn


def _effect(axes: Axes, row: pd.DataFrame, y: float, mark: Mark, low: str, high: str) -> None:
    if row.empty:
        return
    interval_bars(
        axes,
        [y],
        *(100 * row[name].to_numpy(dtype=float) for name in ("diff", low, high)),
        fmt=mark.marker,
        color=mark.colour,
        markersize=5,
        elinewidth=1.8,
        capsize=3,
        zorder=3,
    )


def dots(
    rows: pd.DataFrame,
    single: pd.DataFrame,
    marks: Mapping[str, Mark],
    titles: Mapping[str, str],
    *,
    room: Room = WIDE,
) -> Figure:
    """Test accuracy of a few named things, one a line: mean, interval bar and every replicate as a point.

    ``rows`` have name, mean, ci_low, ci_high; ``single`` has name, test_accuracy, status.
    """
    names = [name for name in titles if name in set(rows["name"])]
    drawn = figure(room.width, 0.85 + 0.42 * len(names))
    with style():
        axes = drawn.subplots()
        open_axes(axes, grid="x")
        for y, name in enumerate(names):
            row = rows[rows["name"] == name].assign(diff=lambda part: part["mean"])
            runs = single[(single["name"] == name) & (single["status"] == "ok")]
            values = 100 * runs["test_accuracy"].to_numpy(dtype=float)
            spread = np.linspace(0.2, 0.36, len(values)) if len(values) > 1 else np.full(len(values), 0.28)
            axes.plot(values, y + spread, marker=marks[name].marker, color=marks[name].colour, **POINT)
            _effect(axes, row, y, marks[name], "ci_low", "ci_high")
        axes.set_yticks(range(len(names)), [shorten(titles[name], room.letters) for name in names])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlabel("Test accuracy, %")
    return drawn


def gains(
    rows: pd.DataFrame,
    marks: Mapping[str, Mark],
    titles: Mapping[str, str],
    *,
    margin: float,
    room: Room = WIDE,
) -> Figure:
    """Differences to the best single model with intervals against the margin of equivalence.

    ``rows`` have name, diff, ci_low, ci_high; ``margin`` is a fraction.
    """
    names = [name for name in titles if name in set(rows["name"])]
    drawn = figure(room.width, 1.1 + 0.36 * len(names))
    with style():
        axes = drawn.subplots()
        open_axes(axes, grid="x")
        axes.axvspan(-100 * margin, 100 * margin, color=BAND, linewidth=0, zorder=0)
        axes.axvline(0, color=SOFT, linewidth=0.8)
        for y, name in enumerate(names):
            _effect(axes, rows[rows["name"] == name], y, marks[name], "ci_low", "ci_high")
        axes.set_yticks(range(len(names)), [shorten(titles[name], room.letters) for name in names])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axis_titles(drawn, x="Test accuracy minus that of the best single model, points")
        band = Line2D([], [], color=BAND, linewidth=7, label="within the margin of equivalence")
        legend(drawn, [band])
    return drawn


def published(rows: pd.DataFrame, titles: Mapping[str, str], *, room: Room = WIDE) -> Figure:
    """The source's accuracies beside the interval of one more run: rows of ``published`` with an interval."""
    drawn = figure(room.width, 1.0 + 0.34 * len(rows))
    with style():
        axes = drawn.subplots()
        open_axes(axes, grid="x")
        for y, row in enumerate(rows.to_dict("records")):
            low, mean, high = (100 * row[name] for name in ("low", "mean", "high"))
            axes.plot([low, high], [y, y], color=GRID, linewidth=9, solid_capstyle="butt", zorder=1)
            axes.plot([mean], [y], marker="|", markersize=11, color=SERIES[0], markeredgewidth=2, zorder=2)
            outside = row["verdict"] == "outside"
            axes.plot(
                [100 * row["published"]],
                [y],
                marker="D",
                markersize=5.5,
                color=SERIES[1],
                markerfacecolor="none" if outside else SERIES[1],
                zorder=3,
            )
        axes.set_yticks(range(len(rows)), [shorten(titles[one], room.letters) for one in rows["id"]])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlabel("Test accuracy, %")
        handles = [
            Line2D([], [], color=GRID, linewidth=7, label="one more run falls here"),
            Line2D([], [], color=SERIES[0], marker="|", linestyle="none", markersize=9, label="mean here"),
            Line2D(
                [], [], color=SERIES[1], marker="D", linestyle="none", label="published (hollow: outside)"
            ),
        ]
        legend(drawn, handles)
    return drawn
