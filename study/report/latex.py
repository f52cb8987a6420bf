"""Plain text as LaTeX: escaping, names of single numbers, widths of columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from study.report.exhibits import Cell, Column, NumberTable


class Tex(str):
    """Text that is LaTeX already."""

    __slots__ = ()


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_\allowbreak{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "-": r"-\allowbreak{}",
    "/": r"/\allowbreak{}",
    "=": r"=\allowbreak{}",
    "−": r"\ensuremath{-}",
    "∞": r"\ensuremath{\infty}",
    "×": r"\ensuremath{\times}",
    "–": r"\textendash{}",
    "…": r"\dots{}",
    "\u00a0": "~",
    "\n": " ",
}
_LATIN = re.compile("[\u00a1-\u017e]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z")
_LINE_EM, _GAP_EM = 70.0, 0.72
"""Width of a line and of the gap between two columns, in the size of a table's letters."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONG_WORD = re.compile(r"[^\s\-/=_]{13,}")


def escape(value: object) -> Tex:
    """``value`` so that LaTeX sets its very letters, with places to break after joints of long names."""
    if isinstance(value, Tex):
        return value
    text = _CONTROL.sub("", str(value))
    pieces, end = [], 0
    for word in _LONG_WORD.finditer(text):
        pieces += [_letters(text[end : word.start()]), _long(word[0])]
        end = word.end()
    return Tex("".join([*pieces, _letters(text[end:])]))


def foreign(text: str) -> tuple[str, ...]:
    """Letters of ``text`` that pdfTeX's T1 fonts lack, sorted."""
    return tuple(
        sorted(
            {
                letter
                for letter in text
                if ord(letter) > 126 and letter not in _SPECIAL and not _LATIN.match(letter)
            }
        )
    )


def code_points(letters: Iterable[str]) -> tuple[Tex, ...]:
    """Each letter's number as ``DeclareUnicodeCharacter`` takes it."""
    return tuple(Tex(f"{ord(letter):04X}") for letter in letters)


def key(text: str) -> Tex:
    """A name for a single number that is safe inside ``csname``."""
    return Tex(re.sub(r"[^a-z0-9./]+", "-", text.casefold()).strip("-"))


def comment(text: str) -> Tex:
    """``text`` for the rest of a line behind a percent sign."""
    return Tex(" ".join(_CONTROL.sub("", text).split()))


def num(text: str) -> Tex:
    """A plain number through siunitx, anything else escaped."""
    plain = text.replace("−", "-").replace(",", "")
    return Tex(rf"\num{{{plain}}}") if _NUMBER.match(plain) else escape(text)


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


def column_format(table: NumberTable) -> Tex:
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
    return r"\raggedleft\arraybackslash" if column.kind == "number" else r"\raggedright\arraybackslash"


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


def _letters(text: str) -> str:
    return "".join(_SPECIAL.get(letter) or _letter(letter) for letter in text)


def _letter(letter: str) -> str:
    return letter if letter.isascii() or _LATIN.match(letter) else rf"{letter}\allowbreak{{}}"


def _long(word: str) -> str:
    if word.isalpha() and len(word) <= 20:
        return _letters(word)
    return r"\allowbreak{}".join(_letters(word[start : start + 10]) for start in range(0, len(word), 10))
