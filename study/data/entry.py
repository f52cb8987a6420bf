"""One file of a folder or an archive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from study.data.dataset import DataError
from study.errors import one_line

_LONGEST_NAME = 4096
_LEFT_BEHIND = frozenset(
    ("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "@eadir", "__pycache__")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a folder or an archive.

    Attributes
    ----------
    parts
        Its path inside.
    where
        How it is called in an error.
    size
        In bytes.
    kind
        "file", "folder", "link" (of an archive) or "device".
    target
        Path inside of what a link points to; None if that lies outside.
    content
        Gives the bytes; of an archive only until the next entry is asked for.
    """

    parts: tuple[str, ...]
    where: str
    size: int
    kind: str
    target: str | None
    content: Callable[[], bytes]

    def read(self, at_most: int) -> bytes:
        """The content.

        Raises
        ------
        DataError
            It is larger than ``at_most`` bytes, or cannot be read.
        """
        if self.size > at_most:
            raise DataError(f"{self.where}: expected at most {at_most} bytes, received {self.size}")
        return self.content()


def is_hidden(name: str) -> bool:
    """Whether a name is one that systems and editors leave behind, such as .DS_Store or Thumbs.db."""
    return name.startswith(".") or name.casefold() in _LEFT_BEHIND


def readable(name: str) -> str:
    """A name as it may stand in an error: what cannot be printed is escaped."""
    return name if name.isprintable() and len(name) < _LONGEST_NAME else one_line(name)
