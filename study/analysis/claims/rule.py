"""What every kind of hypothesis has, and how values meet by replicate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from study.analysis.claims.data import ClaimData
from study.analysis.claims.questions import Question
from study.analysis.statistics.intervals import FloatArray

Pair = tuple[str, str]


class Rule(Protocol):
    """A hypothesis: how it reads, and the questions that must all hold for it to be true."""

    def describe(self) -> str:
        """The hypothesis as a clause in terms of the tables."""

    def questions(self, data: ClaimData) -> list[Question]:
        """At least one question.

        Raises
        ------
        NotTestableError
            The study lacks what the hypothesis is about.
        """


def aligned(columns: Sequence[pd.Series[float]]) -> FloatArray:
    """(n, k), the values of the replicates that all columns have."""
    return pd.concat(columns, axis=1, join="inner").sort_index().to_numpy(dtype=float)


def difference(first: pd.Series[float], second: pd.Series[float]) -> FloatArray:
    both = aligned([first, second])
    return np.asarray(np.round(both[:, 0] - both[:, 1], 12))
