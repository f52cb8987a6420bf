"""The run store: what each run gave, under a key of everything that it depends on.

One file a run, ``<folder>/<key[:2]>/<key>.npz``, written beside and renamed, so that it is whole or
absent. The key is the SHA-256 of the run's inputs, which stand in the file too. Zip's checksums tell a
damaged file; such a file is reported and counts as absent.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


class StoreError(RuntimeError):
    """The run store cannot be written."""


def key_of(inputs: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of ``inputs``."""
    return hashlib.sha256(_canonical(inputs)).hexdigest()


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
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            if arrays.pop("inputs").tobytes() != _canonical(inputs):
                raise ValueError("other inputs")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            self.damaged.append(path)
            return None
        return arrays

    def put(self, inputs: Mapping[str, Any], arrays: Arrays) -> None:
        """Record the arrays of a run.

        Raises
        ------
        StoreError
            The disk is full or the folder cannot be written; nothing half-written is left.
        """
        path = self.path(inputs)
        buffer = io.BytesIO()
        np.savez(buffer, inputs=np.frombuffer(_canonical(inputs), np.uint8), **arrays)  # type: ignore[arg-type]
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(buffer.getvalue())
            beside.replace(path)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise StoreError(f"{path}: expected to write {buffer.tell()} bytes, received {error}") from None


def _canonical(inputs: Mapping[str, Any]) -> bytes:
    return json.dumps(inputs, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
