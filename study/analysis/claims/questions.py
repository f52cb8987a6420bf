"""One number asked of the replicates: does it lie where a claim puts it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.intervals import FloatArray, prediction_interval
from study.analysis.statistics.looks import at_look
from study.params import Rules

Answer = Literal["holds", "contradicts", "open"]
INF = float("inf")


@dataclass(frozen=True)
class Question:
    """A claim's assertion on one number.

    Attributes
    ----------
    label
        What the number is, in words.
    values
        (n,), the number in each replicate.
    low, high
        The claim puts the mean strictly between them. With ``next_run`` they are one published value, which
        the claim puts where one more run would fall.
    signed
        Whether the number is a difference, and so written with its sign.
    model
        The model that it is of, where a claim asks the same of every model.
    images
        The mean over new seeds and new images, where the number is of shares of images.
    """

    label: str
    values: FloatArray
    low: float
    high: float
    signed: bool = True
    next_run: bool = False
    model: str = ""
    images: Estimate | None = None

    @property
    def estimate(self) -> Estimate:
        """What the answer is read from: over seeds and images where there are images, else over seeds."""
        return of_replicates(self.values) if self.images is None else self.images


@dataclass(frozen=True)
class Finding:
    """The answer to a question.

    Attributes
    ----------
    low, high
        Ends of the interval that the answer is read from.
    clearance
        How far that interval is inside (positive) of where the claim puts it, NaN without an interval.
    seeds_only
        The answer over seeds alone, which holds for these images only.
    seeds_low, seeds_high
        Ends of the interval over seeds alone, of the same confidence.
    """

    question: Question
    answer: Answer
    n: int
    mean: float
    low: float
    high: float
    confidence: float
    clearance: float
    seeds_only: Answer
    seeds_low: float
    seeds_high: float


def answer(question: Question, *, rules: Rules, questions: int) -> Finding:
    """Read a question's answer from an interval over new seeds, and new images where there are any.

    It holds where the interval of confidence 1 - alpha lies inside, whatever the bounds, so that a stricter
    claim never holds where a weaker one is open. It is contradicted where the interval of confidence
    1 - alpha / ``questions`` lies outside: one contradiction refutes a claim of so many questions, so that
    the chance of a false one is shared among them, while all must hold to support it. A value of one more
    run is judged by the prediction interval of confidence 1 - alpha / ``questions``. Where the study was
    looked at while it ran, alpha is the level of the look that has so many replicates.
    """
    alpha = at_look(rules, len(question.values)).alpha
    if question.next_run:
        return _of_next_run(question, alpha / questions)
    seeds = of_replicates(question.values)
    answered, level, clearance = _read(question, question.estimate, alpha, questions)
    return Finding(
        question,
        answered,
        seeds.n,
        question.estimate.mean,
        *question.estimate.interval(alpha=level),
        1 - level,
        clearance,
        _read(question, seeds, alpha, questions)[0],
        *seeds.interval(alpha=level),
    )


def _read(
    question: Question, estimate: Estimate, alpha: float, questions: int
) -> tuple[Answer, float, float]:
    """The answer, the alpha of the interval that it is read from, and its clearance."""
    outside = alpha / questions
    (low, high), (wide_low, wide_high) = (estimate.interval(alpha=level) for level in (alpha, outside))
    clearance = min(low - question.low, question.high - high)
    excess = max(question.low - wide_high, wide_low - question.high)
    if excess > 0 and not clearance > 0:
        return "contradicts", outside, -excess
    return ("holds" if clearance > 0 else "open"), alpha, clearance


def _of_next_run(question: Question, alpha: float) -> Finding:
    low, high = prediction_interval(question.values, alpha=alpha)
    clearance = min(question.low - low, high - question.low)
    answered: Answer = "open" if np.isnan(clearance) else "holds" if clearance >= 0 else "contradicts"
    seeds = of_replicates(question.values)
    ends = low, high
    return Finding(question, answered, seeds.n, seeds.mean, *ends, 1 - alpha, clearance, answered, *ends)
