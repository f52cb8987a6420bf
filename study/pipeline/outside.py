"""What params.yaml names outside the pipeline: where it lies, and the hash of what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from study import files
from study.backbones.catalogue import obtain
from study.backbones.catalogue.names import Known
from study.data import acquire
from study.params import Params, ParamsError
from study.pipeline import paths
from study.pipeline.console import say
from study.pipeline.fingerprint import fingerprint

_EXPECTED = {
    "dataset": "digits, cinic10, an address or the path of an archive or folder",
    "weights": "imagenet, random or the path of a folder that holds the file",
}


def dataset(params: Params) -> str:
    """The data set as ``acquire`` takes it: a word, an address, or where the file or folder lies."""
    given = params.dataset
    return str(paths.outside(given)) if acquire.is_local(given) else given


def weights(params: Params) -> str:
    """The weights as ``obtain`` takes them: a word, or where the folder lies."""
    given = params.weights
    return given if given in obtain.WORDS else str(paths.outside(given))


def record_dataset(params: Params) -> None:
    """Write reports/inputs/dataset.json, with a hash where neither a name nor an MD5 says what is in it.

    Raises
    ------
    ParamsError, FileError
        The file or folder is not there, or cannot be read.
    """
    given = params.dataset
    if acquire.is_local(given):
        _record(paths.DATASET_INPUT, "dataset", given, {"dataset": Path(dataset(params))})
        return
    kept = acquire.kept(given, md5=params.dataset_md5, cache=paths.downloads())
    called = hashlib.sha256(given.encode()).hexdigest()  # an address may hold a password
    _record(paths.DATASET_INPUT, "dataset", called, {"dataset": kept if kept and kept.exists() else None})


def record_weights(params: Params, backbones: Sequence[Known]) -> None:
    """Write reports/inputs/weights.json, with a hash for each file of a folder that is given.

    Raises
    ------
    ParamsError, FileError, WeightsError
        A file is not there, cannot be read, or has no known name.
    """
    given = params.weights
    own = {one.name: obtain.own_file(one, weights(params)) for one in backbones}
    _record(paths.WEIGHTS_INPUT, "weights", given, own)


def _record(path: Path, parameter: str, given: str, outside: Mapping[str, Path | None]) -> None:
    """Write the hash of each file or folder; one that is gone keeps the hash that it had.

    Parameters
    ----------
    given
        The value of the parameter, or what stands for it.
    outside
        By what each is called; None where there is no file now, or need not be.
    """
    before = _before(path, given)
    rows = []
    for name, file in outside.items():
        if file is None:
            sha256 = before.get(name)
        elif file.exists():
            sha256 = fingerprint(file, remembered=paths.hashes())
        elif before.get(name) is None:
            raise ParamsError(f"{parameter}: expected {_EXPECTED[parameter]}, received {file}")
        else:
            say(f"{parameter}: {file} is gone; what was made of it stays")
            sha256 = before[name]
        if sha256 is not None:
            rows.append({"input": name, "given": given, "sha256": sha256})
    files.write_json(path, {"inputs": rows})


def _before(path: Path, given: str) -> dict[str, Any]:
    """The hash of each input as it was recorded last, for the same value of the parameter."""
    try:
        found = files.read_json(path)
    except files.FileError:
        return {}
    rows = found.get("inputs") if isinstance(found, dict) else None
    mappings = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {str(row.get("input")): row.get("sha256") for row in mappings if row.get("given") == given}
