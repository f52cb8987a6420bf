"""Put a backbone's weights into a folder: published ones, verified, or a seed for random ones."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
from pathlib import Path

from study.backbones.table import Backbone, backbone
from study.backbones.torch_pickle import WeightsError
from study.schema import beside_of

RANDOM_FILE = "random.json"


def obtain(name: str, weights: str, *, folder: Path, seed: int) -> Path:
    """Make ``folder`` hold what ``load_extractor`` needs, and nothing else.

    Parameters
    ----------
    name
        A backbone of the table.
    weights
        ``imagenet`` for the published file, ``random`` for a seed, or a folder that holds the published file.
    folder
        Replaced as a whole once its new content is there.
    seed
        Of random weights; not used otherwise.

    Returns
    -------
    Path
        The file in ``folder``.

    Raises
    ------
    WeightsError
        There is no such file, its hash is not the published one, or it cannot be downloaded.
    """
    row = backbone(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = beside_of(folder)
    beside.mkdir()
    try:
        if weights == "random":
            file = RANDOM_FILE
            (beside / file).write_text(json.dumps({"backbone": name, "seed": seed}) + "\n", encoding="utf-8")
        else:
            file = row.weights_file
            _fetch(row, weights, beside / file)
            verify(row, beside / file)
        shutil.rmtree(folder, ignore_errors=True)
        beside.replace(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder / file


def verify(row: Backbone, path: Path) -> None:
    """Compare a file of weights with its published hash.

    Raises
    ------
    WeightsError
        The file is missing or is another one.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, row.hash_kind).hexdigest()
    except OSError as error:
        raise WeightsError(
            f"weights of {row.name}: expected the file {row.weights_file}, received {error}"
        ) from None
    if found != row.weights_hash:
        raise WeightsError(f"{path}: expected {row.hash_kind} {row.weights_hash}, received {found}")


def random_seed(folder: Path) -> int | None:
    """The seed of random weights that ``folder`` holds, or None where it holds published weights.

    Raises
    ------
    WeightsError
        The file of the seed is not what ``obtain`` writes.
    """
    path = folder / RANDOM_FILE
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["seed"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path}: expected the seed of random weights, received {error!r}") from None


def _fetch(row: Backbone, weights: str, path: Path) -> None:
    if weights != "imagenet":
        source = Path(weights) / row.weights_file
    elif row.package is not None:
        source = _package_folder(row.name, row.package) / "models" / row.weights_file
    else:
        _download(row, path)
        return
    try:
        shutil.copyfile(source, path)
    except OSError as error:
        raise WeightsError(
            f"weights of {row.name}: expected the file {source}, received {os.strerror(error.errno or 0)}; "
            f"it is published {_published(row)}"
        ) from None


def _published(row: Backbone) -> str:
    if row.package is not None:
        return f"in the package {row.package.replace('_', '-')}"
    return f"at {row.url}"


def _package_folder(name: str, package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise WeightsError(
            f"weights of {name}: expected the installed package {package.replace('_', '-')}, received none"
        )
    return Path(spec.origin).parent


def _download(row: Backbone, path: Path) -> None:
    import keras

    try:
        keras.utils.get_file(
            path.name,
            row.url,
            file_hash=row.weights_hash,
            hash_algorithm=row.hash_kind,
            cache_dir=str(path.parent),
            cache_subdir="",
        )
    except Exception as error:  # get_file raises Exception itself
        raise WeightsError(
            f"weights of {row.name}: expected {row.url}, received {error}; where there is no network, put "
            f"{row.weights_file} into a folder by hand and give that folder as weights"
        ) from None
