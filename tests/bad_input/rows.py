"""One row of the table of bad inputs, and what a command says of it."""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from study import __main__ as study
from study.pipeline import console

ANY = "<any>"
"""In an expected line: some text that depends on the machine or on a library's version."""


@dataclass(frozen=True)
class Row:
    """A mistake and its message.

    Attributes
    ----------
    name
        What is wrong, in words.
    do
        Makes it so, in the folder of a small study in which everything has run.
    command
        What the person runs: ``study`` and its arguments, or a stage of the pipeline and its arguments.
    says
        The one line that they read; ``ANY`` stands for some text.
    code
        The exit code.
    """

    name: str
    do: Callable[[], object]
    command: str
    says: str
    code: int = 1


@dataclass(frozen=True)
class Told:
    """What came of a command: its exit code, the line that it ended with, and all else it wrote."""

    code: int
    line: str
    errors: str


def ask(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """Run a command in this process, as the shell would in the present folder."""
    name, *arguments = command.split()
    main = study.main if name == "study" else importlib.import_module(f"study.stages.{name}").main
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    capsys.readouterr()
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("error", UserWarning)
        with pytest.raises(SystemExit) as caught:
            study.main() if name == "study" else console.run(main)
    errors = capsys.readouterr().err
    if isinstance(caught.value.code, str):
        return Told(1, caught.value.code, errors)
    line = errors.rstrip("\n").rpartition("\n")[2]
    return Told(int(caught.value.code or 0), line, errors.removesuffix(f"{line}\n"))


def fits(says: str, line: str) -> bool:
    """Whether a line is the expected one."""
    return re.fullmatch(re.escape(says).replace(re.escape(ANY), ".+"), line) is not None


def contents(folder: Path) -> dict[str, bytes | str]:
    """Every file below a folder but git's own: its bytes, or where a link points."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or path.is_file()) and ".git" not in path.parts
    }


def hold(row: Row, tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a row says: one line comes, with its exit code, and no file but those of the row changes."""
    row.do()
    before = contents(tree)
    told = ask(row.command, capsys, monkeypatch)
    assert fits(row.says, told.line), f"expected {row.says}\nreceived {told.line}"
    assert told.code == row.code
    assert "\n" not in told.line
    assert "expected" not in told.errors
    assert "Traceback" not in told.errors
    assert contents(tree) == before
