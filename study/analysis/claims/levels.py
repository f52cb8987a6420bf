"""Hypotheses on the levels of one factor, in every model of the explore phase."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from study.analysis.claims.data import INSTABILITY, TEST, TRAIN, VALID, ClaimData
from study.analysis.claims.questions import INF, Question
from study.analysis.claims.rule import Pair, aligned, difference
from study.analysis.omnibus import slopes

METRIC_WORDS = {
    TEST: "test accuracy",
    VALID: "validation accuracy",
    TRAIN: "training accuracy",
    INSTABILITY: "variation of validation accuracy from epoch to epoch",
}


@dataclass(frozen=True)
class Trend:
    """In every model the metric rises (or falls) over the levels, by a straight line through equal steps."""

    metric: str
    factor: str
    levels: tuple[str, ...]
    rising: bool

    def describe(self) -> str:
        """See ``Rule``."""
        way = "above" if self.rising else "below"
        return (
            f"in every model the slope of {METRIC_WORDS[self.metric]} over {self.factor} "
            f"{', '.join(self.levels)} is {way} 0"
        )

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        asked = []
        low, high = (0.0, INF) if self.rising else (-INF, 0.0)
        for model in data.models:
            columns = [data.at_level(model, self.factor, level, self.metric) for level in self.levels]
            values = aligned(columns)
            label = f"{model}, {METRIC_WORDS[self.metric]} per step of {self.factor}"
            asked.append(Question(label, slopes(values, np.arange(values.shape[1], dtype=float)), low, high))
        return asked


@dataclass(frozen=True)
class Above:
    """In every model the first level of each pair is above the second, by between ``low`` and ``high``."""

    metric: str
    factor: str
    pairs: tuple[Pair, ...]
    low: float = 0.0
    high: float = INF

    def describe(self) -> str:
        """See ``Rule``."""
        differences = ", ".join(f"{first} minus {second}" for first, second in self.pairs)
        return (
            f"in every model the difference of {METRIC_WORDS[self.metric]} at {self.factor} {differences} "
            f"is {_region(self.low, self.high)}"
        )

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        asked = []
        for model, (first, second) in itertools.product(data.models, self.pairs):
            sides = [data.at_level(model, self.factor, level, self.metric) for level in (first, second)]
            label = f"{model}, {METRIC_WORDS[self.metric]} at {self.factor} {first} minus {second}"
            asked.append(Question(label, difference(*sides), self.low, self.high))
        return asked


@dataclass(frozen=True)
class Equivalent:
    """In every model any two levels are equivalent within the study's margin."""

    metric: str
    factor: str
    levels: tuple[str, ...]

    def describe(self) -> str:
        """See ``Rule``."""
        return (
            f"in every model {METRIC_WORDS[self.metric]} at any two of {self.factor} "
            f"{', '.join(self.levels)} differs by less than the margin of equivalence"
        )

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        pairs = tuple(itertools.combinations(self.levels, 2))
        return Above(self.metric, self.factor, pairs, -data.margin, data.margin).questions(data)


@dataclass(frozen=True)
class LargerGain:
    """In every model the gain between the first pair of levels, from to, exceeds that of the second pair."""

    metric: str
    factor: str
    larger: Pair
    smaller: Pair

    def describe(self) -> str:
        """See ``Rule``."""
        larger, smaller = (f"from {start} to {end}" for start, end in (self.larger, self.smaller))
        return (
            f"in every model {METRIC_WORDS[self.metric]} gains more {larger} than {smaller} of {self.factor}"
        )

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        asked = []
        for model in data.models:
            columns = [
                data.at_level(model, self.factor, level, self.metric)
                for level in (*self.larger, *self.smaller)
            ]
            gains = aligned(columns) @ np.array([-1.0, 1.0, 1.0, -1.0])
            asked.append(
                Question(
                    f"{model}, gain of {METRIC_WORDS[self.metric]} from {self.factor} {self.larger[0]} to "
                    f"{self.larger[1]} minus that from {self.smaller[0]} to {self.smaller[1]}",
                    gains,
                    0.0,
                    INF,
                )
            )
        return asked


@dataclass(frozen=True)
class Floor:
    """In every model the metric at a level is above a floor."""

    metric: str
    factor: str
    level: str
    floor: float

    def describe(self) -> str:
        """See ``Rule``."""
        return (
            f"in every model {METRIC_WORDS[self.metric]} at {self.factor} {self.level} "
            f"is above {100 * self.floor:g} %"
        )

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        asked = []
        for model in data.models:
            values = np.asarray(data.at_level(model, self.factor, self.level, self.metric))
            label = f"{model}, {METRIC_WORDS[self.metric]} at {self.factor} {self.level}"
            asked.append(Question(label, values, self.floor, INF, signed=False))
        return asked


def _region(low: float, high: float) -> str:
    if high == INF:
        return "above 0" if low == 0 else f"above {100 * low:g} points"
    return f"between {100 * low:g} and {100 * high:g} points"
