"""Split labelled images in three."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from study.tables.definitions import SPLITS


def stratified_thirds(labels: NDArray[np.uint8], *, seed: int) -> dict[str, NDArray[np.int64]]:
    """Row numbers of each split, in order: each class is shuffled, then all are dealt out in turn.

    Counts of a class in two splits differ by at most one.
    """
    rng = np.random.default_rng(seed)
    dealt = np.concatenate([rng.permutation(np.flatnonzero(labels == one)) for one in np.unique(labels)])
    return {split: np.sort(dealt[part :: len(SPLITS)]) for part, split in enumerate(SPLITS)}
