"""The result model: what the report shows, in words and in order, and in no format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from matplotlib.figure import Figure


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
    """A formatted value, the key that sorts it (a number, or text in lower case), and a verdict's tone."""

    text: str
    sort: str
    tone: str = ""


@dataclass(frozen=True)
class CsvFile:
    """Unrounded rows that travel with the table or picture made from them."""

    name: str
    text: str


_PRINTED_ROWS = 6


@dataclass(frozen=True)
class Table:
    """A table of numbers or words; ``csv`` holds the same rows unrounded, ``stage`` made them.

    ``folded`` tables open on demand in the page, and long ones of them are not printed in the article;
    ``number`` counts the report's tables from 1.
    """

    slug: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    csv: str
    stage: str = "analyse"
    folded: bool = True
    number: int = 0
    kind: str = "table"

    @property
    def is_printed(self) -> bool:
        """Whether its rows stand in the article."""
        return not self.folded or len(self.rows) <= _PRINTED_ROWS

    @property
    def files(self) -> tuple[CsvFile, ...]:
        """The rows as a file."""
        return (CsvFile(f"{self.slug}.csv", self.csv),)


@dataclass(frozen=True)
class Picture:
    """A figure to be drawn: ``draw`` takes the ``room`` it has.

    ``alt`` states what it shows, ``files`` hold the rows it draws, ``stage`` made them, ``number`` counts
    the report's figures from 1.
    """

    slug: str
    title: str
    caption: str
    alt: str
    draw: Callable[..., Figure]
    files: tuple[CsvFile, ...]
    stage: str = "analyse"
    number: int = 0
    kind: str = "picture"


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
class Section:
    """A heading with what stands under it; ``level`` 1 is a section of the report, 2 a part of one.

    ``folded`` parts open on demand in the page.
    """

    slug: str
    title: str
    blocks: tuple[Block, ...]
    level: int = 1
    folded: bool = False
    kind: str = "section"


Block = Table | Picture | Paragraph | Bullets | Terms | References | Section


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
    date
        The day of that commit.
    author
        Who made it.
    """

    title: str
    question: str
    notices: tuple[str, ...]
    sections: tuple[Section, ...]
    numbers: tuple[tuple[str, str], ...]
    state: str
    date: str
    author: str

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All figures, in the order in which they stand."""
        return tuple(block for block in self.blocks() if isinstance(block, Picture))

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in the order in which they stand."""
        return tuple(block for block in self.blocks() if isinstance(block, Table))

    def blocks(self) -> Iterator[Block]:
        """All blocks, those of a section after it."""
        for section in self.sections:
            yield from _inside(section)

    def numbered(self) -> Report:
        """The same with its tables and figures counted from 1."""
        seen = {"table": 0, "picture": 0}

        def count(block: Block, _: str) -> Block:
            if not isinstance(block, Table | Picture):
                return block
            seen[block.kind] += 1
            return replace(block, number=seen[block.kind])

        return self._changed(count)

    def retold(self, tell: Callable[[str, str], str]) -> Report:
        """The same with every sentence, list and caption through ``tell``; names and tables stay.

        ``tell`` gets the text and its place: ``front/K``, or ``SLUG/K`` for the K-th text of a section.
        """
        seen: dict[str, int] = {}

        def told(text: str, where: str) -> str:
            seen[where] = seen.get(where, 0) + 1
            return tell(text, f"{where}/{seen[where]}")

        def change(block: Block, where: str) -> Block:
            if isinstance(block, Paragraph):
                return replace(block, text=told(block.text, where))
            if isinstance(block, Bullets):
                return replace(block, items=tuple(told(item, where) for item in block.items))
            if isinstance(block, Table | Picture):
                return replace(block, caption=told(block.caption, where))
            return block

        front = replace(
            self,
            question=told(self.question, "front"),
            notices=tuple(told(notice, "front") for notice in self.notices),
        )
        return front._changed(change)

    def _changed(self, change: Callable[[Block, str], Block]) -> Report:
        def walk(section: Section) -> Section:
            blocks = (
                walk(block) if isinstance(block, Section) else change(block, section.slug)
                for block in section.blocks
            )
            return replace(section, blocks=tuple(blocks))

        return replace(self, sections=tuple(walk(section) for section in self.sections))


def _inside(section: Section) -> Iterator[Block]:
    yield section
    for block in section.blocks:
        if isinstance(block, Section):
            yield from _inside(block)
        else:
            yield block
