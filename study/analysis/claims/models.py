"""Hypotheses on models against each other, and on ensembles of them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from study.analysis.claims.data import TEST, ClaimData, NotTestableError
from study.analysis.claims.questions import INF, Question
from study.analysis.claims.rule import Pair, difference


@dataclass(frozen=True)
class MethodsAbove:
    """The first ensemble of each pair is above the second in test accuracy."""

    pairs: tuple[Pair, ...]

    def describe(self) -> str:
        """See ``Rule``."""
        text = ", ".join(f"{_method(first)} above {_method(second)}" for first, second in self.pairs)
        return f"in confirmed test accuracy: {text}"

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        return [
            Question(
                f"test accuracy of {_method(first)} minus {_method(second)}",
                difference(data.combined(first), data.combined(second)),
                0.0,
                INF,
            )
            for first, second in self.pairs
        ]


@dataclass(frozen=True)
class MethodsAboveModels:
    """Each ensemble is above every confirmed model in test accuracy."""

    methods: tuple[str, ...]

    def describe(self) -> str:
        """See ``Rule``."""
        return f"in confirmed test accuracy each of {', '.join(self.methods)} is above every single model"

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        return [
            Question(
                f"test accuracy of {method} minus {model}",
                difference(data.combined(method), data.confirmed(model)),
                0.0,
                INF,
            )
            for method, model in itertools.product(self.methods, data.models)
        ]


@dataclass(frozen=True)
class ModelAbove:
    """A confirmed model is above others, all the study's others where none is named."""

    model: str
    others: tuple[str, ...] = ()

    def describe(self) -> str:
        """See ``Rule``."""
        others = " and ".join(self.others) or "every other model"
        return f"in confirmed test accuracy {self.model} is above {others}"

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        model = data.model(self.model)
        others = [data.model(other) for other in self.others] or [m for m in data.models if m != model]
        if not others:
            raise NotTestableError("the study has one model")
        return [
            Question(
                f"test accuracy of {model} minus {other}",
                difference(data.confirmed(model), data.confirmed(other)),
                0.0,
                INF,
            )
            for other in others
        ]


@dataclass(frozen=True)
class MostSettings:
    """A model is above another in more than half of the explore settings, a tie being half a win."""

    model: str
    other: str

    def describe(self) -> str:
        """See ``Rule``."""
        return (
            f"the share of explored settings in which {self.model} is above {self.other} in test accuracy "
            f"is more than half"
        )

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
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
    return "the best single model" if method == "single" else method
