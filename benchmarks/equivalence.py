"""Whether two accuracies are the same within the margin of the study's analysis."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.row import Row
from benchmarks.small import PARAMS
from study import params
from study.analysis.statistics.estimates import of_replicates


class Mean(NamedTuple):
    """A mean difference, its 90 % t interval, the p of equivalence, and over how many values."""

    diff: float
    low: float
    high: float
    p: float
    n: int

    @classmethod
    def of(cls, differences: NDArray[np.float64]) -> Mean:
        """Of paired differences, (n,), at least two."""
        analysis = params.load(PARAMS).analysis
        n, diff = len(differences), float(differences.mean())
        half = float(stats.t.ppf(1 - analysis.alpha, n - 1) * stats.sem(differences))
        p = of_replicates(differences).p_within(analysis.equivalence_margin) if differences.any() else 0.0
        return cls(diff, diff - half, diff + half, p, n)

    def row(self, name: str, what: str) -> Row:
        """The interval's larger end against the margin; ``what`` says which values were subtracted."""
        note = (
            f"{what} {self.diff:+.5f} [{self.low:+.5f}, {self.high:+.5f}], 90 %, "
            f"p of equivalence {self.p:.2g}; row: the interval's larger end"
        )
        margin = params.load(PARAMS).analysis.equivalence_margin
        return Row(name, max(abs(self.low), abs(self.high)), margin, note, at_most=True)
