"""Figures of one panel a backbone, side by side on one scale: they compute no number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from study.report.style import (
    BAND,
    GRID,
    INK,
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

VERDICT_MARKS = {
    "different": ("o", True),
    "different but trivial": ("D", True),
    "equivalent": ("s", False),
    "inconclusive": ("x", True),
}
"""Marker of each verdict, and whether it is filled."""


@dataclass(frozen=True)
class Line:
    """One line of a panel: ``key`` in the rows, its title, and the group under whose title it stands."""

    key: tuple[str, ...]
    title: str
    group: str = ""


@dataclass(frozen=True)
class Scale:
    """The horizontal axis.

    Attributes
    ----------
    kind
        ``symlog`` is linear within ``near`` of zero and logarithmic beyond.
    band
        Shaded range in the axis' units, or none.
    """

    title: str
    kind: Literal["linear", "log", "symlog"] = "linear"
    centre: float | None = None
    band: tuple[float, float] | None = None
    near: float = 1.0
    ticks: tuple[float, ...] = ()


def lines(
    rows: pd.DataFrame,
    shown: Sequence[Line],
    key: Sequence[str],
    marks: Mapping[str, Mark],
    scale: Scale,
    *,
    room: Room = WIDE,
) -> Figure:
    """Values with intervals, a line each, a panel a backbone.

    ``rows`` have model, the columns of ``key``, value, low, high, and perhaps verdict,
    which picks the marker.
    """
    models = [model for model in marks if model in set(rows["model"])]
    places, groups, y = [], [], 0.0
    for index, line in enumerate(shown):
        if line.group and (index == 0 or shown[index - 1].group != line.group):
            groups.append((y, line.group))
            y += 1
        places.append(y)
        y += 1
    n_rows, per_row = room.panels(len(models))
    drawn = figure(room.width, n_rows * (0.62 + 0.185 * y) + 0.5)
    with style():
        grid = drawn.subplots(n_rows, per_row, sharex=True, sharey=True, squeeze=False)
        for axes, model in zip(grid.flat, models, strict=False):
            axes.set_title(shorten(model, 26), color=marks[model].colour, fontweight="bold", fontsize=8.5)
            _scaled(axes, scale)
            of = rows[rows["model"] == model].set_index(list(key))
            for line, place in zip(shown, places, strict=True):
                name = line.key if len(line.key) > 1 else line.key[0]
                if name in of.index:
                    _value(axes, of.loc[[name]].iloc[0], place, marks[model])
            for place, _ in groups[1:]:
                axes.axhline(place - 0.5, color=GRID, linewidth=0.8)
        leave_out(grid, len(models))
        grid[0, 0].set_yticks(
            [*places, *(place for place, _ in groups)],
            [*(shorten(line.title, room.letters) for line in shown), *(title for _, title in groups)],
        )
        for first in grid[:, 0]:
            for label in first.get_yticklabels()[len(places) :]:
                label.set_fontweight("bold")
        grid[0, 0].set_ylim(y - 0.4, -0.6)
        axis_titles(drawn, x=scale.title)
        _legend(drawn, rows, scale)
    return drawn


def _scaled(axes: Axes, scale: Scale) -> None:
    open_axes(axes, grid="x")
    axes.tick_params(axis="y", length=0)
    if scale.kind == "log":
        axes.set_xscale("log")
    elif scale.kind == "symlog":
        axes.set_xscale("symlog", linthresh=scale.near, linscale=0.8)
    if scale.ticks:
        axes.xaxis.set_major_locator(FixedLocator(list(scale.ticks)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4))
    if scale.band is not None:
        axes.axvspan(*scale.band, color=BAND, linewidth=0, zorder=0)
    if scale.centre is not None:
        axes.axvline(scale.centre, color=SOFT, linewidth=0.8)


def _value(axes: Axes, row: pd.Series, place: float, mark: Mark) -> None:
    marker, filled = VERDICT_MARKS.get(str(row.get("verdict", "")), (mark.marker, True))
    interval_bars(
        axes,
        [place],
        *(np.array([row[name]], float) for name in ("value", "low", "high")),
        fmt=marker,
        color=mark.colour,
        markerfacecolor=mark.colour if filled else "none",
        markersize=4.6,
        elinewidth=1.4,
        capsize=2.4,
        zorder=3,
    )


def _legend(drawn: Figure, rows: pd.DataFrame, scale: Scale) -> None:
    handles = []
    if "verdict" in rows:
        handles = [
            Line2D(
                [],
                [],
                color=INK,
                marker=marker,
                linestyle="none",
                markersize=5,
                markerfacecolor=INK if filled else "none",
                label=verdict,
            )
            for verdict, (marker, filled) in VERDICT_MARKS.items()
            if verdict in set(rows["verdict"])
        ]
    if scale.band is not None:
        handles.append(Line2D([], [], color=BAND, linewidth=7, label="margin of equivalence"))
    if handles:
        legend(drawn, handles)


def growth(rows: pd.DataFrame, marks: Mapping[str, Mark], *, axis_title: str, room: Room = WIDE) -> Figure:
    """Accuracy of the best of so many settings tried, a panel a backbone: ``rows`` of ``expected_best``."""
    with style():
        drawn, grid, models = _square(rows, marks, room, height=2.5)
        for axes, model in zip(grid.flat, models, strict=False):
            of = rows[rows["model"] == model].sort_values("n_settings")
            x, colour = of["n_settings"].to_numpy(), marks[model].colour
            for stem, line in (("", "-"), ("test_", "--")):
                low, high = (100 * of[f"{stem}{end}"].to_numpy() for end in ("ci_low", "ci_high"))
                if np.isfinite(low).any():
                    axes.fill_between(x, low, high, color=colour, alpha=0.16, linewidth=0)
                axes.plot(x, 100 * of[f"{stem}mean"].to_numpy(), color=colour, linestyle=line, linewidth=1.5)
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.yaxis.set_major_locator(MaxNLocator(4))
        axis_titles(drawn, x=axis_title, y="Accuracy, %")
        handles = [
            Line2D([], [], color=INK, label="validation"),
            Line2D([], [], color=INK, linestyle="--", label="test"),
        ]
        legend(drawn, handles)
    return drawn


def reliability(rows: pd.DataFrame, marks: Mapping[str, Mark], *, room: Room = WIDE) -> Figure:
    """Share of right predictions against their probability, a panel a backbone: rows of ``reliability``."""
    with style():
        drawn, grid, models = _square(rows, marks, room, height=3.1)
        for axes, model in zip(grid.flat, models, strict=False):
            of = rows[rows["model"] == model].sort_values("bin")
            x, y, low, high = (
                100 * of[name].to_numpy(dtype=float)
                for name in ("confidence", "accuracy", "accuracy_ci_low", "accuracy_ci_high")
            )
            axes.plot([0, 100], [0, 100], color=SOFT, linewidth=0.9, linestyle=":")
            interval_bars(
                axes,
                x,
                y,
                low,
                high,
                along="y",
                fmt="none",
                color=marks[model].colour,
                elinewidth=1.2,
                capsize=2,
            )
            areas = 9 + 150 * of["share"].to_numpy(dtype=float)
            axes.scatter(x, y, s=areas, color=marks[model].colour, alpha=0.75, linewidth=0, zorder=3)
            axes.set_xlim(0, 103)
            axes.set_ylim(0, 103)
            axes.set_aspect("equal")
        axis_titles(drawn, x="Probability of the predicted class, %", y="Right, %")
    return drawn


def confusion(
    rows: pd.DataFrame, classes: Sequence[str], marks: Mapping[str, Mark], *, room: Room = WIDE
) -> Figure:
    """Share of each class taken for each class, a panel a backbone: rows of ``confusion``."""
    wrong = rows.loc[rows["true"] != rows["predicted"], "share"]
    darkest = max(float(wrong.max()), 1e-9) if len(wrong) else 1.0
    names = [shorten(name, 12) for name in classes]
    height = 3.3 + 0.07 * (max(map(len, names)) - 1)
    with style():
        drawn, grid, models = _square(rows, marks, room, height=height, most=3)
        for axes, model in zip(grid.flat, models, strict=False):
            shares = (
                rows[rows["model"] == model]
                .pivot_table(index="true", columns="predicted", values="share")
                .reindex(index=list(classes), columns=list(classes))
                .to_numpy(dtype=float)
            )
            axes.grid(False)
            right = np.eye(len(classes), dtype=bool)
            alpha = np.nan_to_num(np.where(right, 0.0, 0.85 * shares / darkest))
            edges = np.arange(len(classes) + 1) - 0.5
            colours = ListedColormap([marks[model].colour])
            axes.pcolormesh(edges, edges, np.zeros_like(alpha), cmap=colours, alpha=alpha, linewidth=0)
            axes.invert_yaxis()
            axes.set_aspect("equal")
            for (true, taken), share in np.ndenumerate(shares):
                if np.isfinite(share) and round(100 * share) > 0:
                    weight = "bold" if true == taken else "normal"
                    axes.text(
                        taken,
                        true,
                        f"{100 * share:.0f}",
                        ha="center",
                        va="center",
                        fontsize=6.5,
                        fontweight=weight,
                    )
            axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7.5)
            axes.set_yticks(range(len(names)), names, fontsize=7.5)
            axes.tick_params(length=0)
        axis_titles(drawn, x="Predicted class", y="True class")
    return drawn


def _square(
    rows: pd.DataFrame, marks: Mapping[str, Mark], room: Room, *, height: float, most: int = 99
) -> tuple[Figure, np.ndarray, list[str]]:
    models = [model for model in marks if model in set(rows["model"])]
    across = min(len(models), room.across, most)
    down = -(-len(models) // across)
    drawn = figure(room.width, 0.55 + height * down)
    grid = drawn.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for axes, model in zip(grid.flat, models, strict=False):
        open_axes(axes)
        axes.set_title(shorten(model, 26), color=marks[model].colour, fontweight="bold", fontsize=8.5)
    leave_out(grid, len(models))
    return drawn, grid, models
