"""Ways to spoil a file of the small study, each to be made in its folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from study import files

Change = Callable[[], object]


def nothing() -> None:
    """Leave all as it is."""


def both(*changes: Change) -> Change:
    """One change after another."""
    return lambda: [change() for change in changes]


def parameter(name: str, text: str) -> Change:
    """Write ``text`` as the value of a parameter in params.yaml."""

    def change() -> None:
        path = Path("params.yaml")
        section, _, last = name.rpartition(".")
        content = path.read_text(encoding="utf-8")
        start = content.index(f"\n{section}:") + 1 if section else 0
        line = re.compile(rf"^{'  ' if section else ''}{last}:.*$", re.MULTILINE)
        found = line.search(content, start)
        assert found, name
        indent = "  " if section else ""
        path.write_text(
            f"{content[: found.start()]}{indent}{last}: {text}{content[found.end() :]}", encoding="utf-8"
        )

    return change


def content(path: str, given: bytes | str) -> Change:
    """Write a file."""

    def change() -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(given if isinstance(given, bytes) else given.encode())

    return change


def text(path: str, old: str, new: str, count: int = 1) -> Change:
    """Replace a text that a file has."""

    def change() -> None:
        before = Path(path).read_text(encoding="utf-8")
        assert old in before, old
        Path(path).write_text(before.replace(old, new, count), encoding="utf-8")

    return change


def cut(path: str, share: float = 0.5) -> Change:
    """Keep the beginning of a file."""

    def change() -> None:
        before = Path(path).read_bytes()
        Path(path).write_bytes(before[: int(len(before) * share)])

    return change


def gone(path: str) -> Change:
    """Remove a file."""
    return lambda: Path(path).unlink()


def edited(path: str, edit: Callable[[Any], Any]) -> Change:
    """Load JSON, change it in place, write it back with the hash of what it now holds."""

    def change() -> None:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
        value.pop(files.CONTENT_SHA256, None)
        edit(value)
        files.write_json(Path(path), value)

    return change


def array(path: str, make: Callable[[Any], Any], *, allow_pickle: bool = False) -> Change:
    """Load an array, make another of it, and write that."""

    def change() -> None:
        np.save(path, make(np.load(path)), allow_pickle=allow_pickle)

    return change


def cells(path: str, edit: Callable[[list[list[str]]], Any]) -> Change:
    """Change the lines of a CSV file, each a list of its values, and the hash beside it; the first is the header."""

    def change() -> None:
        lines = [line.split(",") for line in Path(path).read_text(encoding="utf-8").splitlines()]
        edit(lines)
        joined = "".join(",".join(line) + "\n" for line in lines)
        Path(path).write_text(joined, encoding="utf-8")
        files.write_sums(Path(path).parent)

    return change
