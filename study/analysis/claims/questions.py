"""One number asked of the replicates: does it lie where a claim puts it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from study.analysis.statistics.intervals import (
    FloatArray,
    MeanInterval,
    mean_interval,
    prediction_interval,
)
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
    """

    label: str
    values: FloatArray
    low: float
    high: float
    signed: bool = True
    next_run: bool = False
    model: str = ""


@dataclass(frozen=True)
class Finding:
    """The answer to a question.

    Attributes
    ----------
    low, high
        Ends of the interval that the answer is read from.
    clearance
        How far that interval is inside (positive) of where the claim puts it, NaN without an interval.
    """

    question: Question
    answer: Answer
    n: int
    mean: float
    low: float
    high: float
    confidence: float
    clearance: float


def answer(question: Question, *, rules: Rules, questions: int) -> Finding:
    """Read a question's answer from an interval of the replicates.

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
    outside = alpha / questions
    narrow, wide = (mean_interval(question.values, alpha=level) for level in (alpha, outside))
    clearance = min(float(narrow.low) - question.low, question.high - float(narrow.high))
    excess = max(question.low - float(wide.high), float(wide.low) - question.high)
    if excess > 0 and not clearance > 0:
        return _finding(question, "contradicts", wide, outside, -excess)
    return _finding(question, "holds" if clearance > 0 else "open", narrow, alpha, clearance)


def _of_next_run(question: Question, alpha: float) -> Finding:
    low, high = prediction_interval(question.values, alpha=alpha)
    clearance = min(question.low - low, high - question.low)
    answered: Answer = "open" if np.isnan(clearance) else "holds" if clearance >= 0 else "contradicts"
    interval = mean_interval(question.values, alpha=alpha)._replace(
        low=np.asarray(low), high=np.asarray(high)
    )
    return _finding(question, answered, interval, alpha, clearance)


def _finding(
    question: Question, answered: Answer, interval: MeanInterval, alpha: float, clearance: float
) -> Finding:
    n, mean, low, high = interval.n, float(interval.mean), float(interval.low), float(interval.high)
    return Finding(question, answered, n, mean, low, high, 1 - alpha, clearance)
