"""The files of a folder, one after another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from study.data.dataset import DataError
from study.data.entry import Entry, is_hidden, readable
from study.errors import reason

_MAX_DEPTH = 16
_MAX_LINKED_DEPTH = 3


def folder_entries(root: Path) -> Iterator[Entry]:
    """Every file and folder below a folder, sorted by name; a link stands for what it points to.

    Raises
    ------
    DataError
        In one line: a folder or file cannot be read, or a link leads outside or to nothing.
    """
    real = root.resolve()

    def walk(folder: Path, parts: tuple[str, ...]) -> Iterator[Entry]:
        try:
            found = sorted(folder.iterdir())
        except OSError as error:
            raise DataError(
                f"{readable(str(folder))}: expected a readable folder, received {reason(error)}"
            ) from None
        for one in found:
            below = (*parts, one.name)
            hidden = is_hidden(one.name)
            if one.is_symlink() and not hidden:
                _check_link(one, real)
            is_folder = one.is_dir() and not hidden
            yield _of_file(one, below, is_folder=is_folder)
            if is_folder and len(below) <= (_MAX_LINKED_DEPTH if one.is_symlink() else _MAX_DEPTH):
                yield from walk(one, below)

    return walk(root, ())


def _of_file(path: Path, parts: tuple[str, ...], *, is_folder: bool) -> Entry:
    where = readable(str(path))

    def content() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise DataError(f"{where}: expected a readable file, received {reason(error)}") from None

    kind = "folder" if is_folder else "file" if path.is_file() else "device"
    size = path.stat().st_size if kind == "file" else 0
    return Entry(parts, where, size, kind, None, content)


def _check_link(path: Path, root: Path) -> None:
    where, real = readable(str(path)), Path(os.path.realpath(path))
    if not real.is_relative_to(root):
        raise DataError(f"{where}: expected a link inside the folder, received one that leads outside")
    if not real.exists():
        raise DataError(f"{where}: expected a link to a file, received one to none")
