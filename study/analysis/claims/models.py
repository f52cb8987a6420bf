"""Hypotheses on models, or on ensembles of them, against each other."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from study.analysis.claims.data import TEST, ClaimData, NotTestableError
from study.analysis.claims.hypotheses import Asked, Hypothesis, Name, attempt, positive
from study.analysis.claims.questions import INF, Question
from study.analysis.ensembles.baseline import SINGLE

Pair = Annotated[list[Name], Field(min_length=2, max_length=2)]


class EnsemblesAbove(Hypothesis):
    """The first ensemble of each pair is above the second in test accuracy."""

    kind: Literal["ensembles above"]
    pairs: Annotated[list[Pair], Field(min_length=1)]

    def describe(self) -> str:
        """See ``Hypothesis``."""
        text = ", ".join(f"{_method(first)} above {_method(second)}" for first, second in self.pairs)
        return f"in confirmed test accuracy: {text}"

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""
        return [
            attempt(
                lambda first, second: positive(
                    f"test accuracy of {_method(first)} minus {_method(second)}",
                    data.combined(first),
                    data.combined(second),
                ),
                *pair,
            )
            for pair in self.pairs
        ]


class EnsemblesAboveModels(Hypothesis):
    """Each ensemble is above every confirmed model in test accuracy."""

    kind: Literal["ensembles above models"]
    methods: Annotated[list[Name], Field(min_length=1)]

    def describe(self) -> str:
        """See ``Hypothesis``."""
        return f"in confirmed test accuracy each of {', '.join(self.methods)} is above every single model"

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""
        return [
            attempt(
                lambda method, model: positive(
                    f"test accuracy of {method} minus {model}", data.combined(method), data.confirmed(model)
                ),
                method,
                model,
            )
            for method, model in itertools.product(self.methods, data.models)
        ]


class BestOf(Hypothesis):
    """A confirmed model is above others, all the study's others where none is named."""

    kind: Literal["best of"]
    model: Name
    others: list[Name] = Field(default_factory=list)

    def describe(self) -> str:
        """See ``Hypothesis``."""
        others = " and ".join(self.others) or "every other model"
        return f"in confirmed test accuracy {self.model} is above {others}"

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""
        model = data.model(self.model)
        others = [data.model(other) for other in self.others] or [m for m in data.models if m != model]
        if not others:
            raise NotTestableError("the study has one model")
        return [
            positive(f"test accuracy of {model} minus {other}", data.confirmed(model), data.confirmed(other))
            for other in others
        ]


class MostSettings(Hypothesis):
    """A model is above another in more than half of the explore settings, a tie being half a win."""

    kind: Literal["in most settings"]
    model: Name
    other: Name

    def describe(self) -> str:
        """See ``Hypothesis``."""
        return (
            f"the share of explored settings in which {self.model} is above {self.other} in test accuracy "
            f"is more than half"
        )

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""
        sides = [
            data.explore[data.explore["model"] == data.model(name)].set_index(["setting", "replicate"])[TEST]
            for name in (self.model, self.other)
        ]
        first, second = sides[0].align(sides[1], join="inner")
        wins = ((first - second).apply(np.sign) + 1) / 2
        label = f"share of settings in which {self.model} is above {self.other}"
        return [
            Question(label, wins.groupby("replicate").mean().to_numpy(dtype=float), 0.5, INF, signed=False)
        ]


def _method(method: str) -> str:
    return "the best single model" if method == SINGLE else method
