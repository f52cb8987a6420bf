"""The base of this project's errors, and the words of one-line messages."""

from __future__ import annotations

import re
from typing import Any

_LONGEST_SHOWN = 60
_LONGEST_LINE = 200
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+(%[\w.-]+)?\]|[^\s:@\[\]\\]+)(:\d{0,5})?")


class StudyError(Exception):
    """Something that a person can mend; its text is one line: where, what was expected, what was received.

    Read as text it has no line breaks, and what cannot be printed is escaped.
    """

    def __str__(self) -> str:
        return printable(super().__str__())


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
    return cut(repr(public(value)) if isinstance(value, str) else one_line(str(value)))


def counted(n: int, one: str, several: str | None = None) -> str:
    """A number of things, like ``1 run`` and ``2,000 runs``; ``several`` where the plural is not one in s."""
    return f"{n:,} {one if n == 1 else several or f'{one}s'}"


def cut(text: str, length: int = _LONGEST_SHOWN) -> str:
    """``text``, or its beginning where it is longer."""
    return text if len(text) <= length else f"{text[:length]}..."


def printable(text: str) -> str:
    """``text`` without line breaks; what cannot be printed is escaped."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in " ".join(text.split()))


def one_line(text: str) -> str:
    """``text`` as ``printable`` has it, and not too long."""
    return cut(printable(text), _LONGEST_LINE)


def reason(error: Exception) -> str:
    """Why a file could not be read or written, on one line; a path that the error names is left out."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return one_line(str(error)) or type(error).__name__


def public(address: str) -> str:
    """An address without its user, password, query and fragment, which may be secret; other text as it is.

    >>> public("https://me:secret@example.org/set.tar.gz?token=1")
    'https://example.org/set.tar.gz'
    """
    scheme, host, path = address_parts(address)
    if not scheme or not re.search("[@?#]", address):
        return address
    return f"{scheme}://{host}{path}" if HOST.fullmatch(host) else f"{scheme}://..."


def address_parts(address: str) -> tuple[str, str, str]:
    """Scheme, host with its port, and path, which are empty where it is no address."""
    scheme, found, rest = address.partition("://")
    place, slash, path = re.split("[?#]", rest, maxsplit=1)[0].partition("/")
    return (scheme, place.rpartition("@")[2], slash + path) if found else ("", "", "")
