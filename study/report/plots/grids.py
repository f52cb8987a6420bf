"""Figures of classes, probabilities, pairs of members and claims: a panel a backbone or a measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from study.report.plots import intervals, style
from study.report.plots.intervals import Estimate, Line, Scale
from study.report.plots.style import WIDE, Mark, Room

CLAIM_TONES = {
    "supported": ("✔", style.SERIES[2]),
    "refuted": ("✘", style.SERIES[1]),
    "inconclusive": ("○", style.SOFT),
}
"""Symbol and colour of a claim's verdict."""
_THIN = 0.01
"""Share of the images below which a bin is drawn hollow and without a bar."""


def overview(
    claims: Sequence[tuple[str, str]],
    shown: Sequence[Estimate],
    lines: Sequence[Line],
    marks: Mapping[str, Mark],
    scale: Scale,
    *,
    room: Room = WIDE,
) -> Figure:
    """The claims as a strip of verdicts, (id, verdict) each, beside the accuracy of each model."""
    wide = room.across > 1
    across = 6 if wide else 5
    down = max(-(-len(claims) // across), 1)
    height = (
        max(0.34 * down, 0.42 * len(lines) + 0.4) + 0.9 if wide else 0.34 * down + 0.42 * len(lines) + 1.7
    )
    drawn = style.figure(room.width, height)
    if wide:
        grid = drawn.subplots(1, 2, squeeze=False, width_ratios=[1.15, 1])
    else:
        grid = drawn.subplots(2, 1, squeeze=False, height_ratios=[0.34 * down, 0.42 * len(lines)])
    strip, dots = grid.flat
    _strip(strip, claims, across, down)
    places = {line.key: float(place) for place, line in enumerate(lines)}
    intervals.draw_lines(dots, shown, (), places, lines, marks, scale)
    intervals.name_lines(dots, lines, places, (), room)
    dots.set_ylim(len(lines) - 0.4, -0.6)
    dots.set_xlabel(scale.title)
    there = {verdict for _, verdict in claims}
    handles = [
        Line2D([], [], color=colour, linewidth=7, alpha=0.45, label=f"{symbol} {verdict}")
        for verdict, (symbol, colour) in CLAIM_TONES.items()
        if verdict in there
    ]
    if handles:
        style.legend(drawn, handles)
    return drawn


def _strip(axes: Axes, claims: Sequence[tuple[str, str]], across: int, down: int) -> None:
    axes.set_axis_off()
    for place, (name, verdict) in enumerate(claims):
        y, x = divmod(place, across)
        symbol, colour = CLAIM_TONES.get(verdict, ("", style.SOFT))
        axes.add_patch(Rectangle((x + 0.04, y + 0.08), 0.92, 0.84, color=colour, alpha=0.3, linewidth=0))
        axes.text(x + 0.5, y + 0.5, f"{symbol} {style.shorten(name, 5)}", ha="center", va="center")
    axes.set_xlim(0, across)
    axes.set_ylim(down, 0)


def confusion(
    rows: pd.DataFrame, classes: Sequence[str], marks: Mapping[str, Mark], *, room: Room = WIDE
) -> Figure:
    """Share of each class predicted as each class, a panel a backbone: rows of ``confusion``."""
    wrong = rows.loc[rows["true"] != rows["predicted"], "share"]
    darkest = max(float(wrong.max()), 1e-9) if len(wrong) else 1.0
    names = [style.shorten(name, 12) for name in classes]
    drawn, grid, models = _square(rows, marks, room, height=3.3 + 0.07 * (max(map(len, names)) - 1), most=3)
    right = np.eye(len(classes), dtype=bool)
    for axes, model in zip(grid.flat, models, strict=False):
        shares = (
            rows[rows["model"] == model]
            .pivot_table(index="true", columns="predicted", values="share")
            .reindex(index=list(classes), columns=list(classes))
            .fillna(0.0)
            .to_numpy(dtype=float)
        )
        written = np.vectorize(lambda share: f"{100 * share:.0f}" if round(100 * share) > 0 else "")(shares)
        colour = to_rgb(marks[model].colour)
        shade = LinearSegmentedColormap.from_list("shade", [(*colour, 0.0), (*colour, 0.85)])
        sns.heatmap(
            np.where(right, 0.0, shares),
            vmin=0.0,
            vmax=darkest,
            cmap=shade,
            annot=written,
            fmt="",
            annot_kws={"color": style.INK, "fontsize": 9.2 if len(classes) <= 12 else 6},
            cbar=False,
            linecolor=style.PAPER,
            square=True,
            xticklabels=names,
            yticklabels=names,
            ax=axes,
        )
        for place, text in enumerate(axes.texts):
            if right.flat[place]:
                text.set_fontweight("bold")
        axes.grid(False)
        axes.tick_params(length=0)
        axes.tick_params(axis="x", rotation=90)
        axes.tick_params(axis="y", rotation=0)
    style.axis_titles(drawn, x="Predicted class", y="True class")
    return drawn


def reliability(rows: pd.DataFrame, marks: Mapping[str, Mark], *, room: Room = WIDE) -> Figure:
    """Share of right predictions against their probability, above a histogram: rows of ``reliability``."""
    models = [model for model in marks if model in set(rows["model"])]
    down, across = room.panels(len(models))
    drawn = style.figure(room.width, 0.5 + 3.4 * down)
    grid = drawn.subplots(2 * down, across, sharex=True, sharey=False, squeeze=False,
                          height_ratios=[3.0, 1.0] * down)  # fmt: skip
    for place, model in enumerate(models):
        block, column = divmod(place, across)
        top, bottom = grid[2 * block, column], grid[2 * block + 1, column]
        of = rows[rows["model"] == model].sort_values("bin")
        x, y, low, high, share = (
            100 * of[name].to_numpy(dtype=float)
            for name in ("confidence", "accuracy", "accuracy_ci_low", "accuracy_ci_high", "share")
        )
        colour, thin = marks[model].colour, share < 100 * _THIN
        top.set_title(style.shorten(model, 26), color=colour, fontweight="bold")
        top.plot([0, 100], [0, 100], color=style.SOFT, linewidth=0.9, linestyle=":")
        reach = np.nan_to_num(np.vstack([y - low, high - y]))[:, ~thin]
        top.errorbar(x[~thin], y[~thin], yerr=reach, fmt="o", color=colour, markersize=4.5, elinewidth=1.3,
                     capsize=2)  # fmt: skip
        top.plot(x[thin], y[thin], "o", color=colour, markerfacecolor="none", markersize=4.5)
        bottom.bar(x, share, width=4.0, color=colour, linewidth=0)
        for axes, highest, title in ((top, 103.0, "Right, %"), (bottom, None, "Images, %")):
            style.open_axes(axes)
            axes.set_xlim(0, 103)
            axes.set_ylim(0, highest)
            axes.yaxis.set_major_locator(MaxNLocator(4 if highest else 2, steps=[1, 2, 5, 10]))
            if column == 0:
                axes.set_ylabel(title)
    for column in range(len(models) - across * (down - 1), across):
        grid[-2, column].set_visible(False)
        grid[-1, column].set_visible(False)
    style.axis_titles(drawn, x="Probability of the predicted class, %")
    return drawn


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
    drawn = style.figure(room.width, 0.4 + 0.17 * len(pairs) / across + 2.7 * down)
    grid = drawn.subplots(down, across, sharey=True, squeeze=False)

    def look(pair: tuple[str, str]) -> dict[str, Any]:
        mark = marks[pair]
        fill = "none" if pair[0] == pair[1] else mark.colour
        return {"color": mark.colour, "marker": mark.marker, "linestyle": "none", "markerfacecolor": fill}

    for axes, (measure, title) in zip(grid.flat, measures.items(), strict=False):
        style.open_axes(axes, grid="both")
        axes.axhline(0, color=style.SOFT, linewidth=0.8)
        for first, second in pairs:
            of = rows[(rows["model_a"] == first) & (rows["model_b"] == second)]
            axes.plot(of[measure], of["gain"], markersize=4.4, alpha=0.8, **look((first, second)))
        axes.set_xlabel(title)
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    style.leave_out(grid, len(measures))
    style.axis_titles(drawn, y="Gain, points")
    style.legend(drawn, [Line2D([], [], label=_pair(*pair, room), **look(pair)) for pair in pairs])
    return drawn


def _pair(first: str, second: str, room: Room) -> str:
    if first == second:
        return f"{style.shorten(first, room.letters)} twice"
    return f"{style.shorten(first, room.letters)} + {style.shorten(second, room.letters)}"


def _square(
    rows: pd.DataFrame, marks: Mapping[str, Mark], room: Room, *, height: float, most: int = 99
) -> tuple[Figure, np.ndarray, list[str]]:
    models = [model for model in marks if model in set(rows["model"])]
    across = min(len(models), room.across, most)
    down = -(-len(models) // across)
    drawn = style.figure(room.width, 0.55 + height * down)
    grid = drawn.subplots(down, across, squeeze=False)
    for axes, model in zip(grid.flat, models, strict=False):
        axes.set_title(style.shorten(model, 20), color=marks[model].colour, fontweight="bold")
    style.leave_out(grid, len(models))
    return drawn, grid, models
