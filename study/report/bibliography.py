"""The works that the report cites, and those of the source, as facts."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Work:
    """One work of ``works.toml``.

    Attributes
    ----------
    key
        By which text cites it: ``[@key]``.
    where
        Journal, proceedings or series, with volume and pages.
    year
        0 where the work names none.
    link
        DOI or arXiv identifier, or an empty text.
    source
        Its number among the references of the source; 0 where the source does not cite it.
    """

    key: str
    authors: str
    title: str
    where: str
    year: int = 0
    link: str = ""
    source: int = 0

    @property
    def text(self) -> str:
        """The whole reference."""
        year = f"({self.year})" if self.year else "(no year)"
        stop = "" if self.title.endswith("?") else "."
        link = f" {self.link}." if self.link else ""
        cited = f" Reference {self.source} of the source." if self.source else ""
        return f"{self.authors} {year}. {self.title}{stop} {self.where}.{link}{cited}"


def _works() -> tuple[Work, ...]:
    text = Path(__file__).with_name("works.toml").read_text(encoding="utf-8")
    works = [Work(**values) for values in tomllib.loads(text)["work"]]
    return tuple(sorted(works, key=lambda work: (work.authors.casefold(), work.year, work.key)))


WORKS = _works()
"""In the order in which they are numbered from 1."""

PLACES = {work.key: place for place, work in enumerate(WORKS, start=1)}
CITATION = re.compile(r"\[@([a-z0-9]+(?:; @[a-z0-9]+)*)\]")
"""A citation in the report's own prose, such as ``[@holm]`` or ``[@pitman; @morgan]``."""


def keys(group: str) -> list[str]:
    """The works of one citation, the inside of its brackets, in the order of their numbers.

    Raises
    ------
    KeyError
        A work is not in ``WORKS``.
    """
    return sorted(group.split("; @"), key=lambda key: PLACES[key])


def of_source() -> str:
    """A citation of all works that the source cites."""
    cited = sorted((work.source, work.key) for work in WORKS if work.source)
    return f"[@{'; @'.join(key for _, key in cited)}]"
