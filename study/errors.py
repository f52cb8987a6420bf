"""The base of this project's errors, and the words of one-line messages."""

from __future__ import annotations

from typing import Any

_LONGEST_SHOWN = 60
_LONGEST_LINE = 200


class StudyError(Exception):
    """Something that a person can mend; its text is one line: where, what was expected, what was received."""


def shown(value: Any) -> str:
    """A value as params.yaml would have it, on one line and not too long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return cut(f"[{', '.join(shown(one) for one in value[:_LONGEST_SHOWN])}]")
    if isinstance(value, int) and value.bit_length() > 200:
        return "a very long whole number"
    return cut(repr(value) if isinstance(value, (str, float)) else one_line(str(value)))


def counted(n: int, one: str, several: str | None = None) -> str:
    """A number of things, like ``1 run`` and ``2,000 runs``; ``several`` where the plural is not one in s."""
    return f"{n:,} {one if n == 1 else several or f'{one}s'}"


def cut(text: str, length: int = _LONGEST_SHOWN) -> str:
    """``text``, or its beginning where it is longer."""
    return text if len(text) <= length else f"{text[:length]}..."


def one_line(text: str) -> str:
    """``text`` without line breaks and not too long; what cannot be printed is escaped."""
    words = " ".join(text.split())
    return cut("".join(one if one.isprintable() else repr(one)[1:-1] for one in words), _LONGEST_LINE)


def reason(error: Exception) -> str:
    """Why a file could not be read or written, on one line; a path that the error names is left out."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return one_line(str(error)) or type(error).__name__
