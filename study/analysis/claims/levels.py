"""Hypotheses on the levels of one factor, in every model of the explore phase."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from study.analysis.claims.data import ClaimData
from study.analysis.claims.hypotheses import (
    METRIC_WORDS,
    Asked,
    Difference,
    Hypothesis,
    LevelName,
    Metric,
    Name,
    Share,
    attempt,
    difference,
)
from study.analysis.claims.questions import INF, Question
from study.analysis.claims.sides import contrast

Pair = Annotated[list[LevelName], Field(min_length=2, max_length=2)]
Pairs = Annotated[list[Pair], Field(min_length=1)]
Levels = Annotated[list[LevelName], Field(min_length=2)]


class _OnLevels(Hypothesis):
    metric: Metric
    factor: Name

    @property
    def _words(self) -> str:
        return METRIC_WORDS[self.metric]

    def _differences(
        self, data: ClaimData, pairs: Iterable[Sequence[str]], low: float, high: float
    ) -> list[Asked]:
        """Whether in every model first minus second of each pair lies between ``low`` and ``high``."""

        def ask(model: str, first: str, second: str) -> Question:
            left, right = (data.at_level(model, self.factor, level, self.metric) for level in (first, second))
            label = f"{model}, {self._words} at {self.factor} {first} minus {second}"
            return difference(label, left, right, low, high, model=model)

        return [attempt(ask, model, *pair) for model, pair in itertools.product(data.models, pairs)]


class Trend(_OnLevels):
    """In every model the metric rises (or falls) from each level to the next."""

    kind: Literal["trend"]
    levels: Levels
    direction: Literal["rising", "falling"]

    def describe(self) -> str:
        """See ``Hypothesis``."""
        way = "rises" if self.direction == "rising" else "falls"
        levels = ", ".join(self.levels)
        return f"in every model {self._words} {way} at each step of {self.factor} through {levels}"

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""
        low, high = (0.0, INF) if self.direction == "rising" else (-INF, 0.0)
        steps = [(after, before) for before, after in itertools.pairwise(self.levels)]
        return self._differences(data, steps, low, high)


class _OnPairs(_OnLevels):
    pairs: Pairs

    def _describe(self, region: str) -> str:
        differences = ", ".join(f"{first} minus {second}" for first, second in self.pairs)
        return f"in every model the difference of {self._words} at {self.factor} {differences} is {region}"


class Above(_OnPairs):
    """In every model the first level of each pair is above the second, by more than ``by``."""

    kind: Literal["above"]
    by: Share = 0.0

    def describe(self) -> str:
        """See ``Hypothesis``."""
        return self._describe("above 0" if self.by == 0 else f"above {100 * self.by:g} points")

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""
        return self._differences(data, self.pairs, self.by, INF)


class Between(_OnPairs):
    """In every model the first level of each pair is above the second by between ``low`` and ``high``."""

    kind: Literal["between"]
    low: Difference
    high: Difference

    def describe(self) -> str:
        """See ``Hypothesis``."""
        return self._describe(f"between {100 * self.low:g} and {100 * self.high:g} points")

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""
        return self._differences(data, self.pairs, self.low, self.high)


class Equivalent(_OnLevels):
    """In every model any two levels are equivalent within the margin, the study's where none is given."""

    kind: Literal["equivalent"]
    levels: Levels
    margin: Annotated[float, Field(gt=0, lt=1)] | None = None

    def describe(self) -> str:
        """See ``Hypothesis``."""
        margin = "the margin of equivalence" if self.margin is None else f"{100 * self.margin:g} points"
        return (
            f"in every model {self._words} at any two of {self.factor} {', '.join(self.levels)} "
            f"differs by less than {margin}"
        )

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""
        margin = data.margin if self.margin is None else self.margin
        return self._differences(data, itertools.combinations(self.levels, 2), -margin, margin)


class LargestGain(_OnLevels):
    """In every model the gain between two levels, ``from_to``, exceeds that between two others."""

    kind: Literal["largest gain"]
    from_to: Pair
    other: Pair

    def describe(self) -> str:
        """See ``Hypothesis``."""
        larger, smaller = (f"from {start} to {end}" for start, end in (self.from_to, self.other))
        return f"in every model {self._words} gains more {larger} than {smaller} of {self.factor}"

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""

        def ask(model: str) -> Question:
            levels = (*self.from_to, *self.other)
            sides = [data.at_level(model, self.factor, level, self.metric) for level in levels]
            label = (
                f"{model}, gain of {self._words} from {self.factor} {levels[0]} to {levels[1]} "
                f"minus that from {levels[2]} to {levels[3]}"
            )
            gains, images = contrast(sides, [-1, 1, 1, -1])
            return Question(label, gains, 0.0, INF, model=model, images=images)

        return [attempt(ask, model) for model in data.models]


class AtLeast(_OnLevels):
    """In every model the metric at a level is above a value."""

    kind: Literal["at least"]
    level: LevelName
    value: Share

    def describe(self) -> str:
        """See ``Hypothesis``."""
        return f"in every model {self._words} at {self.factor} {self.level} is above {100 * self.value:g} %"

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""

        def ask(model: str) -> Question:
            label = f"{model}, {self._words} at {self.factor} {self.level}"
            values, images = contrast([data.at_level(model, self.factor, self.level, self.metric)], [1])
            return Question(label, values, self.value, INF, signed=False, model=model, images=images)

        return [attempt(ask, model) for model in data.models]
