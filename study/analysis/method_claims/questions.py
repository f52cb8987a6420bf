"""One number asked of methods' runs: does it lie where a claim puts it?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from study.analysis.claims.questions import Answer
from study.analysis.methods.comparisons import UNPAIRED
from study.analysis.methods.contrasts import Contrast
from study.analysis.statistics.estimates import Estimate
from study.analysis.statistics.intervals import FloatArray, number_true
from study.params import Rules

Unit = Literal["difference", "value", "settings"]
INF = float("inf")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The answer to a question.

    Attributes
    ----------
    label
        What the number is, in words.
    metric, unit
        The metric that it is of, and whether it is a difference of it, a value of it, or a count.
    design
        Paired, unpaired, over data sets, or how a published ± was read.
    n
        Runs of each side.
    estimate, low, high, confidence
        The number with the interval from which the answer is read.
    claimed_low, claimed_high
        The claim puts it strictly between them.
    clearance
        How far the interval is inside of where the claim puts it; NaN without an interval.
    """

    label: str
    metric: str
    unit: Unit
    design: str
    n: tuple[int, ...]
    answer: Answer
    estimate: float
    low: float
    high: float
    confidence: float
    claimed_low: float
    claimed_high: float
    clearance: float


class Question(Protocol):
    """What a hypothesis asks."""

    def answer(self, rules: Rules, *, questions: int) -> Finding:
        """The answer, where the claim asks so many ``questions``."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """Whether a number lies between ``low`` and ``high``.

    Attributes
    ----------
    estimate
        The number with its standard error.
    rounding
        Half a unit of the last digit to which one side was rounded: the interval is longer by so much.
    """

    label: str
    metric: str
    estimate: Estimate
    low: float
    high: float
    n: tuple[int, ...]
    design: str
    unit: Unit = "difference"
    rounding: float = 0.0

    def answer(self, rules: Rules, *, questions: int) -> Finding:
        """As ``claims.questions.answer`` reads it.

        It holds where the interval of confidence 1 - alpha lies inside, and is contradicted where that of
        1 - alpha / ``questions`` lies outside.
        """
        narrow, wide = (self._interval(alpha) for alpha in (rules.alpha, rules.alpha / questions))
        clearance = min(narrow[0] - self.low, self.high - narrow[1])
        excess = max(self.low - wide[1], wide[0] - self.high)
        if excess > 0 and not clearance > 0:
            return self._finding("contradicts", wide, rules.alpha / questions, -excess)
        return self._finding("holds" if clearance > 0 else "open", narrow, rules.alpha, clearance)

    def _interval(self, alpha: float) -> tuple[float, float]:
        low, high = self.estimate.interval(alpha=alpha)
        return low - self.rounding, high + self.rounding

    def _finding(self, answer: Answer, ends: tuple[float, float], alpha: float, clearance: float) -> Finding:
        return Finding(
            label=self.label,
            metric=self.metric,
            unit=self.unit,
            design=self.design,
            n=self.n,
            answer=answer,
            estimate=self.estimate.mean,
            low=ends[0],
            high=ends[1],
            confidence=1 - alpha,
            claimed_low=self.low,
            claimed_high=self.high,
            clearance=clearance,
        )


@dataclass(frozen=True)
class AnyOf:
    """A number that can be read in several ways: it has an answer where every reading has the same."""

    readings: tuple[Number, ...]

    def answer(self, rules: Rules, *, questions: int) -> Finding:
        """The reading with the least clearance; open where they disagree."""
        found = [one.answer(rules, questions=questions) for one in self.readings]
        least = min(found, key=lambda one: -math.inf if math.isnan(one.clearance) else one.clearance)
        if len({one.answer for one in found}) == 1:
            return least
        undecided = next((one for one in found if one.answer == "open"), least)
        return replace(undecided, answer="open", design="another reading of ± says otherwise")


@dataclass(frozen=True, kw_only=True)
class Most:
    """Whether a difference is above 0 in more than half of the data sets.

    Attributes
    ----------
    estimates
        The difference in each data set.
    smallest
        The fewest runs of a side.
    independent
        Whether each is of a data set of its own, whose runs say nothing of another's.
    """

    label: str
    metric: str
    estimates: tuple[Estimate, ...]
    smallest: int
    independent: bool

    def answer(self, rules: Rules, *, questions: int) -> Finding:
        """From the interval of how many they are (``intervals.number_true``)."""
        k, alpha = len(self.estimates), rules.alpha
        above = self._above()
        narrow, wide = (
            number_true(above, 1 - above, alpha=one, independent=self.independent)
            for one in (alpha, alpha / questions)
        )
        half = k / 2
        holds, contradicted = narrow[0] > half, wide[1] <= half
        ends = wide if contradicted else narrow
        answer: Answer = "holds" if holds else "contradicts" if contradicted else "open"
        return Finding(
            label=self.label,
            metric=self.metric,
            unit="settings",
            design=f"of {k} settings",
            n=(self.smallest,),
            answer=answer,
            estimate=float(sum(one.mean > 0 for one in self.estimates)),
            low=float(ends[0]),
            high=float(ends[1]),
            confidence=1 - (alpha / questions if contradicted else alpha),
            claimed_low=half,
            claimed_high=INF,
            clearance=half - ends[1] if contradicted else ends[0] - half,
        )

    def _above(self) -> FloatArray:
        """One-sided p of a difference above 0 in each data set."""
        halves = np.array([one.p_zero / 2 for one in self.estimates])
        positive = np.array([one.mean > 0 for one in self.estimates])
        return np.where(positive, halves, 1 - halves)


def difference(
    label: str,
    metric: str,
    found: Contrast,
    *,
    low: float,
    high: float,
) -> Number:
    """Whether the difference of two methods, or of more cells, lies between ``low`` and ``high``."""
    n = found.n if found.design == UNPAIRED else found.n[:1]
    return Number(
        label=label,
        metric=metric,
        estimate=found.estimate,
        low=low,
        high=high,
        n=n,
        design=found.design,
    )
