"""``study predict``: the classes that an exported model predicts for image files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from study import files
from study.commands.command import Commands, add_command
from study.data.dataset import DataError
from study.ensembles.temperature import scale
from study.errors import one_line
from study.pipeline import artifacts, paths
from study.pipeline.console import say


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
    predicting = add_command(
        commands,
        "predict",
        text="what the best model of the study says of images",
        examples={
            "study predict photo.png": "the best ensemble's classes, calibrated, and who disagrees",
            "study predict --model efficientnet-lite1 a.png b.jpg": "one backbone's model alone",
        },
    )
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
        Console(soft_wrap=True, highlight=False).print(
            f"{one_line(str(one.path))}: {likely}{against}", markup=False
        )
    for line in bad:
        say(line)
    if bad:
        sys.exit(1)


def predict(images: Sequence[Path], *, model: str | None) -> tuple[list[Said], list[str]]:
    """What the model says of the images that can be read, and one line for each that cannot.

    Parameters
    ----------
    images
        Image files of any size, PNG, JPEG, WebP or BMP; turned, scaled and cut to what the model takes.
    model
        A backbone's name or ``ensemble``; the ensemble where there is one unless given.

    Raises
    ------
    FileError
        No model has been made, or none of that name.
    """
    from study.data import image
    from study.stages.models import ENSEMBLE, MANIFEST

    manifest = artifacts.read(paths.MODELS / MANIFEST, artifacts.ModelsFile)
    chosen = _chosen(manifest.models, model, usual=ENSEMBLE)
    height, width = manifest.image_shape[:2]
    arrays, bad = {}, []
    for path in images:
        try:
            arrays[path] = image.read(path, height=height, width=width)
        except DataError as error:
            bad.append(str(error))
    if not arrays:
        return [], bad
    from study.export import model_file

    path = paths.MODELS / chosen.file
    _check_bytes(path, chosen.sha256)
    network = model_file.load(path)
    _check_shapes(path, network, manifest)
    probs, members = model_file.predict_each(network, np.stack(list(arrays.values())))
    calibrated = scale(probs, chosen.temperature)
    said = []
    for row, path in enumerate(arrays):
        order = np.argsort(-calibrated[row], kind="stable")
        said.append(
            Said(
                path,
                tuple(manifest.classes[code] for code in order),
                tuple(float(value) for value in calibrated[row][order]),
                len(members),
                int(np.count_nonzero(members[:, row] != order[0])),
            )
        )
    return said, bad


def _check_bytes(path: Path, expected: str) -> None:
    """Hold a model's file to the hash with which it was recorded, before anything of it is loaded."""
    received = files.file_sha256(path)
    if received != expected:
        raise files.FileError(
            f"{path}: expected the SHA-256 with which it was recorded, {expected[:12]}, received "
            f"{received[:12]}; run dvc repro --force --single-item models"
        )


def _check_shapes(path: Path, network: Any, manifest: artifacts.ModelsFile) -> None:
    """Hold a model to the images that it takes and the classes that it gives."""
    taken, given = tuple(network.input_shape[1:]), tuple(network.output_shape[1:])
    shape, n_classes = tuple(manifest.image_shape), len(manifest.classes)
    if taken != shape or given != (n_classes,):
        raise files.FileError(
            f"{path}: expected a model from images {shape} to {n_classes} classes, received one from {taken} "
            f"to {given}"
        )


def _chosen(models: list[artifacts.Exported], name: str | None, *, usual: str) -> artifacts.Exported:
    by_name = {one.name: one for one in models}
    if not by_name:
        raise files.FileError(
            f"{paths.MODELS}: expected models, received none; set models: complete and run dvc repro"
        )
    if name is None:
        return by_name.get(usual, models[0])
    if name not in by_name:
        raise files.FileError(f"--model: expected one of {', '.join(by_name)}, received {name}")
    return by_name[name]
