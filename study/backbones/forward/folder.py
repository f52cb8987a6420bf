"""What a folder of one backbone's weights holds: its row, and the published file or a seed of random ones."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from study.backbones.forward.row import Backbone, WeightsError, from_json
from study.backbones.kinds.registry import code_sha256
from study.errors import reason

ROW_FILE = "row.json"
RANDOM_FILE = "random.json"
CODE = "code_sha256"


def read_row(folder: Path) -> Backbone:
    """The row of the backbone whose weights ``folder`` holds.

    Raises
    ------
    WeightsError
        There is no row, it is not what ``obtain`` writes, or the code that builds this kind of backbone is
        not the one for which the weights were obtained.
    """
    path = folder / ROW_FILE
    try:
        row, beside = from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WeightsError(
            f"{path}: expected the row of a backbone, received none; run dvc repro weights@{folder.name}"
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise WeightsError(f"{path}: expected the row of a backbone, received {error}") from None
    now = code_sha256(row.kind)
    if beside.get(CODE) != now:
        raise WeightsError(
            f"{path}: expected the code {now[:12]} for {row.kind}, received {str(beside.get(CODE))[:12]}; "
            f"run dvc repro --force --single-item weights@{folder.name}"
        )
    return row


def verify(row: Backbone, path: Path, *, called: str | None = None) -> None:
    """Compare a file of weights with its published hash; an error calls it ``called``, or by its path.

    Raises
    ------
    WeightsError
        The file is missing or is another one.
    """
    found = file_hash(row, path)
    if found != row.weights_hash:
        raise WeightsError(f"{called or path}: expected {row.hash_kind} {row.weights_hash}, received {found}")


def file_hash(row: Backbone, path: Path) -> str:
    """The hash of a file, of the row's kind.

    Raises
    ------
    WeightsError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, row.hash_kind).hexdigest()
    except OSError as error:
        raise WeightsError(
            f"weights of {row.name}: expected the file {row.weights_file}, received {reason(error)}"
        ) from None


def random_seed(folder: Path) -> int | None:
    """The seed of random weights that ``folder`` holds, or None where it holds published weights.

    Raises
    ------
    WeightsError
        The file of the seed is not what ``obtain`` writes.
    """
    path = folder / RANDOM_FILE
    try:
        seed = int(json.loads(path.read_text(encoding="utf-8"))["seed"])
        if seed < 0:
            raise ValueError(f"{seed}, which is below 0")
        return seed
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path}: expected the seed of random weights, received {reason(error)}") from None
