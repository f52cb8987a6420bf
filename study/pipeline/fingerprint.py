"""The hash of a file or folder that lies outside the pipeline."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study import files
from study.errors import reason

_SETTLED_SECONDS = 2.0
"""A file that changed so lately may change again without its times telling."""


@dataclass(frozen=True)
class _Seen:
    """A file, and what tells that it was not written since: no user can set ``st_ctime`` back."""

    name: str
    path: str
    stat: tuple[int, ...]


def fingerprint(path: Path, *, remembered: Path) -> str:
    """SHA-256 of a file's bytes, or of the names and bytes of all files below a folder.

    Hidden files are left out; links are followed.

    Parameters
    ----------
    remembered
        A JSON file that keeps hashes by size, inode and times, so that what did not change is not read again.

    Raises
    ------
    FileError
        There is no such file or folder, or a file in it cannot be read.
    """
    try:
        seen = [_seen("", str(path))] if path.is_file() else list(_below(str(path), "", ()))
        state = _sha256(json.dumps([(one.name, one.stat) for one in seen]))
        known = _read(remembered)
        if state in known:
            return str(known[state])
        began = time.time_ns()
        lines = []
        for one in seen:
            with open(one.path, "rb") as file:
                lines.append(f"{one.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n")
    except OSError as error:
        raise files.FileError(
            f"{error.filename or path}: expected a file or folder that can be read, received {reason(error)}"
        ) from None
    found = _sha256("".join(lines))
    if max((one.stat[-1] for one in seen), default=0) < began - _SETTLED_SECONDS * 1e9:
        files.write_json(remembered, known | {state: found})
    return found


def _below(folder: str, name: str, above: tuple[tuple[int, int], ...]) -> Iterator[_Seen]:
    """The files below a folder by name; a link to a folder above itself is not followed."""
    status = os.stat(folder)
    here = (status.st_dev, status.st_ino)
    if here in above:
        return
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda one: one.name)
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _below(entry.path, f"{name}{entry.name}/", (*above, here))
        elif entry.is_file():
            yield _seen(f"{name}{entry.name}", entry.path)


def _seen(name: str, path: str) -> _Seen:
    status = os.stat(path)
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return _Seen(name, path, (status.st_dev, status.st_ino, status.st_size, *times))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _read(remembered: Path) -> dict[str, Any]:
    try:
        found = files.read_json(remembered)
    except files.FileError:
        return {}
    return found if isinstance(found, dict) else {}
