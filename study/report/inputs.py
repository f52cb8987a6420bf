"""What the report is made from: parameters, tables, data, provenance, verification, standing text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import pandas as pd
from pydantic import ConfigDict, ValidationError

from study.errors import StudyError
from study.params import Params
from study.params.constraints import Model, explain
from study.report.document import Block, Bullets, Paragraph, Terms
from study.tables import definitions
from study.tables.schema import Table, TableError


class InputsError(StudyError):
    """Something that the report is made from does not have the form that it reads."""


class _Input(Model):
    model_config = ConfigDict(extra="ignore", strict=False, arbitrary_types_allowed=True)


class Duplicates(_Input):
    """Images whose pixels occur earlier in their split, and different images that two splits share."""

    within: dict[str, int]
    across: dict[str, int]


class Dataset(_Input):
    """The data set's manifest.

    Attributes
    ----------
    image_shape
        Height, width, channels of a stored image.
    counts
        Number of images by split, then class, then origin.
    """

    name: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    counts: dict[str, dict[str, dict[str, int]]]
    source: str
    duplicates: Duplicates | None = None

    @property
    def largest_class(self) -> int:
        """Training images of the largest class."""
        return max((sum(origins.values()) for origins in self.counts.get("train", {}).values()), default=0)


class Provenance(_Input):
    """Where the numbers come from.

    ``date`` is that of the commit, ``weights`` are SHA-256 by backbone, ``instructions`` those of the CPU.
    """

    commit: str
    date: str
    dirty: bool
    data_sha256: str
    weights: dict[str, str]
    versions: dict[str, str]
    backend: str
    instructions: str = ""

    @property
    def state(self) -> str:
        """Which code made the report."""
        return f"commit {self.commit[:12]}{' with uncommitted changes' if self.dirty else ''}"


class Verification(_Input):
    """Outcome of training recorded runs again, drawn at random; differences are fractions.

    Attributes
    ----------
    n_same
        Runs whose numbers count as the same: identical, or within the tolerance where there is one.
    tolerance, rounding
        The largest difference that counts as the same, and the largest that rounding alone made; None where
        the machine is that of the record, so that every byte has to be the same.
    elsewhere
        What differs from the record otherwise.
    """

    n_verified: int
    n_identical: int
    n_same: int
    max_abs_difference: float
    tolerance: float | None = None
    rounding: float | None = None
    elsewhere: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()


class Tables:
    """The tables of ``REPORT_TABLES``, each picked by its definition: ``tables[definitions.BEST]``."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Check ``frames``, by the names of their tables.

        Raises
        ------
        TableError
            A table is missing or is not as its schema says.
        """
        looked = definitions.LOOKS.name in frames
        wanted = definitions.report_tables((1,) if looked else ())
        missing = [table.name for table in wanted if table.name not in frames]
        if missing:
            raise TableError(f"report: expected the tables {[t.name for t in wanted]}, missing {missing}")
        self._frames = {table.name: table.conform(frames[table.name]) for table in wanted}

    def __getitem__(self, table: Table) -> pd.DataFrame:
        return self._frames[table.name]


class StandingText:
    """The standing text of the report's sections: Markdown files whose parts are headed ``## name``."""

    def __init__(self, folder: Path) -> None:
        """Read every file of ``folder``."""
        self._folder = folder
        self._parts: dict[str, str] = {}
        for path in sorted(folder.glob("*.md")):
            pieces = re.split(r"^## (.+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            for part, text in zip(pieces[1::2], pieces[2::2], strict=True):
                self._parts[f"{path.stem}/{part.strip()}"] = text.strip()

    def line(self, part: str, **slots: str) -> str:
        """The text of ``file/part`` on one line, its slots ``{name}`` filled.

        Raises
        ------
        InputsError
            The part is not there, or has a slot that nothing fills.
        """
        return _one_line(self._filled(part, slots))

    def blocks(self, part: str, **slots: str) -> tuple[Block, ...]:
        """The paragraphs and lists of ``file/part``, its slots filled."""
        return tuple(_block(piece) for piece in re.split(r"\n\s*\n", self._filled(part, slots)))

    def terms(self, part: str, title: str, **slots: str) -> Terms:
        """The lines ``term: explanation`` of ``file/part``, its slots filled."""
        pairs = (line.split(": ", 1) for line in self._filled(part, slots).splitlines() if line)
        return Terms(title, tuple((term, explanation) for term, explanation in pairs))

    def _filled(self, part: str, slots: Mapping[str, str]) -> str:
        path = self._folder / f"{part.partition('/')[0]}.md"
        if part not in self._parts:
            raise InputsError(f"{path}: expected a part headed ## {part.partition('/')[2]}, received none")

        def fill(slot: re.Match[str]) -> str:
            if slot[1] not in slots:
                known = ", ".join(f"{{{name}}}" for name in slots) or "no slot"
                raise InputsError(f"{path}, {part}: expected {known}, received {slot[0]}")
            return slots[slot[1]]

        return re.sub(r"\{(\w+)\}", fill, self._parts[part])


def _one_line(text: str) -> str:
    """``text`` without line breaks; spaces that do not break stay."""
    return re.sub(r"[ \t\n]+", " ", text).strip()


def _block(piece: str) -> Block:
    if piece.lstrip().startswith("- "):
        items = re.split(r"^\s*- ", piece, flags=re.MULTILINE)[1:]
        return Bullets(tuple(_one_line(item) for item in items))
    return Paragraph(_one_line(piece))


class Inputs(_Input):
    """All that the report is made from; ``excluded`` has a whole sentence for each excluded level."""

    params: Params
    tables: Tables
    text: StandingText
    dataset: Dataset
    provenance: Provenance
    verification: Verification
    excluded: tuple[str, ...]

    @classmethod
    def of(cls, **values: Any) -> Self:
        """Check and freeze plain values, as read from JSON.

        Raises
        ------
        InputsError
            In one line: the field, what was expected and what was received.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise InputsError(f"inputs of the report: {explain(error, cls)}") from None
