"""Put a backbone's row and its weights into a folder: published ones, verified, or a seed for random ones."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

from study.backbones.catalogue.names import Known, backbone
from study.backbones.forward.folder import CODE, RANDOM_FILE, ROW_FILE, file_hash, verify
from study.backbones.forward.row import Backbone, WeightsError, to_json
from study.backbones.kinds.registry import code_sha256
from study.download import DownloadError, Remote, fetch
from study.files import new_folder

WORDS = ("imagenet", "random")
"""What stands for weights in place of a folder."""
_KAGGLE = "kaggle://"
_PRESET_FILE = "model.weights.h5"


def obtain(name: str, weights: str, *, folder: Path, seed: int) -> Path:
    """Make ``folder`` hold what ``load_extractor`` needs, and nothing else.

    Parameters
    ----------
    name
        A backbone of the table, or a model of keras.applications.
    weights
        ``imagenet`` for the published file, ``random`` for a seed, or a folder that holds the published file.
        Where no hash of the file is published, that of the file received becomes part of the row.
    folder
        Replaced as a whole once its new content is there. A file to download that it holds already is kept.
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
    BackboneError
        There is no such backbone.
    """
    row = backbone(name)
    with new_folder(folder) as beside:
        if weights == "random":
            file = RANDOM_FILE
            (beside / file).write_text(json.dumps({"backbone": name, "seed": seed}) + "\n", encoding="utf-8")
        else:
            file = _named(row)
            source = _fetch(row, weights, beside / file, folder)
            row = _checked(row, beside / file, called=source)
        (beside / ROW_FILE).write_text(to_json(row, **{CODE: code_sha256(row.kind)}), encoding="utf-8")
    return folder / file


def own_file(one: Known, weights: str) -> Path | None:
    """The file of weights in a folder that is given; None for a word.

    Raises
    ------
    WeightsError
        No name of a file is known for the backbone.
    """
    name = None if weights == "random" else _named(one)
    return None if name is None or weights in WORDS else Path(weights) / name


def _named(row: Backbone | Known) -> str:
    if row.weights_file is None:
        raise WeightsError(
            f"weights of {row.name}: expected the name of a published file, received none for "
            f"{row.constructor}; only weights: random works for it"
        )
    return row.weights_file


def _checked(row: Backbone, path: Path, *, called: str) -> Backbone:
    """The row, with the hash of the file where none is published; an error calls the file ``called``."""
    if row.weights_hash is None:
        sealed = replace(row, hash_kind="sha256")
        return replace(sealed, weights_hash=file_hash(sealed, path))
    verify(row, path, called=called)
    return row


def _fetch(row: Backbone, weights: str, path: Path, folder: Path) -> str:
    """Put the file at ``path``; gives where it came from. ``folder`` is what an earlier run made."""
    kept = folder / path.name
    if weights != "imagenet":
        source = Path(os.path.expanduser(weights)) / path.name
    elif row.package is not None:
        source = _package_folder(row.name, row.package) / "models" / path.name
    elif row.weights_hash is not None and kept.is_file() and file_hash(row, kept) == row.weights_hash:
        source = kept
    elif (row.url or "").startswith(_KAGGLE):
        source = _from_kaggle(row)
    elif row.weights_hash is None:
        raise WeightsError(
            f"weights of {row.name}: expected a published hash of {row.weights_file}, received none; put "
            f"the file {_published(row)} into a folder by hand and give that folder as weights"
        )
    else:
        _download(row, folder.with_name(f"{folder.name}.download")).replace(path)
        return str(row.url)
    try:
        shutil.copyfile(source, path)
    except OSError as error:
        raise WeightsError(
            f"weights of {row.name}: expected the file {source}, received {os.strerror(error.errno or 0)}; "
            f"it is published {_published(row)}"
        ) from None
    return str(source)


def _published(row: Backbone) -> str:
    url = row.url or ""
    if row.package is not None:
        return f"in the package {row.package.replace('_', '-')}"
    if url.startswith(_KAGGLE):
        return f"as {_PRESET_FILE} of the Kaggle model {url.removeprefix(_KAGGLE)}"
    return f"at {url}"


def _package_folder(name: str, package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise WeightsError(
            f"weights of {name}: expected the installed package {package.replace('_', '-')}, received none"
        )
    return Path(spec.origin).parent


def _download(row: Backbone, path: Path) -> Path:
    try:
        fetch(Remote(str(row.weights_file), (str(row.url),)), path)
    except DownloadError as error:
        raise WeightsError(
            f"weights of {row.name}: {error}; where there is no network, put {row.weights_file} into a "
            "folder by hand and give that folder as weights"
        ) from None
    return path


def _from_kaggle(row: Backbone) -> Path:
    """The file of weights of a preset of keras-hub, from Kaggle's own cache or its server."""
    by_hand = f"put it into a folder by hand, named {row.weights_file}, and give that folder as weights"
    try:
        import kagglehub
    except ImportError as error:
        raise WeightsError(
            f"weights of {row.name}: expected kagglehub, received {error}; install the extra vit, or take "
            f"the file {_published(row)}, {by_hand}"
        ) from None
    try:
        return Path(kagglehub.model_download((row.url or "").removeprefix(_KAGGLE), path=_PRESET_FILE))
    except Exception as error:  # of the network, of Kaggle, or of a missing account: no common type
        raise WeightsError(
            f"weights of {row.name}: expected {_published(row)}, received {error!r}; where it cannot be "
            f"reached, {by_hand}"
        ) from None
