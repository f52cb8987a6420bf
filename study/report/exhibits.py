"""The result model: what the report shows, already in words, in an order, and in no format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import pandas as pd
from matplotlib.figure import Figure

from study.report import style

Drawing = tuple[str, str, bytes]


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
class CsvFile:
    """Unrounded rows that travel with the exhibit made from them."""

    name: str
    text: str


@dataclass(frozen=True)
class NumberTable:
    """A table of numbers or words; ``csv`` holds the same rows unrounded, ``stage`` made them."""

    slug: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    csv: str
    stage: str = "analyse"
    kind: str = "table"

    @property
    def files(self) -> tuple[CsvFile, ...]:
        """The rows as a file."""
        return (CsvFile(f"{self.slug}.csv", self.csv),)


@dataclass(frozen=True)
class Picture:
    """A figure, in the page as SVG for wide and for narrow screens, beside it as PDF.

    ``alt`` states what it shows. It is drawn when one of them is asked for; ``draw`` takes the ``room``.
    ``files`` hold the rows it draws, ``stage`` made them.
    """

    slug: str
    title: str
    caption: str
    alt: str
    draw: Callable[..., Figure]
    files: tuple[CsvFile, ...]
    stage: str = "analyse"
    kind: str = "picture"

    @property
    def svg(self) -> str:
        """An inline SVG element."""
        return self._drawing[0]

    @property
    def narrow(self) -> str:
        """An inline SVG element for a narrow screen."""
        return self._drawing[1]

    @property
    def pdf(self) -> bytes:
        """A vector PDF."""
        return self._drawing[2]

    def captioned(self, caption: str) -> Picture:
        """The same drawing, made once for both, under another caption."""
        other = replace(self, caption=caption)
        other.keep(self._drawing)
        return other

    @property
    def is_drawn(self) -> bool:
        """Whether the picture need not be drawn any more."""
        return "_drawing" in self.__dict__

    def drawn(self) -> Drawing:
        """Draw it: the SVG element, the one for narrow screens, and the PDF."""
        placed = style.placed(self.draw(room=style.WIDE))
        slim = style.placed(self.draw(room=style.NARROW))
        return style.svg(placed, self.slug), style.svg(slim, f"{self.slug}-narrow"), style.pdf(placed)

    def keep(self, drawing: Drawing) -> None:
        """Take what ``drawn`` gave, perhaps in another process."""
        self.__dict__["_drawing"] = drawing

    @cached_property
    def _drawing(self) -> Drawing:
        return self.drawn()


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


@dataclass(frozen=True)
class References:
    """The works cited, as they are numbered; ``works`` are key and text."""

    works: tuple[tuple[str, str], ...]
    kind: str = "references"


@dataclass(frozen=True)
class Findings:
    """Sentences of the first page that answer one question."""

    title: str
    items: tuple[str, ...]


Block = NumberTable | Picture | Paragraph | Bullets | Terms | References


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
    state
        The commit whose code made the report.
    """

    title: str
    question: str
    notices: tuple[str, ...]
    findings: tuple[Findings, ...]
    sections: tuple[Section, ...]
    numbers: tuple[tuple[str, str], ...]
    state: str

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


def csv_file(name: str, rows: pd.DataFrame) -> CsvFile:
    """Rows as CSV with shortest exact decimals."""
    return CsvFile(f"{name}.csv", str(rows.to_csv(index=False, lineterminator="\n")))


def cells(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows as the model keeps them."""
    return tuple(tuple(row) for row in rows)
