"""What every kind of hypothesis has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from study.analysis.claims.data import INSTABILITY, TEST, TRAIN, VALID, ClaimData, NotTestableError
from study.analysis.claims.questions import Question
from study.analysis.claims.sides import Side, contrast

METRIC_WORDS = {
    TEST: "test accuracy",
    VALID: "validation accuracy",
    TRAIN: "training accuracy",
    INSTABILITY: "variation of validation accuracy from epoch to epoch",
}
Metric = Literal["test_accuracy", "valid_accuracy", "train_accuracy", "valid_instability"]


def _level_name(value: Any) -> Any:
    """A number as the table ``levels`` names it, without .0 where it is whole."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(value).removesuffix(".0") if number else value


Name = Annotated[str, Field(min_length=1)]
LevelName = Annotated[
    str, Field(min_length=1), BeforeValidator(_level_name, json_schema_input_type=str | float)
]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Difference = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


Asked = Question | NotTestableError


class Hypothesis(BaseModel):
    """A hypothesis: how it reads, and the questions that must all hold for it to be true."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def describe(self) -> str:
        """The hypothesis as a clause in terms of the tables."""
        raise NotImplementedError

    def questions(self, data: ClaimData) -> list[Asked]:
        """At least one question, or for each that this study cannot answer what it lacks.

        Raises
        ------
        NotTestableError
            The study lacks what the whole hypothesis is about.
        """
        raise NotImplementedError


def attempt(ask: Callable[..., Question], *arguments: Any) -> Asked:
    """The question that ``ask`` makes of ``arguments``, or what the study lacks for it."""
    try:
        return ask(*arguments)
    except NotTestableError as error:
        return error


def difference(
    label: str, first: Side, second: Side, low: float, high: float, *, model: str = ""
) -> Question:
    """Whether ``first`` minus ``second`` lies between ``low`` and ``high``."""
    values, images = contrast([first, second], [1, -1])
    return Question(label, values, low, high, model=model, images=images)


def positive(label: str, first: Side, second: Side) -> Question:
    """Whether ``first`` minus ``second`` is above 0."""
    return difference(label, first, second, 0.0, np.inf)
