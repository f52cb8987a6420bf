"""A weighted sum of the means of methods: paired where their seeds match, otherwise Satterthwaite's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.methods.comparisons import PAIRED, UNPAIRED
from study.analysis.methods.runs import finite
from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.unpaired import contrast


class Contrast(NamedTuple):
    """An estimate, its design (paired or unpaired), and the number of runs of each side."""

    estimate: Estimate
    design: str
    n: tuple[int, ...]


def of_cells(cells: Sequence[pd.Series[float]], weights: Sequence[float]) -> Contrast:
    """The sum of ``weights`` times the means of ``cells``.

    Parameters
    ----------
    cells
        The values of each side by seed; a run that diverged is NaN. They are paired where all were run with
        the same seeds, and then a seed of which a run diverged is left out.
    weights
        One of each side.
    """
    seeds = [frozenset(cell.index) for cell in cells]
    if len(set(seeds)) == 1:
        table = pd.concat(list(cells), axis=1).to_numpy(np.float64)
        known = table[np.isfinite(table).all(axis=1)]
        found = of_replicates(np.round(known @ np.array(weights, dtype=np.float64), 12))
        return Contrast(found, PAIRED, (found.n,) * len(cells))
    sides = [finite(cell) for cell in cells]
    return Contrast(contrast(sides, weights), UNPAIRED, tuple(len(side) for side in sides))
