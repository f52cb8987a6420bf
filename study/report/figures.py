"""Figures from rows of the report's tables: they draw numbers and compute none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from study.report.style import BAND, GRID, INK, SOFT, Mark, figure, model_legend, open_axes, shorten, style

WIDTH = 9.6
_POINT: dict[str, Any] = {"markersize": 2.6, "alpha": 0.6, "linestyle": "none", "markeredgewidth": 0}


def curves(rows: pd.DataFrame, levels: Sequence[tuple[str, str]], marks: Mapping[str, Mark]) -> Figure:
    """Small multiples of accuracy over the epochs: a row a backbone, a column a level.

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
    drawn = figure(WIDTH, 0.75 + 1.55 * len(models))
    with style():
        grid = drawn.subplots(len(models), len(levels), sharex=True, sharey=True, squeeze=False)
        for axes, (_, title) in zip(grid[0], levels, strict=True):
            axes.set_title(title)
        for line, model in zip(grid, models, strict=True):
            for axes, (level, _) in zip(line, levels, strict=True):
                of = rows[(rows["model"] == model) & (rows["level"] == level)]
                _learning(axes, of, marks[model].colour)
            line[-1].annotate(
                shorten(model, 19),
                xy=(1.0, 0.5),
                xycoords="axes fraction",
                xytext=(6, 0),
                textcoords="offset points",
                rotation=270,
                va="center",
                ha="left",
                color=marks[model].colour,
                fontweight="bold",
                fontsize=8,
            )
        top = rows["ci_high"].max() if rows["ci_high"].notna().any() else rows["mean"].max()
        for axes in grid.flat:
            axes.set_ylim(top=100 * min(1.004, max(top, rows["mean"].max())))
        drawn.supxlabel("Epoch", fontsize=9)
        drawn.supylabel("Accuracy, %", fontsize=9)
        handles = [
            Line2D([], [], color=INK, linestyle="--", label="train", linewidth=1.3),
            Line2D([], [], color=INK, label="validation"),
        ]
        drawn.legend(handles=handles, loc="outside upper left", ncols=2)
    return drawn


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
    drawn = figure(WIDTH, 3.9)
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
        axes.set_xticks(list(places), [title for _, title in levels])
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
        axes.plot(place + shift + spread, values, marker=mark.marker, color=mark.colour, **_POINT)
    axes.errorbar(
        x,
        mean,
        yerr=np.nan_to_num(np.vstack([mean - low, high - mean])),
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


def forest(
    rows: pd.DataFrame,
    levels: Sequence[tuple[str, str]],
    marks: Mapping[str, Mark],
    *,
    margin: float,
    reference: str,
) -> Figure:
    """Differences to the reference with intervals against the margin of equivalence.

    ``rows`` are those of ``comparisons`` of one factor, on test accuracy; ``margin`` is a fraction.
    """
    models = [model for model in marks if model in set(rows["model"])]
    tried = [(level, title) for level, title in levels if level in set(rows["level"])]
    step = len(models) + 1
    drawn = figure(WIDTH, 1.25 + 0.19 * step * len(tried))
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
        axes.set_xlabel(f"Test accuracy minus that of {reference}, points")
        band = Line2D([], [], color=BAND, linewidth=7, label="within the margin of equivalence")
        model_legend(drawn, {model: marks[model] for model in models}, [band])
    return drawn


def _effect(axes: Axes, row: pd.DataFrame, y: float, mark: Mark, low: str, high: str) -> None:
    if row.empty:
        return
    diff = 100 * row["diff"].to_numpy(dtype=float)
    bounds = 100 * row[[low, high]].to_numpy(dtype=float)[0]
    axes.errorbar(
        diff,
        [y],
        xerr=np.nan_to_num(np.array([[diff[0] - bounds[0]], [bounds[1] - diff[0]]])),
        fmt=mark.marker,
        color=mark.colour,
        markersize=5,
        elinewidth=1.8,
        capsize=3,
        zorder=3,
    )


def dots(
    rows: pd.DataFrame, single: pd.DataFrame, marks: Mapping[str, Mark], titles: Mapping[str, str]
) -> Figure:
    """Test accuracy of a few named things, one a line: mean, interval bar and every replicate as a point.

    ``rows`` have name, mean, ci_low, ci_high; ``single`` has name, test_accuracy, status.
    """
    names = [name for name in titles if name in set(rows["name"])]
    drawn = figure(WIDTH, 0.85 + 0.42 * len(names))
    with style():
        axes = drawn.subplots()
        open_axes(axes, grid="x")
        for y, name in enumerate(names):
            row = rows[rows["name"] == name].assign(diff=lambda part: part["mean"])
            runs = single[(single["name"] == name) & (single["status"] == "ok")]
            values = 100 * runs["test_accuracy"].to_numpy(dtype=float)
            spread = np.linspace(0.2, 0.36, len(values)) if len(values) > 1 else np.full(len(values), 0.28)
            axes.plot(values, y + spread, marker=marks[name].marker, color=marks[name].colour, **_POINT)
            _effect(axes, row, y, marks[name], "ci_low", "ci_high")
        axes.set_yticks(range(len(names)), [shorten(titles[name], 40) for name in names])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlabel("Test accuracy, %")
    return drawn


def gains(
    rows: pd.DataFrame, marks: Mapping[str, Mark], titles: Mapping[str, str], *, margin: float
) -> Figure:
    """Differences to the best single model with intervals against the margin of equivalence.

    ``rows`` have name, diff, ci_low, ci_high; ``margin`` is a fraction.
    """
    names = [name for name in titles if name in set(rows["name"])]
    drawn = figure(WIDTH, 1.1 + 0.36 * len(names))
    with style():
        axes = drawn.subplots()
        open_axes(axes, grid="x")
        axes.axvspan(-100 * margin, 100 * margin, color=BAND, linewidth=0, zorder=0)
        axes.axvline(0, color=SOFT, linewidth=0.8)
        for y, name in enumerate(names):
            _effect(axes, rows[rows["name"] == name], y, marks[name], "ci_low", "ci_high")
        axes.set_yticks(range(len(names)), [titles[name] for name in names])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlabel("Test accuracy minus that of the best single model, points")
        band = Line2D([], [], color=BAND, linewidth=7, label="within the margin of equivalence")
        drawn.legend(handles=[band], loc="outside upper left")
    return drawn
