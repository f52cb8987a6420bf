"""Figures of values along an axis, drawn with seaborn: a panel a level or a backbone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from study.report.plots import style
from study.report.plots.style import WIDE, Mark, Room


def learning(
    rows: pd.DataFrame, levels: Sequence[tuple[str, str]], marks: Mapping[str, Mark], *, room: Room = WIDE
) -> Figure:
    """Accuracy over the epochs: a row a backbone and a column a level, or, in little room, a panel a level.

    ``rows`` are those of ``curves`` of one factor, accuracy alone; ``levels`` are names with titles, in
    order.
    """
    titles = dict(levels)
    models = [model for model in marks if model in set(rows["model"])]
    shown = _percent(rows.assign(level=rows["level"].map(titles)), "mean", "ci_low", "ci_high")
    little = len(levels) > room.columns or room.across == 1
    across = min(len(levels), room.columns)
    down = -(-len(levels) // across) if little else len(models)
    grid = _grid(
        shown,
        marks,
        models,
        width=room.width,
        across=across,
        down=down,
        height=1.5,
        col="level",
        col_order=[title for _, title in levels],
        **({"col_wrap": across} if little else {"row": "model", "row_order": models}),
    )
    grid.map_dataframe(_line, x="epoch", y="mean", ends=("ci_low", "ci_high"), style="curve")
    panels = grid.axes.reshape(down, across) if not little else None
    for axes, (_, title) in zip(grid.axes.flat, levels, strict=False):
        axes.set_title(title)
    if panels is not None:
        for line, model in zip(panels, models, strict=True):
            _name_at_the_right(line[-1], model, marks[model].colour)
    top = np.nanmax(shown[["ci_high", "mean"]].to_numpy(dtype=float))
    grid.axes.flat[0].set_ylim(top=min(100.4, top))
    drawn = _finished(grid, x="Epoch", y="Accuracy, %", whole=True)
    handles = _dashes("train", "validation")
    if little:
        style.model_legend(drawn, {model: marks[model] for model in models}, handles)
    else:
        style.legend(drawn, handles)
    return drawn


def growth(rows: pd.DataFrame, marks: Mapping[str, Mark], *, axis_title: str, room: Room = WIDE) -> Figure:
    """Accuracy of the best of so many settings tried, a panel a backbone: ``rows`` of ``expected_best``."""
    stems = {"valid": "", "train": "test_"}
    long = pd.concat(
        [
            rows[["model", "n_settings"]].assign(
                curve=curve, **{end: 100 * rows[f"{stem}{end}"] for end in ("mean", "ci_low", "ci_high")}
            )
            for curve, stem in stems.items()
        ],
        ignore_index=True,
    )
    grid, _ = _by_model(long, marks, room, height=2.4)
    grid.map_dataframe(_line, x="n_settings", y="mean", ends=("ci_low", "ci_high"), style="curve")
    drawn = _finished(grid, x=axis_title, y="Accuracy, %", whole=True)
    style.legend(drawn, _dashes("test", "validation"))
    return drawn


def sizes(
    rows: pd.DataFrame, marks: Mapping[str, Mark], titles: Mapping[str, str], *, room: Room = WIDE
) -> Figure:
    """Accuracy of soft voting of so many replicates, a panel a family, each with a span of its own place.

    ``rows`` are those of ``ensemble_sizes``; ``titles`` has the families in order. All panels span equally
    many points, so that gains can be compared.
    """
    shown = _percent(rows.rename(columns={"family": "model"}), "accuracy").assign(curve="valid")
    grid, names = _by_model(shown, {name: marks[name] for name in titles}, room, height=2.2, sharey=False)
    grid.map_dataframe(_line, x="k", y="accuracy", style="curve", marker="o", markersize=4)
    values = shown.groupby("model")["accuracy"]
    low, high = values.min(), values.max()
    span = 1.15 * max(float((high - low).max()), 1.0)
    for axes, name in zip(grid.axes.flat, names, strict=False):
        axes.set_title(style.shorten(titles[name], 26), color=marks[name].colour, fontweight="bold")
        middle = (low[name] + high[name]) / 2
        axes.set_ylim(middle - span / 2, middle + span / 2)
    return _finished(grid, x="Replicates that vote", y="Test accuracy, %", whole=True)


def _by_model(
    rows: pd.DataFrame, marks: Mapping[str, Mark], room: Room, *, height: float, sharey: bool = True
) -> tuple[sns.FacetGrid, list[str]]:
    models = [model for model in marks if model in set(rows["model"])]
    down, across = room.panels(len(models))
    grid = _grid(
        rows,
        marks,
        models,
        width=room.width,
        across=across,
        down=down,
        height=height,
        col="model",
        col_order=models,
        col_wrap=across,
        sharey=sharey,
    )
    for axes, model in zip(grid.axes.flat, models, strict=False):
        axes.set_title(style.shorten(model, 26), color=marks[model].colour, fontweight="bold")
    return grid, models


def _grid(
    rows: pd.DataFrame,
    marks: Mapping[str, Mark],
    models: Sequence[str],
    *,
    width: float,
    across: int,
    down: int,
    height: float,
    **facets: Any,
) -> sns.FacetGrid:
    grid = sns.FacetGrid(
        rows,
        hue="model",
        hue_order=list(models),
        palette={model: marks[model].colour for model in models},
        height=height,
        aspect=width / across / height,
        **facets,
    )
    grid.set_titles("")
    grid.tight_layout = lambda *_, **__: None  # the figure is laid out once, when it is complete
    plt.close(grid.figure)
    grid.figure.set_size_inches(width, 0.75 + height * down)
    return grid


def _line(
    data: pd.DataFrame,
    *,
    x: str,
    y: str,
    style: str,
    color: str,
    ends: tuple[str, str] | None = None,
    marker: str = "",
    markersize: float = 0,
    **_: Any,
) -> None:
    axes = plt.gca()
    alone = data[x].min() == data[x].max()
    sns.lineplot(
        data,
        x=x,
        y=y,
        style=style,
        style_order=["valid", "train"],
        dashes={"valid": "", "train": (3, 1.6)},
        color=color,
        linewidth=1.5,
        marker=marker or ("o" if alone else None),
        markersize=markersize or 4,
        markeredgecolor=color,
        errorbar=None,
        legend=False,
        ax=axes,
    )
    if ends is not None:
        for _curve, part in data.sort_values(x).groupby("curve"):
            low, high = (part[end].to_numpy(dtype=float) for end in ends)
            if np.isfinite(low).any():
                axes.fill_between(part[x], low, high, color=color, alpha=0.17, linewidth=0)


def _finished(grid: sns.FacetGrid, *, x: str, y: str, whole: bool) -> Figure:
    grid.set_axis_labels("", "")
    for axes in grid.axes.flat:
        _round_ticks(axes, whole=whole)
    drawn: Figure = grid.figure
    drawn.set_layout_engine("constrained")
    style.axis_titles(drawn, x=x, y=y)
    return drawn


def _round_ticks(axes: Axes, *, whole: bool) -> None:
    axes.grid(False, axis="x")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=whole, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))


def _percent(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return rows.assign(**{column: 100 * rows[column] for column in columns})


def _dashes(dashed: str, solid: str) -> list[Line2D]:
    return [
        Line2D([], [], color=style.INK, label=solid),
        Line2D([], [], color=style.INK, linestyle="--", label=dashed, linewidth=1.3),
    ]


def _name_at_the_right(axes: Axes, model: str, colour: str) -> None:
    axes.annotate(
        style.shorten(model, 19),
        xy=(1.0, 0.5),
        xycoords="axes fraction",
        xytext=(6, 0),
        textcoords="offset points",
        rotation=270,
        va="center",
        ha="left",
        color=colour,
        fontweight="bold",
    )
