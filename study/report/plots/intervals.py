"""The one drawing of estimates with intervals: a line each, in panels side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from study.report.plots import style
from study.report.plots.style import WIDE, Mark, Room

VERDICT_MARKS = {
    "different": ("o", True),
    "different but trivial": ("D", True),
    "equivalent": ("s", False),
    "inconclusive": ("o", False),
}
"""Marker of each verdict, and whether it is filled: the symbols of the tables."""


@dataclass(frozen=True)
class Line:
    """One line of every panel: its key, its title, and the group under whose title it stands."""

    key: str
    title: str
    group: str = ""


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its interval, in the axis' unit; NaN ends draw no bar.

    ``mark`` is a key of the drawing's marks; a ``verdict`` picks the marker. ``shift`` moves it within its
    line, where every step between lines is 1.
    """

    line: str
    value: float
    low: float
    high: float
    mark: str
    panel: str = ""
    verdict: str = ""
    hollow: bool = False
    shift: float = 0.0


@dataclass(frozen=True)
class Dots:
    """Single replicates of one line."""

    line: str
    values: tuple[float, ...]
    mark: str
    panel: str = ""
    shift: float = 0.0


@dataclass(frozen=True)
class Scale:
    """The horizontal axis.

    Attributes
    ----------
    band
        Shaded range in the axis' unit, or none.
    reach
        The axis ends so far from ``centre``; a value beyond stands at its end, as an arrow with its number.
    shared
        Whether all panels have the same axis.
    """

    title: str
    log: bool = False
    centre: float | None = None
    band: tuple[float, float] | None = None
    ticks: tuple[float, ...] = ()
    reach: float = math.inf
    shared: bool = True


def estimates(
    rows: pd.DataFrame,
    line: str | Sequence[str],
    *,
    value: str = "mean",
    ends: tuple[str, str] = ("ci_low", "ci_high"),
    mark: str = "model",
    panel: str = "",
    scale: float = 100.0,
    hollow: bool = False,
    shift: float = 0.0,
) -> tuple[Estimate, ...]:
    """An estimate a row; ``line``, ``mark`` and ``panel`` name columns, ``scale`` multiplies numbers."""
    keys = [line] if isinstance(line, str) else list(line)
    return tuple(
        Estimate(
            key(*(row[one] for one in keys)),
            scale * row[value],
            scale * row[ends[0]],
            scale * row[ends[1]],
            str(row[mark]),
            str(row[panel]) if panel else "",
            str(row.get("verdict", "")),
            hollow,
            shift,
        )
        for row in rows.to_dict("records")
    )


def dots(
    rows: pd.DataFrame, line: str, value: str, *, mark: str = "model", panel: str = "", scale: float = 100.0
) -> tuple[Dots, ...]:
    """The replicates of each line, mark and panel: columns of ``rows``."""
    keys = list(dict.fromkeys([line, mark, *([panel] if panel else [])]))
    grouped = rows.groupby(keys, sort=False)[value]
    found = []
    for names, values in grouped:
        at = dict(zip(keys, names, strict=True))
        shown = tuple(float(scale * one) for one in values)
        found.append(Dots(str(at[line]), shown, str(at[mark]), str(at[panel]) if panel else ""))
    return tuple(found)


def key(*names: object) -> str:
    """One key of several names."""
    return "\n".join(str(name) for name in names)


def intervals(
    shown: Sequence[Estimate],
    lines: Sequence[Line],
    marks: Mapping[str, Mark],
    scale: Scale,
    *,
    panels: Mapping[str, str] | None = None,
    points: Sequence[Dots] = (),
    keys: Sequence[Line2D] = (),
    room: Room = WIDE,
) -> Figure:
    """Draw estimates with their intervals.

    ``panels`` are titles by key, by default the keys of ``marks``; ``keys`` are more of the style.legend.
    """
    present = {one.panel for one in shown}
    titles = {"": ""} if present == {""} else panels or {name: name for name in marks}
    names = [name for name in titles if name in present]
    places, groups, height = _places(lines)
    down, across = room.panels(len(names))
    size = max(0.2, 0.32 if points or any(one.shift for one in shown) else 0.2)
    drawn = style.figure(room.width, 0.6 + down * (0.55 + size * height))
    grid = drawn.subplots(down, across, sharex=scale.shared, sharey=True, squeeze=False)
    for axes, name in zip(grid.flat, names, strict=False):
        if name:
            colour = marks[name].colour if name in marks else style.INK
            axes.set_title(style.shorten(titles[name], 26), color=colour, fontweight="bold")
        draw_lines(
            axes,
            [one for one in shown if one.panel == name],
            [one for one in points if one.panel == name],
            places,
            lines,
            marks,
            scale,
        )
        for place, _ in groups[1:]:
            axes.axhline(place - 0.5, color=style.GRID, linewidth=0.8)
    style.leave_out(grid, len(names))
    name_lines(grid[0, 0], lines, places, groups, room)
    for first in grid[:, 0]:
        for label in first.get_yticklabels()[len(places) :]:
            label.set_fontweight("bold")
    grid[0, 0].set_ylim(height - 0.4, -0.6)
    style.axis_titles(drawn, x=scale.title)
    handles = [*_verdict_keys(shown), *_band_key(scale), *keys]
    if handles:
        style.legend(drawn, handles)
    return drawn


def name_lines(
    axes: Axes,
    lines: Sequence[Line],
    places: Mapping[str, float],
    groups: Sequence[tuple[float, str]],
    room: Room,
) -> None:
    """Write the titles of lines and groups beside the vertical axis."""
    axes.set_yticks(
        [*places.values(), *(place for place, _ in groups)],
        [*(style.shorten(line.title, room.letters) for line in lines), *(title for _, title in groups)],
    )


def draw_lines(
    axes: Axes,
    shown: Iterable[Estimate],
    points: Iterable[Dots],
    places: Mapping[str, float],
    lines: Sequence[Line],
    marks: Mapping[str, Mark],
    scale: Scale,
) -> None:
    """Draw one panel."""
    titles = {line.key: line.title for line in lines}
    style.open_axes(axes, grid="x")
    axes.tick_params(axis="y", length=0)
    if scale.band is not None:
        axes.axvspan(*scale.band, color=style.BAND, linewidth=0, zorder=0)
    if scale.centre is not None:
        axes.axvline(scale.centre, color=style.SOFT, linewidth=0.8)
    for dot in points:
        if dot.line in places:
            start = places[dot.line] + dot.shift
            spread = np.linspace(0.14, 0.4, len(dot.values)) if len(dot.values) > 1 else np.array([0.25])
            mark = marks[dot.mark]
            axes.plot(dot.values, start + spread, marker=mark.marker, color=mark.colour, **style.POINT)
    for one in shown:
        if one.line in places and not math.isnan(one.value):
            _draw(axes, one, places[one.line] + one.shift, marks[one.mark], titles[one.line], scale)
    _scaled(axes, scale)


def _draw(axes: Axes, one: Estimate, y: float, mark: Mark, title: str, scale: Scale) -> None:
    marker, filled = VERDICT_MARKS.get(one.verdict, (mark.marker, not one.hollow))
    away = one.value - (scale.centre or 0.0)
    if abs(away) > scale.reach:
        end = (scale.centre or 0.0) + math.copysign(scale.reach, away)
        axes.plot([end], [y], marker="<" if away < 0 else ">", color=mark.colour, markersize=5, clip_on=False)
        axes.annotate(
            f"{one.value:.1f}".replace("-", "−"),
            (end, y),
            (6 if away < 0 else -6, 0),
            textcoords="offset points",
            ha="left" if away < 0 else "right",
            va="center",
        )
        return
    reach = np.nan_to_num(np.array([[one.value - one.low], [one.high - one.value]]))
    container = axes.errorbar(
        [one.value],
        [y],
        xerr=reach,
        fmt=marker,
        color=mark.colour,
        markerfacecolor=mark.colour if filled else "none",
        markersize=5,
        elinewidth=1.6,
        zorder=3,
    )
    ends = "" if math.isnan(one.low) else f" [{one.low:.2f}, {one.high:.2f}]"
    told = f"{title}: {one.value:.2f}{ends}{f', {one.verdict}' if one.verdict else ''}"
    container.lines[0].set_gid(style.HOVER + " ".join(told.split()).replace("-", "−"))


def _places(lines: Sequence[Line]) -> tuple[dict[str, float], list[tuple[float, str]], float]:
    places, groups, y = {}, [], 0.0
    for index, line in enumerate(lines):
        if line.group and (index == 0 or lines[index - 1].group != line.group):
            groups.append((y, line.group))
            y += 1
        places[line.key] = y
        y += 1
    return places, groups, y


def _scaled(axes: Axes, scale: Scale) -> None:
    if scale.log:
        axes.set_xscale("log")
    if math.isfinite(scale.reach):
        centre = scale.centre or 0.0
        axes.set_xlim(centre - scale.reach, centre + scale.reach)
    if scale.ticks:
        axes.xaxis.set_major_locator(FixedLocator(list(scale.ticks)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
        axes.xaxis.set_minor_locator(NullLocator())
    elif not scale.log:
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))


def _verdict_keys(shown: Sequence[Estimate]) -> list[Line2D]:
    there = {one.verdict for one in shown}
    return [
        Line2D([], [], color=style.INK, marker=marker, linestyle="none", markersize=5,
               markerfacecolor=style.INK if filled else "none", label=verdict)
        for verdict, (marker, filled) in VERDICT_MARKS.items()
        if verdict in there
    ]  # fmt: skip


def _band_key(scale: Scale) -> list[Line2D]:
    return (
        [Line2D([], [], color=style.BAND, linewidth=7, label="margin of equivalence")] if scale.band else []
    )
