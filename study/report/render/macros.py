"""Numbers of running text as LaTeX macros, so that each stands in one file with where it is used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from study.report.render import tex
from study.report.render.bibliography import CITATION, PLACES, keys

_NUMBER = re.compile(r"(?<![\w.,=/@#-])[+−]?\d+(?:,\d{3})*(?:\.\d+)?(?![,.]?\w|-\d)")


@dataclass(frozen=True)
class TracedText:
    """One text's numbers by the names of their macros; ``words`` are the text itself."""

    place: str
    words: str
    numbers: tuple[tuple[str, str], ...]


@dataclass
class Macros:
    """Turns texts to LaTeX and keeps their numbers, in the order in which the texts come."""

    texts: list[TracedText] = field(default_factory=list)

    def change(self, text: str, place: str) -> tex.Tex:
        """``text`` as LaTeX: numbers as macros, ``[@key]`` as citations, all else escaped."""
        pieces: list[str] = []
        found: list[tuple[str, str]] = []
        end = 0
        for match in CITATION.finditer(text):
            pieces.append(self._numbered(text[end : match.start()], place, found))
            pieces.append(_cite(match))
            end = match.end()
        pieces.append(self._numbered(text[end:], place, found))
        if found:
            self.texts.append(TracedText(place, " ".join(text.split()), tuple(found)))
        return tex.Tex("".join(pieces))

    def _numbered(self, text: str, place: str, found: list[tuple[str, str]]) -> str:
        pieces, end = [], 0
        for match in _NUMBER.finditer(text):
            key = f"{place}/{len(found) + 1}"
            found.append((key, match[0]))
            pieces += [tex.escape(text[end : match.start()]), rf"\studynumber{{{key}}}"]
            end = match.end()
        return "".join([*pieces, tex.escape(text[end:])])


def _cite(match: re.Match[str]) -> str:
    if not set(match[1].split("; @")) <= set(PLACES):
        return tex.escape(match[0])
    return rf"\cite{{{','.join(keys(match[1]))}}}"
