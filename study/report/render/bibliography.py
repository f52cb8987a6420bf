"""The works that the report cites, and those of the original report, from references.bib."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pybtex.database import Entry, parse_file


@dataclass(frozen=True)
class Work:
    """One work; ``original`` is its number among the references of the original report, 0 if not there."""

    key: str
    text: str
    original: int


def _authors(entry: Entry) -> str:
    names = [str(person) for person in entry.persons["author"]]
    if names[-1] == "others":
        return f"{', '.join(names[:-1])} et al."
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _text(entry: Entry) -> str:
    fields = entry.fields
    title = fields["title"].strip("{}")
    year = f"({fields['year']})" if "year" in fields else "(no year)"
    link = f" doi:{fields['doi']}." if "doi" in fields else ""
    link = f" arXiv:{fields['eprint']}." if "eprint" in fields else link
    cited = f" Reference {fields['original']} of the original report." if "original" in fields else ""
    stop = "" if title.endswith("?") else "."
    return f"{_authors(entry)} {year}. {title}{stop} {fields['howpublished']}.{link}{cited}"


def _works() -> tuple[Work, ...]:
    entries = parse_file(str(Path(__file__).with_name("references.bib")), bib_format="bibtex").entries
    ordered = sorted(
        entries.values(), key=lambda one: (_authors(one).casefold(), one.fields.get("year", ""), one.key)
    )
    return tuple(Work(one.key, _text(one), int(one.fields.get("original", 0))) for one in ordered)


WORKS = _works()
"""In the order in which they are numbered from 1."""

PLACES = {work.key: place for place, work in enumerate(WORKS, start=1)}
CITATION = re.compile(r"\[@([a-z0-9]+(?:; @[a-z0-9]+)*)\]")
"""A citation in the report's own text, such as ``[@holm]`` or ``[@pitman; @morgan]``."""


def keys(group: str) -> list[str]:
    """The works of one citation, the inside of its brackets, in the order of their numbers.

    Raises
    ------
    KeyError
        A work is not in ``WORKS``.
    """
    return sorted(group.split("; @"), key=lambda key: PLACES[key])


def of_original() -> str:
    """A citation of all works that the original report cites."""
    cited = sorted((work.original, work.key) for work in WORKS if work.original)
    return f"[@{'; @'.join(key for _, key in cited)}]"
