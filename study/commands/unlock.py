"""``study unlock``: files of DVC's own that were cut short, mended so that DVC reads them."""

from __future__ import annotations

import argparse
import json
import re
from contextlib import suppress
from pathlib import Path

from study.commands.command import Commands, add_command
from study.errors import StudyError, reason
from study.files import replace_file
from study.pipeline.console import say

_LOCK = Path("dvc.lock")
_BROKEN = Path("dvc.lock.broken")
_HEAD = b"schema: '2.0'\nstages:\n"
_STAGE = re.compile(rb"^  \S", re.MULTILINE)
_CONFLICT = re.compile(rb"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)
_DVC_TMP = Path(".dvc/tmp")


class LockFileError(StudyError):
    """A dvc.lock that a person has to mend."""


def add(commands: Commands) -> None:
    """Add the command."""
    mending = add_command(
        commands,
        "unlock",
        text="mend files of DVC's own that a full disk has cut short",
        examples={"study unlock": "nothing happens where they are whole"},
    )
    mending.set_defaults(do=_unlock)


def _unlock(arguments: argparse.Namespace) -> None:  # noqa: ARG001
    if _DVC_TMP.parent.is_dir():
        _mend_rwlock(_DVC_TMP / "rwlock")
        if _LOCK.exists():
            _mend_lock()


def _mend_lock() -> None:
    content = _LOCK.read_bytes()
    if _CONFLICT.search(content):
        raise LockFileError(
            f"{_LOCK}: expected one version of it, received a merge conflict; take a side with git checkout "
            f"--ours {_LOCK} or --theirs, then git add {_LOCK}; dvc repro brings it up to date"
        )
    fault = _fault(content)
    if not fault:
        return
    whole = without_last_stage(content)
    if whole and _fault(whole):
        raise LockFileError(
            f"{_LOCK}: expected a file that this version of DVC reads, received {fault}; "
            f"git checkout HEAD -- {_LOCK} gives back the committed one"
        )
    replace_file(_BROKEN, content)
    if whole:
        replace_file(_LOCK, whole)
    else:
        _LOCK.unlink()
    say(f"{_LOCK}: its end was cut off; dvc repro adds the last stage again; {_BROKEN} is the file as it was")


def without_last_stage(content: bytes) -> bytes:
    """A dvc.lock up to its last stage; nothing where that is the only one."""
    starts = [found.start() for found in _STAGE.finditer(content)]
    whole = content[: starts[-1]] if starts else content
    return b"" if _HEAD.startswith(whole) else whole


def _fault(content: bytes) -> str:
    """Why DVC refuses a dvc.lock; nothing where it reads it."""
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA
    from ruamel.yaml import YAML, YAMLError
    from voluptuous import Invalid

    try:
        COMPILED_LOCKFILE_SCHEMA(YAML(typ="safe").load(content.decode("utf-8")))
    except (UnicodeDecodeError, YAMLError, Invalid) as error:
        return reason(error)
    return ""


def _mend_rwlock(path: Path) -> None:
    """Remove DVC's list of who reads and writes what, where no DVC can read it and none is writing it."""
    from dvc.lock import LockError, make_lock

    if _is_json(path):
        return
    guard = make_lock(str(path.with_suffix(".lock")), tmp_dir=str(path.parent))
    with suppress(LockError), guard:
        if not _is_json(path):
            path.unlink()
            say(f"{path}: was cut short, so it is removed")


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    return True
