"""Figures of accuracy over epochs and over levels: they draw numbers of tables, and compute none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from study.report.style import (
    INK,
    POINT,
    WIDE,
    Mark,
    Room,
    axis_titles,
    figure,
    interval_bars,
    leave_out,
    legend,
    model_legend,
    open_axes,
    shorten,
    style,
)


def curves(
    rows: pd.DataFrame,
    levels: Sequence[tuple[str, str]],
    marks: Mapping[str, Mark],
    *,
    room: Room = WIDE,
) -> Figure:
    """Small multiples of accuracy over the epochs: a row a backbone, a column a level.

    Where the room has fewer columns than there are levels, a backbone has several rows.

    Parameters
    ----------
    rows
        Rows of ``curves`` of one factor, accuracy alone.
    levels
        Each level and its title, in order.
    marks
        Colour and marker of each backbone.
    """
    models = [model for model in marks if model in set(rows["model"])]
    across = min(len(levels), room.columns)
    down = -(-len(levels) // across)
    drawn = figure(room.width, 0.75 + 1.55 * len(models) * down)
    with style():
        grid = drawn.subplots(down * len(models), across, sharex=True, sharey=True, squeeze=False)
        for place, model in enumerate(models):
            block = grid[place * down : (place + 1) * down]
            for axes, (level, title) in zip(block.flat, levels, strict=False):
                of = rows[(rows["model"] == model) & (rows["level"] == level)]
                _learning(axes, of, marks[model].colour)
                if place == 0 or down > 1:
                    axes.set_title(title)
            leave_out(block, len(levels))
            for line in block:
                _name_at_the_right(line[-1], model, marks[model].colour)
        top = rows["ci_high"].max() if rows["ci_high"].notna().any() else rows["mean"].max()
        for axes in grid.flat:
            axes.set_ylim(top=100 * min(1.004, max(top, rows["mean"].max())))
        axis_titles(drawn, x="Epoch", y="Accuracy, %")
        handles = [
            Line2D([], [], color=INK, linestyle="--", label="train", linewidth=1.3),
            Line2D([], [], color=INK, label="validation"),
        ]
        legend(drawn, handles)
    return drawn


def _name_at_the_right(axes: Axes, model: str, colour: str) -> None:
    axes.annotate(
        shorten(model, 19),
        xy=(1.0, 0.5),
        xycoords="axes fraction",
        xytext=(6, 0),
        textcoords="offset points",
        rotation=270,
        va="center",
        ha="left",
        color=colour,
        fontweight="bold",
        fontsize=8,
    )


def _learning(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    open_axes(axes)
    for curve, line in (("train", "--"), ("valid", "-")):
        part = rows[rows["curve"] == curve].sort_values("epoch")
        epoch = part["epoch"].to_numpy()
        low, high = 100 * part["ci_low"].to_numpy(), 100 * part["ci_high"].to_numpy()
        if np.isfinite(low).any():
            axes.fill_between(epoch, low, high, color=colour, alpha=0.18, linewidth=0)
        axes.plot(
            epoch,
            100 * part["mean"].to_numpy(),
            color=colour,
            linestyle=line,
            linewidth=1.6 if curve == "valid" else 1.2,
            marker="." if len(part) == 1 else None,
        )
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(4))


def comparison(
    rows: pd.DataFrame,
    single: pd.DataFrame,
    levels: Sequence[tuple[str, str]],
    places: Sequence[float],
    marks: Mapping[str, Mark],
    *,
    axis_title: str,
    ordered: bool,
    room: Room = WIDE,
) -> Figure:
    """Mean test accuracy across levels and backbones, with interval bars and every replicate as a point.

    Parameters
    ----------
    rows
        Rows of ``summary`` of one factor: explore phase, test split, accuracy.
    single
        One row a run: model, level, test_accuracy, status.
    levels
        Each level and its title, in order.
    places
        Where each level stands on the horizontal axis, from ``level_places``.
    marks
        Colour and marker of each backbone.
    axis_title
        Name of the factor.
    ordered
        Whether a line may join the levels.
    """
    models = [model for model in marks if model in set(rows["model"])]
    at = {level: place for (level, _), place in zip(levels, places, strict=True)}
    gaps = np.diff(sorted(places))
    slot = 0.86 * (float(gaps.min()) if len(gaps) else 1.0) / len(models)
    drawn = figure(room.width, 3.9)
    with style():
        axes = drawn.subplots()
        open_axes(axes)
        shown = [
            _levels_of(
                axes,
                rows,
                single,
                at,
                model,
                marks[model],
                shift=slot * (index - (len(models) - 1) / 2),
                slot=slot,
                ordered=ordered,
            )
            for index, model in enumerate(models)
        ]
        _accuracy_limits(axes, np.concatenate(shown), single)
        axes.xaxis.set_major_locator(FixedLocator(list(places)))
        turned = 90 if len(levels) > room.columns else 0
        axes.set_xticks(list(places), [title for _, title in levels], rotation=turned)
        axes.xaxis.set_minor_locator(NullLocator())
        reach = float(gaps.min()) if len(gaps) else 1.0
        axes.set_xlim(min(places) - 0.6 * reach, max(places) + 0.6 * reach)
        axes.set_xlabel(axis_title)
        axes.set_ylabel("Test accuracy, %")
        _diverged(axes, single, at)
        model_legend(drawn, {model: marks[model] for model in models})
    return drawn


def _levels_of(
    axes: Axes,
    rows: pd.DataFrame,
    single: pd.DataFrame,
    at: dict[str, float],
    model: str,
    mark: Mark,
    *,
    shift: float,
    slot: float,
    ordered: bool,
) -> np.ndarray:
    of = rows[rows["model"] == model].set_index("level").reindex(list(at))
    x = np.array(list(at.values())) + shift - 0.2 * slot
    mean, low, high = (100 * of[name].to_numpy(dtype=float) for name in ("mean", "ci_low", "ci_high"))
    if ordered:
        axes.plot(x, mean, color=mark.colour, linewidth=0.9, alpha=0.5)
    for level, place in at.items():
        runs = single[(single["model"] == model) & (single["level"] == level) & (single["status"] == "ok")]
        values = 100 * runs["test_accuracy"].to_numpy(dtype=float)
        spread = np.linspace(0.05, 0.4, len(values)) * slot if len(values) > 1 else np.full(1, 0.2 * slot)
        axes.plot(place + shift + spread, values, marker=mark.marker, color=mark.colour, **POINT)
    interval_bars(
        axes,
        x,
        mean,
        low,
        high,
        along="y",
        fmt=mark.marker,
        color=mark.colour,
        markersize=5.5,
        elinewidth=1.8,
        capsize=3.5,
        markeredgecolor=mark.colour,
        zorder=3,
    )
    return np.concatenate([mean, low, high])


def _accuracy_limits(axes: Axes, shown: np.ndarray, single: pd.DataFrame) -> None:
    kept = 100 * single.loc[single["status"] == "ok", "test_accuracy"].to_numpy(dtype=float)
    values = np.concatenate([shown, kept])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 100.0)
    pad = max(0.08 * (high - low), 0.5)
    axes.set_ylim(max(low - pad, -1.0), min(high + pad, 100.4))


def _diverged(axes: Axes, single: pd.DataFrame, at: dict[str, float]) -> None:
    lost = single[single["status"] == "diverged"].groupby("level").size()
    bottom = axes.get_ylim()[0]
    for level, n in lost.items():
        axes.annotate(
            f"× {n} diverged",
            xy=(at[str(level)], bottom),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )


def level_places(
    levels: Sequence[str], *, ordered: bool, log: bool, largest: float, models: int
) -> tuple[list[float], bool]:
    """Where levels stand on an axis, and whether at their true distances.

    Numbers stand on a linear or a log axis, ``all`` at ``largest``; where that would push marks over each
    other, and for names, every step is one.
    """
    even = [float(index) for index in range(len(levels))]
    if not ordered or len(levels) < 2:
        return even, not ordered
    values = [largest if level == "all" else float(level) for level in levels]
    if log and min(values) <= 0:
        return even, False
    places = [math.log10(value) for value in values] if log else values
    steps = np.diff(places)
    crowded = steps.min() <= 0 or steps.min() / (places[-1] - places[0]) < 0.035 * models
    return (even, False) if crowded else (places, True)
