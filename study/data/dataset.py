"""A labelled set of images in three splits, packed in arrays."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from study.errors import StudyError, reason
from study.files import new_folder
from study.params.constraints import Model, explain, holds
from study.tables.definitions import ORIGINS, SPLITS

MANIFEST = "manifest.json"
_PARTS = ("images", "labels", "origins")
_CHUNK = 10_000
_CINIC10_MEAN = (0.47889522, 0.47227842, 0.43047404)
_CINIC10_SD = (0.24205776, 0.23828046, 0.25874835)


class DataError(StudyError):
    """Data that are missing or not what they should be."""


class DamagedError(DataError):
    """An archive that is cut, damaged or none."""


Shape = Annotated[
    list[Annotated[int, Field(ge=1)]],
    Field(min_length=3, max_length=3, description="three whole numbers"),
]


class Described(Model):
    """What is known of a data set in a JSON file, where more may stand."""

    model_config = ConfigDict(extra="allow")

    name: str
    source: str
    classes: Annotated[list[str], Field(min_length=2, description="a list of at least 2 names")]
    image_shape: Shape


class _Manifest(Described):
    """``MANIFEST``: what ``manifest`` gives."""

    sha256: Annotated[
        dict[str, str],
        AfterValidator(
            holds(lambda hashes: set(hashes) == {_file(part, split) for part in _PARTS for split in SPLITS})
        ),
        Field(description="a hash of each of its nine arrays"),
    ]


@dataclass(frozen=True)
class Dataset:
    """Images of every split.

    Attributes
    ----------
    name
        What the set is called.
    source
        Where it comes from.
    classes
        Names of the classes; a label is a position in them.
    images
        Split to (n, height, width, 3) uint8, RGB.
    labels
        Split to (n,) uint8.
    origins
        Split to (n,) uint8, positions in ``study.tables.ORIGINS``.
    notes
        What was done to the files on the way, a sentence each.
    """

    name: str
    source: str
    classes: tuple[str, ...]
    images: dict[str, NDArray[np.uint8]]
    labels: dict[str, NDArray[np.uint8]]
    origins: dict[str, NDArray[np.uint8]]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for part in _PARTS:
            arrays = getattr(self, part)
            if set(arrays) != set(SPLITS):
                raise DataError(
                    f"{self.name}: expected {part} of {', '.join(SPLITS)}; received {list(arrays)}"
                )
        shape = self.images["train"].shape[1:]
        for split in SPLITS:
            images, labels, origins = (getattr(self, part)[split] for part in _PARTS)
            if images.ndim != 4 or images.shape[1:] != shape or shape[2:] != (3,) or images.dtype != np.uint8:
                raise DataError(
                    f"{self.name}, {split}: expected uint8 images of one size, (n, height, width, 3); "
                    f"received {images.shape} of type {images.dtype}"
                )
            if not labels.shape == origins.shape == images.shape[:1] or len(images) == 0:
                raise DataError(
                    f"{self.name}, {split}: expected a label and an origin for each of {len(images)} images, "
                    f"received {labels.shape} and {origins.shape}"
                )
            if labels.max() >= len(self.classes) or origins.max() >= len(ORIGINS):
                raise DataError(
                    f"{self.name}, {split}: expected labels below {len(self.classes)} and origins below "
                    f"{len(ORIGINS)}, received {labels.max()} and {origins.max()}"
                )

    def class_counts(self, split: str) -> NDArray[np.int64]:
        """Images of each class in a split: (n_classes,)."""
        return np.bincount(self.labels[split], minlength=len(self.classes)).astype(np.int64)


def save(dataset: Dataset, folder: Path) -> dict[str, Any]:
    """Write a folder that holds the arrays, one .npy a part and split, and the manifest, which it gives back.

    The folder is filled beside and then takes the place of ``folder`` as a whole.
    """
    with new_folder(folder) as beside:
        for part in _PARTS:
            for split in SPLITS:
                np.save(beside / _file(part, split), getattr(dataset, part)[split])
        described = manifest(dataset)
        text = json.dumps(described, indent=1, sort_keys=True) + "\n"
        (beside / MANIFEST).write_text(text, encoding="utf-8")
    return described


def mapped(shape: tuple[int, ...], scratch: Path) -> NDArray[np.uint8]:
    """An array in a file without a name, which is gone with the array."""
    with tempfile.TemporaryFile(dir=scratch) as file:
        return np.memmap(file, np.uint8, "w+", shape=shape)


def check(folder: Path) -> None:
    """Hold every array of a folder to the hash in its manifest.

    Raises
    ------
    DataError
        One is missing or has other bytes.
    """
    for name, expected in read_manifest(folder)["sha256"].items():
        _check(folder / name, expected)


def _check(path: Path, expected: str) -> None:
    try:
        with path.open("rb") as file:
            received = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: expected an array, received {reason(error)}") from None
    if received != expected:
        raise DataError(
            f"{path}: expected the SHA-256 of the manifest, {expected[:12]}, received {received[:12]}; "
            "run dvc repro --force data"
        )


def column(folder: Path, part: str, split: str) -> NDArray[np.uint8]:
    """Labels or origins of one split, held to the hash in the manifest.

    Raises
    ------
    DataError
        The file is missing or has other bytes.
    """
    name = _file(part, split)
    _check(folder / name, read_manifest(folder)["sha256"][name])
    return _array(folder / name)


def load(folder: Path) -> Dataset:
    """Read what ``save`` wrote; the images stay on disk and are mapped into memory.

    Raises
    ------
    DataError
        A file is missing or unreadable, or its length is not the manifest's.
    """
    described = read_manifest(folder)
    arrays = {
        part: {split: _array(folder / _file(part, split), on_disk=part == "images") for split in SPLITS}
        for part in _PARTS
    }
    return Dataset(
        described["name"],
        described["source"],
        tuple(described["classes"]),
        **arrays,
        notes=tuple(described.get("notes", ())),
    )


def _array(path: Path, *, on_disk: bool = False) -> NDArray[np.uint8]:
    try:
        array: NDArray[np.uint8] = np.load(path, mmap_mode="r" if on_disk else None, allow_pickle=False)
        return array
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path}: expected an array, received {reason(error)}") from None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest beside the arrays.

    Raises
    ------
    DataError
        It is missing or is not JSON of that kind.
    """
    path = folder / MANIFEST
    try:
        described: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _Manifest.model_validate(described)
    except ValidationError as error:
        raise DataError(f"{path}: {explain(error, _Manifest)}") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: expected the manifest of a data set, received {reason(error)}") from None
    return described


def manifest(dataset: Dataset) -> dict[str, Any]:
    """What a data set holds, for people and for comparison; the same images give the same manifest.

    Keys: name, source, classes, origins, image_shape, counts (split, then class, then origin), sha256 of
    every file that ``save`` writes, channel_mean and channel_sd of every split (fractions of 255), and
    duplicates: images whose pixels occur earlier in the same split, and pairs of splits with how many
    different images they share. Of CINIC-10 also published: mean and deviation of its channels as its authors
    give them, and how far those of train lie from them at most. Of files that were changed on the way, notes.
    """
    digests = {split: image_digests(dataset.images[split]) for split in SPLITS}
    moments = {split: _channel_moments(dataset.images[split]) for split in SPLITS}
    published = {"published": _beside_published(*moments["train"])} if dataset.name == "cinic10" else {}
    notes = {"notes": list(dataset.notes)} if dataset.notes else {}
    return {
        **published,
        **notes,
        "name": dataset.name,
        "source": dataset.source,
        "classes": list(dataset.classes),
        "origins": list(ORIGINS),
        "image_shape": list(dataset.images["train"].shape[1:]),
        "counts": {split: _counts(dataset, split) for split in SPLITS},
        "sha256": {
            _file(part, split): _npy_sha256(getattr(dataset, part)[split])
            for part in _PARTS
            for split in SPLITS
        },
        "channel_mean": {split: moments[split][0] for split in SPLITS},
        "channel_sd": {split: moments[split][1] for split in SPLITS},
        "duplicates": {
            "within": {split: len(digests[split]) - len(set(digests[split])) for split in SPLITS},
            "across": {
                f"{a}-{b}": len(set(digests[a]) & set(digests[b]))
                for k, a in enumerate(SPLITS)
                for b in SPLITS[k + 1 :]
            },
        },
    }


def _beside_published(mean: list[float], sd: list[float]) -> dict[str, Any]:
    apart = [abs(a - b) for a, b in zip((*mean, *sd), (*_CINIC10_MEAN, *_CINIC10_SD), strict=True)]
    return {
        "channel_mean": list(_CINIC10_MEAN),
        "channel_sd": list(_CINIC10_SD),
        "largest_difference": max(apart),
    }


def _file(part: str, split: str) -> str:
    return f"{split}_{part}.npy"


def _counts(dataset: Dataset, split: str) -> dict[str, dict[str, int]]:
    found = Counter(zip(dataset.labels[split].tolist(), dataset.origins[split].tolist(), strict=True))
    return {
        name: {origin: found[label, position] for position, origin in enumerate(ORIGINS)}
        for label, name in enumerate(dataset.classes)
    }


def _npy_sha256(array: NDArray[np.uint8]) -> str:
    digest = hashlib.sha256()

    class _Sink:
        def write(self, content: bytes) -> int:
            digest.update(content)
            return len(content)

    np.save(_Sink(), array)
    return digest.hexdigest()


def image_digests(images: NDArray[np.uint8]) -> list[bytes]:
    """A hash of the pixels of each image."""
    return [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in images]


def _channel_moments(images: NDArray[np.uint8]) -> tuple[list[float], list[float]]:
    """Mean and population standard deviation of each channel, from exact sums, in fractions of 255."""
    counts = np.zeros((3, 256), np.int64)
    for start in range(0, len(images), _CHUNK):
        for channel in range(3):
            part = images[start : start + _CHUNK, ..., channel]
            counts[channel] += np.bincount(part.ravel(), minlength=256)
    means, deviations = [], []
    for histogram in counts.tolist():
        n = sum(histogram)
        total = sum(level * count for level, count in enumerate(histogram))
        squares = sum(level**2 * count for level, count in enumerate(histogram))
        means.append(total / (255 * n))
        deviations.append(math.sqrt(n * squares - total**2) / (255 * n))
    return means, deviations
