"""Images that stand in two splits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from study.data.dataset import DataError, Dataset, image_digests, mapped
from study.tables.definitions import SPLITS

_CHUNK = 10_000


def without_shared(dataset: Dataset, *, scratch: Path) -> tuple[Dataset, dict[str, int]]:
    """The data set without images that stand in two splits, and how many each split lost.

    Such an image stays in test, else in valid; train loses what valid or test holds. Images are the same
    where all their pixels are.

    Parameters
    ----------
    scratch
        A folder on a disk with room for the pixels that stay.

    Raises
    ------
    DataError
        A class of a split has no image of its own.
    """
    kept: dict[str, NDArray[np.intp]] = {}
    elsewhere: set[bytes] = set()
    for split in reversed(SPLITS):
        digests = image_digests(dataset.images[split])
        kept[split] = np.flatnonzero([digest not in elsewhere for digest in digests])
        elsewhere |= set(digests)
    lost = {split: len(dataset.labels[split]) - len(kept[split]) for split in SPLITS}
    if not any(lost.values()):
        return dataset, lost
    for split in SPLITS:
        empty = np.flatnonzero(
            np.bincount(dataset.labels[split][kept[split]], minlength=len(dataset.classes)) == 0
        )
        if len(empty):
            raise DataError(
                f"{dataset.name}, {split}/{dataset.classes[empty[0]]}: expected images that no later split "
                "holds, received none"
            )
    return replace(
        dataset,
        images={split: _picked(dataset.images[split], kept[split], scratch) for split in SPLITS},
        labels={split: dataset.labels[split][kept[split]] for split in SPLITS},
        origins={split: dataset.origins[split][kept[split]] for split in SPLITS},
    ), lost


def _picked(images: NDArray[np.uint8], rows: NDArray[np.intp], scratch: Path) -> NDArray[np.uint8]:
    if len(rows) == len(images):
        return images
    scratch.mkdir(parents=True, exist_ok=True)
    picked = mapped((len(rows), *images.shape[1:]), scratch)
    for start in range(0, len(rows), _CHUNK):
        picked[start : start + _CHUNK] = images[rows[start : start + _CHUNK]]
    return picked
