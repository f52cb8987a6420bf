"""A written report in pieces to compare: sentences, cells, rows of data, drawings, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote

_BLOCKS = frozenset(
    ("title", "style", "script", "p", "li", "td", "th", "dt", "dd", "figcaption", "summary", "caption",
     "h1", "h2", "h3", "h4", "h5", "h6")
)  # fmt: skip
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_LOOK = re.compile(r"^\.s\d+ \{.*\}\n", re.MULTILINE)
_FIGURE = re.compile(r'<figure id="([^"]*)"')
_CSV = re.compile(r"data:text/csv;charset=utf-8,(.*)", re.DOTALL)
_HEADING = re.compile(r"\\(?:sub)*section\*?\{([^}]*)\}")
_POLICIES = re.compile(r"style-src 'sha256-[^']*'")


class Piece(NamedTuple):
    """``is_drawn``: whether it depends on how a picture was drawn."""

    place: str
    text: str
    is_drawn: bool = False


def of_page(page: str) -> list[Piece]:
    """Pieces of report.html, drawings last."""
    drawings = []
    for number, found in enumerate(_SVG.finditer(page), start=1):
        slugs = _FIGURE.findall(page, 0, found.start())
        drawings.append(Piece(f"figure {slugs[-1] if slugs else number}, drawing", found[0], is_drawn=True))
    reader = _Reader()
    reader.feed(_SVG.sub("", page))
    reader.close()
    reader.flush()
    return [*reader.pieces, *drawings]


def undrawn(page: str) -> str:
    """report.html without what depends on how its pictures were drawn."""
    return _POLICIES.sub("", _LOOK.sub("", _SVG.sub("", page)))


def of_article(text: str) -> Iterator[Piece]:
    """Lines of report.tex under their headings, and of report-numbers.tex under the text they belong to."""
    place = "preamble"
    for number, line in enumerate(text.splitlines(), start=1):
        if heading := _HEADING.match(line):
            place = f"section {heading[1]}"
        elif line.startswith("% "):
            place = line[2:]
        yield Piece(f"{place}, line {number}", line)


class _Reader(HTMLParser):
    """Collects the text of each block, each cell with its table and row, and what stands in attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self._open: list[tuple[str, list[str]]] = []
        self._section = "front"
        self._table = ""
        self._row: list[str] = []
        self._heads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "table":
            self._table, self._heads = given.get("id", "").removesuffix("-table"), []
        if tag == "tr":
            self._row = []
        if tag in _BLOCKS:
            self._open.append((tag, []))
        for name, value in given.items():
            if name == "href" and (csv := _CSV.fullmatch(value)):
                self._data(given.get("download", ""), csv[1])
            elif tag == "meta" and given.get("http-equiv"):
                self.pieces.append(Piece("policy", value, is_drawn=True))
            else:
                self.pieces.append(Piece(f"{self._where()}, {name} of {tag}", value))

    def flush(self) -> None:
        """Take what stands in blocks that never end."""
        while self._open:
            self.handle_endtag(self._open[-1][0])

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][1].append(data)
        elif data.strip():
            self.pieces.append(Piece(self._where(), data.strip()))

    def handle_comment(self, data: str) -> None:
        self.pieces.append(Piece(f"{self._where()}, comment", data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table = ""
        if tag not in _BLOCKS or not self._open:
            return
        name, parts = self._open.pop()
        text = "".join(parts)
        if name == "style":
            looks = "".join(_LOOK.findall(text))
            self.pieces.append(Piece("style", _LOOK.sub("", text)))
            self.pieces.append(Piece("style of the drawings", looks, is_drawn=True))
            return
        text = " ".join(text.split())
        if name in ("td", "th"):
            self._cell(text)
        elif name == "script":
            self.pieces.append(Piece("script", text))
        else:
            if name[0] == "h" and name[1:].isdigit():
                self._section = f"section {text}"
            self.pieces += [Piece(self._where(), one) for one in re.split(r"(?<=[.;:]) (?=[A-Z])", text)]

    def _cell(self, text: str) -> None:
        self._row.append(text)
        place = len(self._row) - 1
        if len(self._heads) <= place:
            self._heads.append(text)
        row = f", row {self._row[0]}, column {self._heads[place]}" if place < len(self._heads) else ""
        self.pieces.append(Piece(f"{self._where()}{row}", text))

    def _where(self) -> str:
        return f"{self._section}, table {self._table}" if self._table else self._section

    def _data(self, name: str, content: str) -> None:
        self.pieces += [
            Piece(f"{self._section}, data {name}, line {number}", line)
            for number, line in enumerate(unquote(content).splitlines(), start=1)
        ]
