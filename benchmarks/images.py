"""The images on which both sides are measured."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from study.tables.definitions import SPLITS


class Images(NamedTuple):
    """Split to images (n, height, width, 3) and to labels (n,)."""

    images: dict[str, NDArray[np.uint8]]
    labels: dict[str, NDArray[Any]]


def take(archive: Path | None, per_class: dict[str, int] | None = None) -> Images:
    """Images of an archive or the digits: all, or the first so many of each class of a split."""
    images, labels = _read(archive)
    rows = {split: np.arange(len(labels[split])) for split in SPLITS}
    if per_class is not None:
        rows = {split: _first(labels[split], per_class[split]) for split in SPLITS}
    return Images(
        {split: images[split][rows[split]] for split in SPLITS},
        {split: labels[split][rows[split]] for split in SPLITS},
    )


@functools.cache
def _read(archive: Path | None) -> Images:
    from study.data.digits import SPLIT_SEED, digits
    from study.data.labelled import read_labelled

    if archive is None:
        made = digits(seed=SPLIT_SEED)
    else:
        with tempfile.TemporaryDirectory() as folder:
            made = read_labelled(
                archive,
                name=archive.name,
                source=archive.name,
                scratch=Path(folder),
                size=None,
                split_seed=SPLIT_SEED,
            )
    return Images(made.images, made.labels)


def _first(labels: NDArray[Any], n_images: int) -> NDArray[np.intp]:
    chosen = [np.flatnonzero(labels == label)[:n_images] for label in np.unique(labels)]
    return np.sort(np.concatenate(chosen))
