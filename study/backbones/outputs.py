"""How much of what a backbone gives differs from image to image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ROWS = 4096


@dataclass(frozen=True)
class Outputs:
    """Counts over all images and features.

    Attributes
    ----------
    n_constant
        Features that have one value for all images, so that no head can learn from them.
    zero_share
        Share of all values that are zero.
    """

    n_images: int
    n_features: int
    n_constant: int
    zero_share: float

    @property
    def warning(self) -> str | None:
        """What a person should know where more than half of the features are constant."""
        if 2 * self.n_constant <= self.n_features:
            return None
        return (
            f"{self.n_constant} of {self.n_features} features are the same for every image, so heads have "
            "little to learn from; a larger image_size may help"
        )


def outputs(features: Sequence[NDArray[np.floating[Any]]]) -> Outputs:
    """Count over one or more sets of features, each (n, n_features) and at least one with a row."""
    blocks = [array[start : start + _ROWS] for array in features for start in range(0, len(array), _ROWS)]
    first = blocks[0][0].copy()
    n_images, n_zeros = 0, 0
    varies = np.zeros(first.shape, np.bool_)
    for block in blocks:
        varies |= (block != first).any(axis=0)
        n_images += len(block)
        n_zeros += int(np.count_nonzero(block == 0))
    n_constant = int(np.count_nonzero(~varies))
    return Outputs(n_images, len(first), n_constant, n_zeros / (n_images * len(first)))
