"""What a taken-away model says of image files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from study.ensembles.temperature import scale
from study.stages import files, paths
from study.stages.models import ENSEMBLE, MANIFEST


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
    manifest = files.read_json(paths.MODELS / MANIFEST)
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

    network = model_file.load(paths.MODELS / chosen["file"])
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
        The file is missing or is no image.
    """
    try:
        with Image.open(path) as image:
            rgb = image.convert("RGB")
            if rgb.size != (width, height):
                rgb = rgb.resize((width, height), Image.Resampling.BICUBIC)
            return np.asarray(rgb, dtype=np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else "no image that can be read"
        raise files.FileError(f"{path}: expected an image, received {reason}") from None


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
