"""The look of every figure: fixed colours and marks, fonts, and files that come out byte for byte equal."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

INK = "#1b1f24"
SOFT = "#5b6470"
GRID = "#d9dde2"
BAND = "#ece9dd"
PAPER = "#fffffe"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#b0569f", "#b58300", "#3f8fc4", "#6b6b6b")
"""After Okabe and Ito, the light ones darkened for thin lines on white."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
NAMES = {
    INK: "ink",
    SOFT: "soft",
    GRID: "grid",
    BAND: "band",
    PAPER: "paper",
    **{colour: f"series-{index}" for index, colour in enumerate(SERIES, start=1)},
}
"""Colours that a page may replace, by the name of its variable."""


@dataclass(frozen=True)
class Room:
    """What a figure is drawn for.

    Attributes
    ----------
    width
        Of the figure, inches.
    across
        Most panels side by side.
    columns
        Most columns of a grid of small panels.
    letters
        Longest name beside an axis.
    """

    width: float
    across: int
    columns: int
    letters: int

    def panels(self, n: int) -> tuple[int, int]:
        """Rows and columns of ``n`` panels."""
        across = min(n, self.across)
        return -(-n // across), across


WIDE = Room(9.6, across=4, columns=99, letters=40)
"""A page."""
NARROW = Room(4.3, across=1, columns=3, letters=22)
"""The screen of a phone."""
POINT: dict[str, Any] = {"markersize": 2.6, "alpha": 0.6, "linestyle": "none", "markeredgewidth": 0}
"""How a single replicate is drawn."""

_RC: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 9.0,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 9.0,
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}
_PLACED = re.compile(r'(?<=\s)(?:d|x|y|x1|x2|y1|y2|points|transform|width|height)="[^"]*"')
"""Attributes of places in an SVG, in points."""


@dataclass(frozen=True)
class Mark:
    """Colour and marker of one backbone, the same in every figure."""

    colour: str
    marker: str


def marks(models: Sequence[str]) -> dict[str, Mark]:
    """A mark for each backbone by its place in params.yaml, so that one more at the end changes none."""
    return {
        model: Mark(SERIES[index % len(SERIES)], MARKERS[index % len(MARKERS)])
        for index, model in enumerate(models)
    }


def figure(width: float, height: float) -> Figure:
    """An empty figure, inches, outside of pyplot's global state."""
    with mpl.rc_context(_RC):
        return Figure(figsize=(width, height), layout="constrained")


def style() -> AbstractContextManager[None]:
    """The context in which axes are made and drawn."""
    return mpl.rc_context(_RC)


def model_legend(target: Figure, shown: Mapping[str, Mark], extra: Sequence[Line2D] = ()) -> None:
    """A legend of backbones, and of what else there is."""
    handles = [
        Line2D([], [], color=mark.colour, marker=mark.marker, markersize=5, label=shorten(model, 34))
        for model, mark in shown.items()
    ]
    legend(target, [*handles, *extra])


def legend(target: Figure, handles: Sequence[Line2D]) -> None:
    """One shared legend above the axes, a column an entry while they fit."""
    lengths = [len(str(handle.get_label())) + 7 for handle in handles]
    room = int(target.get_figwidth() * 13.5)
    per_row = len(handles) if sum(lengths) <= room else max(1, room // max(lengths))
    target.legend(
        handles=handles,
        loc="outside upper left",
        ncols=min(per_row, len(handles)),
        handlelength=2.2,
        columnspacing=1.6,
    )


def axis_titles(target: Figure, *, x: str = "", y: str = "") -> None:
    """Titles of the axes that all panels share, in lines that fit."""
    if x:
        target.supxlabel(textwrap.fill(x, int(target.get_figwidth() * 13)), fontsize=9)
    if y:
        target.supylabel(y, fontsize=9)


def open_axes(axes: Axes, *, grid: str = "y") -> None:
    """Grid lines along one axis alone."""
    axes.grid(False)
    if grid:
        axes.grid(True, axis=grid)  # type: ignore[arg-type]


def interval_bars(
    axes: Axes,
    at: Any,
    values: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    along: Literal["x", "y"] = "x",
    **look: Any,
) -> None:
    """Bars from ``low`` to ``high`` around ``values`` (n,), along an axis, at places of the other one.

    A value without an interval has no bar. ``look`` is matplotlib's of ``errorbar``.
    """
    reach = np.nan_to_num(np.vstack([values - low, high - values]))
    x, y = (values, at) if along == "x" else (at, values)
    axes.errorbar(x, y, **{f"{along}err": reach}, **look)


def leave_out(grid: np.ndarray, n: int) -> None:
    """Hide all panels of a grid (rows, columns) behind the first ``n``; those above them keep their ticks."""
    for axes in grid.flat[n:]:
        axes.set_visible(False)
    for column in grid.T:
        shown = [axes for axes in column if axes.get_visible()]
        if 0 < len(shown) < len(column):
            shown[-1].tick_params(labelbottom=True)


def shorten(text: str, limit: int) -> str:
    """``text`` as it can be drawn, cut in the middle where it is longer than ``limit``."""
    drawn = "".join(letter if ord(letter) in _glyphs() else "□" for letter in text)
    if len(drawn) <= limit:
        return drawn
    tail = (limit - 1) // 3
    return f"{drawn[: limit - 1 - tail]}…{drawn[-tail:]}"


def placed(drawn: Figure) -> Figure:
    """The figure with its axes where the layout puts them, once for all formats."""
    with mpl.rc_context(_RC):
        engine = drawn.get_layout_engine()
        if engine is not None:
            engine.execute(drawn)
        drawn.set_layout_engine("none")
    return drawn


def svg(drawn: Figure, slug: str) -> str:
    """The figure as an inline SVG element: no date, ids that begin with ``slug``, colours as variables.

    The page it stands in sets the variables of ``NAMES`` and the font.
    """
    with mpl.rc_context({**_RC, "svg.hashsalt": slug}):
        buffer = io.StringIO()
        drawn.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*">', "<g>", text)
    text = re.sub(r' transform="rotate\(-?0 [^"]*"', "", text)
    text = re.sub(r'\bid="', f'id="{slug}-', text)
    text = re.sub(r"url\(#", f"url(#{slug}-", text)
    text = re.sub(r'xlink:href="#', f'href="#{slug}-', text)
    text = re.sub(r" font-family: [^;\"]*;", "", text)
    text = _PLACED.sub(_rounded, text)
    for colour, name in NAMES.items():
        text = text.replace(colour, f"var(--{name})")
    return re.sub(r">\s+<", ">\n<", text).strip()


def pdf(drawn: Figure) -> bytes:
    """The figure as a vector PDF without dates."""
    with mpl.rc_context(_RC):
        buffer = io.BytesIO()
        drawn.savefig(buffer, format="pdf", metadata={"CreationDate": None, "ModDate": None})
    return buffer.getvalue()


def _rounded(attribute: re.Match[str]) -> str:
    """Places to a hundredth of a point, which no eye tells apart."""
    return re.sub(r"-?\d+\.\d{3,}", lambda place: f"{float(place[0]):.2f}", attribute[0])


@cache
def _glyphs() -> frozenset[int]:
    path = font_manager.findfont("DejaVu Sans", fallback_to_default=False)
    return frozenset(font_manager.get_font(path).get_charmap())
