"""Plain text as LaTeX: escaping, names of single numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable


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
    "●": r"\ensuremath{\bullet}",
    "◆": r"\ensuremath{\blacklozenge}",
    "□": r"\ensuremath{\square}",
    "○": r"\ensuremath{\circ}",
    "✔": r"\ensuremath{\checkmark}",
    "✘": r"\ensuremath{\times}",
    "·": r"\ensuremath{\cdot}",
    "\u00a0": "~",
    "\n": " ",
}
_LATIN = re.compile("[\u00a1-\u017e]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONG_WORD = re.compile(r"[^\s\-/=_]{13,}")
_SPOKEN = re.compile(r"[(\[\"']*[^\W\d_]{1,30}[)\]\"'.,:;?!]*")
"""A word of a language with its punctuation."""


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


def _letters(text: str) -> str:
    return "".join(_SPECIAL.get(letter) or _letter(letter) for letter in text)


def _letter(letter: str) -> str:
    return letter if letter.isascii() or _LATIN.match(letter) else rf"{letter}\allowbreak{{}}"


def _long(word: str) -> str:
    """A long word: TeX hyphenates words of a language, a hash or a name breaks after every ten letters."""
    if _SPOKEN.fullmatch(word):
        return _letters(word)
    return r"\allowbreak{}".join(_letters(word[start : start + 10]) for start in range(0, len(word), 10))
