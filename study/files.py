"""Files and folders that are whole or absent: written beside, then renamed."""

from __future__ import annotations

import fcntl
import glob
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study.errors import StudyError, reason

SUMS = "SHA256SUMS"
"""In a folder whose files are held to their hashes: a line each, as ``sha256sum --check`` reads them."""
CONTENT_SHA256 = "content_sha256"
"""In a JSON file: a list of one, the SHA-256 of all else in it, written as this module writes."""


class FileError(StudyError):
    """A file of the pipeline that is missing or is not what it should be."""


def write_text(path: Path, text: str) -> None:
    """Write a text file whole."""
    replace_file(path, text.encode("utf-8"))


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write JSON: keys in order, floats in their shortest exact form; the hash of all that goes with it."""
    write_text(path, _as_text({**value, CONTENT_SHA256: [_content_sha256(value)]}))


def read_json(path: Path) -> Any:
    """Read what ``write_json`` wrote.

    Raises
    ------
    FileError
        The file is missing, is not JSON, or has not the content whose hash it holds. DVC does not see a file
        that was changed in place with its size and time kept.
    """
    try:
        return parse_json(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        raise FileError(f"{path}: expected this file, received none; run dvc repro") from None
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: expected JSON, received {reason(error)}; run dvc repro") from None


def parse_json(text: str, where: str) -> Any:
    """As ``read_json``, of a text; ``where`` says in an error whose.

    Raises
    ------
    FileError
        It has not the content whose hash it holds.
    ValueError
        It is not JSON.
    """
    found = json.loads(text)
    if not isinstance(found, dict):
        return found
    held = found.pop(CONTENT_SHA256, ["none"])
    content = _content_sha256(found)
    if held != [content]:
        told = held[0][:12] if isinstance(held, list) and held and isinstance(held[0], str) else "other JSON"
        raise FileError(
            f"{where}: expected the content whose SHA-256 it holds, {told}, received {content[:12]}; "
            "delete it and run dvc repro"
        )
    return found


def _as_text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def _content_sha256(value: Mapping[str, Any]) -> str:
    return hashlib.sha256(_as_text(value).encode()).hexdigest()


def read_array(path: Path) -> NDArray[Any]:
    """An array that an earlier stage wrote, mapped into memory to be read.

    Raises
    ------
    FileError
        The file is missing or is no array.
    """
    return np.asarray(_mapped(path, "r"))


def map_array(path: Path) -> NDArray[Any]:
    """As ``read_array``, for a library that takes only writable arrays; nothing is written to the file.

    Raises
    ------
    FileError
        The file is missing or is no array.
    """
    return np.asarray(_mapped(path, "c"))


def _mapped(path: Path, mode: Literal["r", "c"]) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, mmap_mode=mode, allow_pickle=False)
        return array
    except (OSError, ValueError, EOFError) as error:
        raise FileError(f"{path}: expected an array, received {_fault(error)}; run dvc repro") from None


def _fault(error: Exception) -> str:
    """Why there is no array; numpy's advice to load a file that could run code is left out."""
    said = reason(error)
    return "another file" if "allow_pickle" in said else said


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as JSON takes them: a missing number is null."""
    return [
        {str(key): None if value != value else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]


def replace_file(path: Path, content: bytes) -> None:
    """Write a file beside ``path``, then rename it: whoever reads ``path`` sees all of it or what was there.

    Raises
    ------
    OSError
        The file cannot be written; ``path`` is then untouched.
    """
    with _beside(path, Path.touch) as beside:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which takes the place of ``path`` when the block ends without an error."""
    with _beside(path, Path.mkdir) as beside:
        yield beside
        shutil.rmtree(path, ignore_errors=True)
        beside.replace(path)


@contextmanager
def _beside(path: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Make what is to take the place of ``path`` under a name of its own; it is gone when the block ends.

    It is locked meanwhile. A lock ends with its process, so what can be locked was left by a process that
    was killed, and is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with suppress(OSError), _open(left) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(left)
    beside, handle = _make_locked(path, make)
    try:
        yield beside
    finally:
        _remove(beside)
        os.close(handle)


def _make_locked(path: Path, make: Callable[[Path], None]) -> tuple[Path, int]:
    """A new name beside ``path`` and the handle that holds its lock."""
    while True:
        beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        make(beside)
        with suppress(FileNotFoundError):
            handle = os.open(beside, os.O_RDONLY)
            with suppress(OSError):  # some network file systems have no locks; what is left there stays
                fcntl.flock(handle, fcntl.LOCK_EX)
            if beside.exists():  # else another process took it for a leftover before it was locked
                return beside, handle
            os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make a folder and hold it; another process that asks for it waits. The lock ends with its process."""
    folder.mkdir(parents=True, exist_ok=True)
    with _open(folder) as handle:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _open(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def summed_folder(path: Path) -> Iterator[Path]:
    """As ``new_folder``; the hash of each of its files is written beside them."""
    with new_folder(path) as folder:
        yield folder
        write_sums(folder)


def write_sums(folder: Path) -> None:
    """Write the hash of each file of a folder beside them."""
    found = sorted(path for path in folder.iterdir() if path.name != SUMS)
    write_text(folder / SUMS, "".join(f"{file_sha256(path)}  {path.name}\n" for path in found))


def check_sum(path: Path, *, stage: str) -> None:
    """Hold a file of a summed folder to its hash.

    A cache that was damaged gives back other bytes, and DVC does not read again what it has cached.

    Parameters
    ----------
    stage
        The stage of the pipeline that wrote the file, as DVC names it.

    Raises
    ------
    FileError
        The file has other bytes, or no hash stands beside it.
    """
    again = f"run dvc repro --force --single-item {stage}"
    sums = path.parent / SUMS
    try:
        lines = sums.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise FileError(f"{sums}: expected hashes of files, received {reason(error)}; {again}") from None
    hashes = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    expected, received = hashes.get(path.name, "none"), file_sha256(path)
    if received != expected:
        raise FileError(
            f"{path}: expected the SHA-256 that stands beside it, {expected[:12]}, received {received[:12]}; "
            f"{again}"
        )


def sha256(*paths: Path) -> str:
    """SHA-256 over the bytes of files, each with its name, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name} {file_sha256(path)}\n".encode())
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as ``sha256sum`` gives it.

    Raises
    ------
    FileError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileError(f"{path}: expected a readable file, received {reason(error)}") from None
