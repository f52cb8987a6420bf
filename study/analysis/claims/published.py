"""Hypotheses that a published value is what one more run would give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from study.analysis.claims.data import TEST, ClaimData, NotTestableError
from study.analysis.claims.questions import Question
from study.analysis.statistics.intervals import FloatArray


@dataclass(frozen=True)
class PublishedModel:
    """A published test accuracy of one run lies where one more run of that setting would fall."""

    model: str
    setting: Mapping[str, float | int | str]
    accuracy: float

    @property
    def name(self) -> str:
        """What reached the accuracy."""
        return self.model

    def describe(self) -> str:
        """See ``Rule``."""
        values = ", ".join(f"{factor} {value}" for factor, value in self.setting.items())
        return (
            f"{100 * self.accuracy:.2f} % lies in the prediction interval of one more run's test accuracy of "
            f"{self.model} at {values}"
        )

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        _on_cinic10(data)
        model = data.model(self.model)
        same = pd.Series(True, index=data.settings.index)
        for factor, value in self.setting.items():
            same &= data.settings[factor] == value
        if not same.any():
            raise NotTestableError("the study has no such setting")
        setting = str(data.settings.loc[same, "setting"].iloc[0])
        values = np.asarray(data.at_setting(model, setting, TEST))
        return [_published(f"test accuracy of one more run of {model} at {setting}", values, self.accuracy)]


@dataclass(frozen=True)
class PublishedEnsemble:
    """A published test accuracy of one ensemble lies where one more ensemble would fall."""

    method: str
    members: tuple[str, ...]
    accuracy: float

    @property
    def name(self) -> str:
        """What reached the accuracy."""
        return self.method

    def describe(self) -> str:
        """See ``Rule``."""
        return (
            f"{100 * self.accuracy:.2f} % lies in the prediction interval of one more test accuracy of "
            f"{self.method} of {', '.join(self.members)}"
        )

    def questions(self, data: ClaimData) -> list[Question]:
        """See ``Rule``."""
        _on_cinic10(data)
        members = sorted(data.model(member) for member in self.members)
        if members != data.models:
            raise NotTestableError("the study combines other models")
        values = np.asarray(data.combined(self.method))
        return [_published(f"test accuracy of one more {self.method}", values, self.accuracy)]


def _on_cinic10(data: ClaimData) -> None:
    if data.dataset != "cinic10":
        raise NotTestableError("the value was published for cinic10")


def _published(label: str, values: FloatArray, accuracy: float) -> Question:
    return Question(label, values, accuracy, accuracy, signed=False, next_run=True)
