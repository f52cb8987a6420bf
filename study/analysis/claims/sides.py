"""What a question compares: a metric by replicate, with the images behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd

from study.analysis.factor_levels import complete
from study.analysis.statistics.crossed import BoolMatrix, crossed_contrast_parts
from study.analysis.statistics.estimates import Estimate
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.paired import rounded


@dataclass(frozen=True)
class Side:
    """A metric of the runs of one kind.

    Attributes
    ----------
    by_replicate
        (n,), the metric by replicate.
    correct
        (n, n_images), rows as ``by_replicate``; None where the metric is no share of images.
    """

    by_replicate: pd.Series[float]
    correct: BoolMatrix | None = None


def contrast(sides: Sequence[Side], weights: Sequence[int]) -> tuple[FloatArray, Estimate | None]:
    """The weighted sum of the sides in the replicates that all of them have.

    Returns
    -------
    tuple
        (n,), the sum in each replicate; and its mean over new seeds and new images, None where a side is no
        share of images or a sum is not finite.
    """
    values = rounded(complete([side.by_replicate for side in sides]) @ np.asarray(weights, dtype=float))
    replicates = (side.by_replicate.index for side in sides)
    shared = reduce(lambda first, second: first.intersection(second), replicates).sort_values()
    rows = [
        side.correct[side.by_replicate.index.get_indexer(shared)]
        for side in sides
        if side.correct is not None
    ]
    if len(rows) < len(sides) or not np.isfinite(values).all():
        return values, None
    return values, crossed_contrast_parts(rows, weights).estimate
