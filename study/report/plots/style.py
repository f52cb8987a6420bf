"""The look of every figure: seaborn's theme, fixed colours and marks, files of equal bytes.

Figures are drawn under the complete settings that stand here, whatever a matplotlibrc says.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from study.report.plots.markup import compact

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
HOVER = "hover:"
"""How the id of an artist begins whose rest a reader sees on hovering over it."""


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
    **sns.axes_style("whitegrid"),
    **sns.plotting_context("paper"),
    "font.family": ["DejaVu Sans"],
    **dict.fromkeys(("font.size", "axes.titlesize", "axes.labelsize", "legend.fontsize"), 9.2),
    **dict.fromkeys(("xtick.labelsize", "ytick.labelsize"), 9.2),
    "text.parse_math": False,
    "text.usetex": False,
    "axes.edgecolor": SOFT,
    **dict.fromkeys(("axes.labelcolor", "text.color", "xtick.labelcolor", "ytick.labelcolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), SOFT),
    "grid.color": GRID,
    "patch.edgecolor": PAPER,
    **dict.fromkeys(("grid.linewidth", "axes.linewidth", "xtick.major.width", "ytick.major.width"), 0.7),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "none"),
}
_XLINK = ' xmlns:xlink="http://www.w3.org/1999/xlink"'
_PLACED = re.compile(r'(?<=\s)(?:d|x|y|x1|x2|y1|y2|points|transform|width|height)="[^"]*"')
"""Attributes of places in an SVG, in points."""
_DEFINED = re.compile(r'<(clipPath|path) id="([^"]+)"(.*?)(</clipPath>|/>)\s*', flags=re.DOTALL)
"""What an SVG defines once and uses by its id."""


@dataclass(frozen=True)
class Mark:
    """Colour and marker of one backbone, the same in every figure."""

    colour: str
    marker: str


@dataclass(frozen=True)
class Drawing:
    """A figure as SVG elements for a page and for a narrow screen, and as PDF."""

    wide: str
    narrow: str
    pdf: bytes


@contextmanager
def style() -> Iterator[None]:
    """The context in which figures are made and drawn: the study's own settings and no one else's."""
    mpl.use("agg")
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def drawing(draw: Callable[..., Figure], slug: str) -> Drawing:
    """Draw a figure in both rooms; its SVG ids begin with ``slug``."""
    with style():
        wide, narrow = (placed(draw(room=room)) for room in (WIDE, NARROW))
        return Drawing(svg(wide, slug), svg(narrow, f"{slug}-narrow"), pdf(wide))


def marks(models: Sequence[str]) -> dict[str, Mark]:
    """A mark for each backbone by its place in params.yaml, so that one more at the end changes none."""
    return {
        model: Mark(SERIES[index % len(SERIES)], MARKERS[index % len(MARKERS)])
        for index, model in enumerate(models)
    }


def figure(width: float, height: float) -> Figure:
    """An empty figure, inches, outside of pyplot's global state."""
    return Figure(figsize=(width, height), layout="constrained")


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
        target.supxlabel(textwrap.fill(x, int(target.get_figwidth() * 13)), fontsize=9.2)
    if y:
        target.supylabel(y, fontsize=9.2)


def open_axes(axes: Axes, *, grid: str = "y") -> None:
    """Grid lines along one axis alone."""
    axes.grid(False)
    if grid:
        axes.grid(True, axis=grid)  # type: ignore[arg-type]


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
    engine = drawn.get_layout_engine()
    if engine is not None:
        engine.execute(drawn)
    drawn.set_layout_engine("none")
    return drawn


def svg(drawn: Figure, slug: str) -> str:
    """The figure as an inline SVG element: no date, ids that count from 1, colours as variables.

    The page it stands in sets the variables of ``NAMES`` and the font.
    """
    buffer = io.StringIO()
    drawn.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(rf'<g id="{HOVER}([^"]*)">', r"<g><title>\1</title>", text)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(r' transform="rotate\(-?0 [^"]*"', "", text)
    text = re.sub(r" font-family: [^;\"]*;", "", text)
    text = compact(_renamed(_PLACED.sub(_rounded, text), slug).replace(_XLINK, ""))
    for colour, name in NAMES.items():
        text = text.replace(colour, f"var(--{name})")
    return text


def _renamed(text: str, slug: str) -> str:
    """``text`` with one definition of each thing, named by its place among them.

    matplotlib names a definition by a hash of unrounded numbers, whose last digits are not the same on every
    machine; here two are one if they are equal as they are written.
    """
    first: dict[tuple[str, ...], str] = {}
    names: dict[str, str] = {}

    def kept(match: re.Match[str]) -> str:
        tag, name, content, end = match.groups()
        new = tag, content
        seen = new in first
        names[name] = first.setdefault(new, f"{slug}-{len(first) + 1}")
        return "" if seen else f'<{tag} id="{names[name]}"{content}{end}\n'

    text = re.sub(r"<defs>\s*</defs>\s*", "", _DEFINED.sub(kept, text))
    text = re.sub(r"url\(#([^)]+)\)", lambda use: f"url(#{names[use[1]]})", text)
    return re.sub(r'xlink:href="#([^"]+)"', lambda use: f'href="#{names[use[1]]}"', text)


def pdf(drawn: Figure) -> bytes:
    """The figure as a vector PDF without dates."""
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="pdf", metadata={"CreationDate": None, "ModDate": None})
    return buffer.getvalue()


def _rounded(attribute: re.Match[str]) -> str:
    """Places to a hundredth of a point, which no eye tells apart."""
    return re.sub(
        r"-?\d+\.\d+(?:e-?\d+)?", lambda place: f"{round(float(place[0]), 2) + 0.0:g}", attribute[0]
    )


@cache
def _glyphs() -> frozenset[int]:
    path = font_manager.findfont("DejaVu Sans", fallback_to_default=False)
    return frozenset(font_manager.get_font(path).get_charmap())
