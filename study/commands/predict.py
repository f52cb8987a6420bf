"""``study predict``: the classes that an exported model predicts for image files."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

from study import files
from study.commands.command import Commands
from study.ensembles.temperature import scale
from study.errors import shown
from study.pipeline import paths
from study.pipeline.console import say
from study.stages.models import ENSEMBLE, MANIFEST

_DEEP = ("I", "F")
"""Beginnings of Pillow's names for pixels of 16 or 32 bits, which it would cut off rather than scale."""


_TEXTS = ("name", "file", "sha256")


@dataclass(frozen=True)
class Said:
    """What is said of one image.

    Attributes
    ----------
    classes, probabilities
        Most probable first, calibrated.
    n_members, n_against
        How many models there are, and how many of them would choose another class.
    """

    path: Path
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    n_members: int
    n_against: int


def add(commands: Commands) -> None:
    """Add the command and its options."""
    predicting = commands.add_parser("predict", help="what the best model of the study says of images")
    predicting.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="image files")
    predicting.add_argument("--model", help="a backbone's name or ensemble; default: the ensemble")
    predicting.set_defaults(do=_predict)


def _predict(arguments: argparse.Namespace) -> None:
    said, bad = predict(arguments.images, model=arguments.model)
    for one in said:
        likely = ", ".join(
            f"{name} {probability:.1%}"
            for name, probability in list(zip(one.classes, one.probabilities, strict=True))[:3]
        )
        against = "" if one.n_members == 1 else f"; {one.n_against} of {one.n_members} members disagree"
        Console(soft_wrap=True, highlight=False).print(f"{one.path}: {likely}{against}", markup=False)
    for line in bad:
        say(line)
    if bad:
        sys.exit(1)


def predict(images: Sequence[Path], *, model: str | None) -> tuple[list[Said], list[str]]:
    """What the model says of the images that can be read, and one line for each that cannot.

    Parameters
    ----------
    images
        Image files of any size; resized to what the model takes.
    model
        A backbone's name or ``ensemble``; the ensemble where there is one unless given.

    Raises
    ------
    FileError
        No model has been made, or none of that name.
    """
    manifest = _manifest(paths.MODELS / MANIFEST)
    chosen = _chosen(manifest["models"], model)
    height, width = manifest["image_shape"][:2]
    arrays, bad = {}, []
    for path in images:
        try:
            arrays[path] = read_image(path, height=height, width=width)
        except files.FileError as error:
            bad.append(str(error))
    if not arrays:
        return [], bad
    from study.export import model_file

    path = paths.MODELS / chosen["file"]
    _check_bytes(path, chosen["sha256"])
    network = model_file.load(path)
    _check_shapes(path, network, manifest)
    probs, members = model_file.predict_each(network, np.stack(list(arrays.values())))
    calibrated = scale(probs, chosen["temperature"])
    said = []
    for row, path in enumerate(arrays):
        order = np.argsort(-calibrated[row], kind="stable")
        said.append(
            Said(
                path,
                tuple(manifest["classes"][code] for code in order),
                tuple(float(value) for value in calibrated[row][order]),
                len(members),
                int(np.count_nonzero(members[:, row] != order[0])),
            )
        )
    return said, bad


def read_image(path: Path, *, height: int, width: int) -> NDArray[np.uint8]:
    """RGB, (height, width, 3); resized by cubic interpolation where the file has another size.

    Raises
    ------
    FileError
        The file is missing, is no image, or has more than 8 bits a channel.
    """
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(path) as image,
        ):
            if image.mode.startswith(_DEEP):
                raise files.FileError(
                    f"{path}: expected an image of 8 bits a channel, received mode {image.mode}"
                )
            rgb = image.convert("RGB")
            if rgb.size != (width, height):
                rgb = rgb.resize((width, height), Image.Resampling.BICUBIC)
            return np.asarray(rgb, dtype=np.uint8)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise files.FileError(
            f"{path}: expected an image of at most {Image.MAX_IMAGE_PIXELS} pixels, received more"
        ) from None
    except (OSError, ValueError, SyntaxError) as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else "no image that can be read"
        raise files.FileError(f"{path}: expected an image, received {reason}") from None


def _manifest(path: Path) -> dict[str, Any]:
    """What the models stage wrote of its models, held to its form."""
    found = files.read_json(path)
    if not isinstance(found, dict) or not {"classes", "image_shape", "models"} <= found.keys():
        raise files.FileError(f"{path}: expected classes, image_shape and models, received other JSON")
    shape, classes, models = found["image_shape"], found["classes"], found["models"]
    if not isinstance(shape, list) or [type(one) for one in shape] != [int] * 3 or min(shape) < 1:
        raise files.FileError(f"{path}: image_shape: expected three whole numbers, received {shown(shape)}")
    if not isinstance(classes, list) or not all(isinstance(one, str) for one in classes):
        raise files.FileError(f"{path}: classes: expected names, received {shown(classes)}")
    if not isinstance(models, list):
        raise files.FileError(f"{path}: models: expected a list, received {shown(models)}")
    for position, one in enumerate(models):
        where = f"{path}: models[{position}]"
        if not isinstance(one, dict) or not all(isinstance(one.get(name), str) for name in _TEXTS):
            raise files.FileError(f"{where}: expected {', '.join(_TEXTS)}, received {shown(one)}")
        if Path(one["file"]).name != one["file"]:
            raise files.FileError(f"{where}: expected a file beside it, received {shown(one['file'])}")
        heat = one.get("temperature")
        if not isinstance(heat, int | float) or not 0 < heat < float("inf"):
            raise files.FileError(f"{where}: expected a temperature above 0, received {shown(heat)}")
    return found


def _check_bytes(path: Path, expected: str) -> None:
    """Hold a model's file to the hash with which it was recorded, before anything of it is loaded."""
    received = files.file_sha256(path)
    if received != expected:
        raise files.FileError(
            f"{path}: expected the SHA-256 with which it was recorded, {expected[:12]}, received "
            f"{received[:12]}; run dvc repro --force --single-item models"
        )


def _check_shapes(path: Path, network: Any, manifest: dict[str, Any]) -> None:
    """Hold a model to the images that it takes and the classes that it gives."""
    taken, given = tuple(network.input_shape[1:]), tuple(network.output_shape[1:])
    shape, n_classes = tuple(manifest["image_shape"]), len(manifest["classes"])
    if taken != shape or given != (n_classes,):
        raise files.FileError(
            f"{path}: expected a model from images {shape} to {n_classes} classes, received one from {taken} "
            f"to {given}"
        )


def _chosen(models: list[dict[str, Any]], name: str | None) -> dict[str, Any]:
    by_name = {one["name"]: one for one in models}
    if not by_name:
        raise files.FileError(
            f"{paths.MODELS}: expected models, received none; set models: complete and run dvc repro"
        )
    if name is None:
        return by_name.get(ENSEMBLE, models[0])
    if name not in by_name:
        raise files.FileError(f"--model: expected one of {', '.join(by_name)}, received {name}")
    return by_name[name]
