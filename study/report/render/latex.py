"""The report as one LaTeX article, with widths for the columns of its tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from study.report.document import Cell, Column, Report, Table
from study.report.render import tex
from study.report.render.macros import Macros
from study.report.render.tex import Tex, escape, num

_LINE_EM, _GAP_EM = 70.0, 0.72
"""Width of a line and of the gap between two columns, in the size of a table's letters."""
_HEADINGS = ("section", "subsection", "subsubsection")


def render_tex(report: Report, templates: Path) -> tuple[str, str]:
    """A LaTeX article, which reads its figures from ``figures/``, and the numbers that it reads.

    The numbers are macros: those of the article's running text by the place where they stand, and single
    ones by name for other documents.
    """
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - finalize escapes every slot
        finalize=escape,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "column_format": column_format,
        "headings": headings,
        "line": line,
        "num": num,
        "slug": Tex,
        "comment": tex.comment,
        "heading": lambda level: Tex(_HEADINGS[level - 1]),
    }
    entries = _named(report.numbers)
    macros = Macros()
    made = report.retold(macros.change)
    template = environment.get_template("report.tex.j2")
    letters = tex.foreign(template.render(report=made, foreign=()))
    article = template.render(report=made, foreign=tex.code_points(letters))
    numbers = environment.get_template("report-numbers.tex.j2")
    return article, numbers.render(entries=entries, texts=macros.texts)


def _named(numbers: Sequence[tuple[str, str]]) -> list[tuple[Tex, str]]:
    named: dict[str, str] = {}
    for key, value in numbers:
        base = tex.key(key)
        unique, place = base, 2
        while unique in named:
            unique, place = Tex(f"{base}-{place}"), place + 1
        named[unique] = value
    return [(Tex(key), value) for key, value in named.items()]


def headings(columns: Sequence[Column]) -> Tex:
    """A table's head."""
    return Tex(" & ".join(rf"\textbf{{{escape(column.title)}}}" for column in columns))


def line(row: Sequence[Cell], columns: Sequence[Column]) -> Tex:
    """A table's row; a number does not break."""
    return Tex(
        " & ".join(
            rf"\mbox{{{num(cell.text)}}}" if column.kind == "number" else escape(cell.text)
            for column, cell in zip(columns, row, strict=True)
        )
    )


def column_format(table: Table) -> Tex:
    """Columns as shares of the line: numbers to the right, words wrapped, wide ones narrowed first."""
    shares = _shares(table.columns, [[cell.text for cell in row] for row in table.rows])
    gaps = rf"\dimexpr\linewidth-{2 * len(shares)}\tabcolsep\relax"
    return Tex(
        "@{}"
        + "".join(
            rf">{{{_side(column)}}}p{{{share:.4f}{gaps}}}"
            for column, share in zip(table.columns, shares, strict=True)
        )
        + "@{}"
    )


def _side(column: Column) -> str:
    return (
        r"\raggedleft\arraybackslash"
        if column.kind == "number"
        else r"\raggedright\arraybackslash\hspace{0pt}"
    )


def _shares(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[float]:
    texts = [[row[index] for row in rows] for index in range(len(columns))]
    least = [_least(column, cells) for column, cells in zip(columns, texts, strict=True)]
    wanted = [_wanted(*each) for each in zip(columns, texts, least, strict=True)]
    spare = sum(wanted) - sum(least)
    excess = sum(wanted) - (_LINE_EM - _GAP_EM * len(columns))
    kept = 1.0 if excess <= 0 or spare <= 0 else max(0.0, 1 - excess / spare)
    widths = [low + kept * (high - low) for low, high in zip(least, wanted, strict=True)]
    return [width / sum(widths) for width in widths]


def _least(column: Column, texts: Sequence[str]) -> float:
    heading = max(1.1 * _em(part) for part in re.split(r"[\s\-]", column.title))
    pieces = texts if column.kind == "number" else [piece for text in texts for piece in _pieces(text)]
    return max([heading, *map(_em, pieces)])


def _pieces(text: str) -> list[str]:
    """The parts of ``text`` between which ``escape`` lets a line break, about."""
    words = re.findall(r"[^\s\-/=_]+[\-/=_]?", text)
    return [word if len(word) <= 20 and word[:-1].isalpha() else word[:11] for word in words]


def _wanted(column: Column, texts: Sequence[str], least: float) -> float:
    if column.kind == "number":
        return 1.15 * least
    widths = [_em(text) for text in texts]
    mean = sum(widths) / max(len(widths), 1)
    return max(least, min(max(widths, default=0.0), max(8.0, min(mean, 27.0))))


def _em(text: str) -> float:
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> float:
    if letter in ".,:;[]()'|!- iljt":
        return 0.31
    return 0.7 if letter.isupper() or letter in "+−<>%mw" or not letter.isascii() else 0.5
