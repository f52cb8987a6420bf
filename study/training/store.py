"""The run store: what each run gave, under a key of everything that it depends on.

One file a run, ``<folder>/<key[:2]>/<key>.npz``, written beside and renamed, so that it is whole or
absent. The key is the SHA-256 of the run's inputs, which stand in the file too, as does the SHA-256 of
the outcome. A file that does not agree with its hashes is reported and counts as absent.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.errors import StudyError, reason
from study.files import replace_file

Arrays = dict[str, NDArray[Any]]


class StoreError(StudyError):
    """The run store cannot be written."""


def key_of(inputs: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of ``inputs``."""
    return hashlib.sha256(_canonical(inputs)).hexdigest()


@dataclass(frozen=True)
class Entry:
    """One file of the store.

    Attributes
    ----------
    inputs
        What the run depends on; None where the file is damaged or cannot be read.
    seconds
        What the run took; 0 where that is not known.
    unread
        Why the file cannot be read, which says nothing of what is in it; else nothing.
    """

    path: Path
    n_bytes: int
    inputs: dict[str, Any] | None
    seconds: float = 0.0
    unread: str = ""


class RunStore:
    """Outcomes of runs in a folder.

    Parameters
    ----------
    folder
        Where the files are; made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[Path] = []

    def path(self, inputs: Mapping[str, Any]) -> Path:
        """Where the run of these inputs is kept."""
        key = key_of(inputs)
        return self.folder / key[:2] / f"{key}.npz"

    def get(self, inputs: Mapping[str, Any]) -> Arrays | None:
        """The arrays recorded for exactly these inputs, or None; a damaged file is noted in ``damaged``."""
        path = self.path(inputs)
        if not path.exists():
            return None
        try:
            found = _parse(path.read_bytes(), path.stem)
        except OSError:
            found = None
        if found is None or found[0] != json.loads(_canonical(inputs)):
            self.damaged.append(path)
            return None
        return found[1]

    def entries(self) -> Iterator[Entry]:
        """Every file of the store, each read whole, in the order of the keys."""
        for path in sorted(self.folder.glob("??/*.npz")):
            try:
                content = path.read_bytes()
            except OSError as error:
                yield Entry(path, 0, None, unread=reason(error))
                continue
            inputs, arrays = _parse(content, path.stem) or (None, {})
            yield Entry(path, len(content), inputs, float(arrays.get("seconds", 0.0)))

    def put(self, inputs: Mapping[str, Any], arrays: Arrays) -> None:
        """Record the arrays of a run.

        Raises
        ------
        StoreError
            The disk is full or the folder cannot be written; nothing half-written is left.
        """
        path = self.path(inputs)
        buffer = io.BytesIO()
        stamps = {
            "inputs": np.frombuffer(_canonical(inputs), np.uint8),
            "outcome_sha256": np.frombuffer(_digest(arrays), np.uint8),
        }
        np.savez(buffer, **stamps, **arrays)  # type: ignore[arg-type]
        try:
            replace_file(path, buffer.getvalue())
        except OSError as error:
            raise StoreError(f"{path}: expected to write {buffer.tell()} bytes, received {error}") from None


def _parse(content: bytes, key: str) -> tuple[dict[str, Any], Arrays] | None:
    """Inputs and arrays of a file that agrees with its key and its hashes, else None."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        inputs: dict[str, Any] = json.loads(arrays.pop("inputs").tobytes())
        whole = arrays.pop("outcome_sha256").tobytes() == _digest(arrays) and key_of(inputs) == key
    except (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return None
    return (inputs, arrays) if whole else None


def _digest(arrays: Arrays) -> bytes:
    """SHA-256 of arrays by name, type, shape and bytes."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()


def _canonical(inputs: Mapping[str, Any]) -> bytes:
    return json.dumps(inputs, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
