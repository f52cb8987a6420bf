"""The result model: what the report shows, already in words, in an order, and in no format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from matplotlib.figure import Figure

from study.report import style


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    title
        Heading, with its unit.
    kind
        ``name`` heads its row, ``number`` is set to the right, ``text`` to the left.
    """

    title: str
    kind: Literal["name", "number", "text"] = "number"


@dataclass(frozen=True)
class Cell:
    """A formatted value with the key that sorts it (a number, or text in lower case)."""

    text: str
    sort: str


@dataclass(frozen=True)
class NumberTable:
    """A table of numbers or words; ``csv`` holds the same rows unrounded, as text."""

    slug: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    csv: str
    kind: str = "table"


@dataclass(frozen=True)
class Picture:
    """A figure, in the page as SVG and beside it as PDF; ``alt`` states what it shows.

    It is drawn when one of the two is asked for.
    """

    slug: str
    title: str
    caption: str
    alt: str
    draw: Callable[[], Figure]
    kind: str = "picture"

    @cached_property
    def svg(self) -> str:
        """An inline SVG element."""
        return style.svg(self._placed, self.slug)

    @cached_property
    def pdf(self) -> bytes:
        """A vector PDF."""
        return style.pdf(self._placed)

    @cached_property
    def _placed(self) -> Figure:
        return style.placed(self.draw())


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str
    kind: str = "paragraph"


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]
    kind: str = "bullets"


@dataclass(frozen=True)
class Terms:
    """Names with their values, such as the versions of libraries."""

    title: str
    items: tuple[tuple[str, str], ...]
    kind: str = "terms"


Block = NumberTable | Picture | Paragraph | Bullets | Terms


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it."""

    slug: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """The whole report.

    Attributes
    ----------
    notices
        What a reader has to know before any number, such as that the data are not CINIC-10.
    numbers
        Single numbers for other documents, by key.
    """

    title: str
    question: str
    notices: tuple[str, ...]
    findings: tuple[str, ...]
    sections: tuple[Section, ...]
    numbers: tuple[tuple[str, str], ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All figures, in the order in which they stand."""
        return tuple(
            block for section in self.sections for block in section.blocks if isinstance(block, Picture)
        )

    @property
    def tables(self) -> tuple[NumberTable, ...]:
        """All tables, in the order in which they stand."""
        return tuple(
            block for section in self.sections for block in section.blocks if isinstance(block, NumberTable)
        )


def name(text: str) -> Cell:
    """A cell of words."""
    return Cell(text, text.casefold())


def number(text: str, value: float) -> Cell:
    """A cell of a formatted number; what is missing sorts last."""
    return Cell(text, "" if value != value else repr(float(value)))


def cells(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows as the model keeps them."""
    return tuple(tuple(row) for row in rows)
