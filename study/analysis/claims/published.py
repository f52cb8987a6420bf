"""Hypotheses that a published value is what one more run would give."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from study.analysis.claims.data import TEST, ClaimData, NotTestableError
from study.analysis.claims.hypotheses import Asked, Hypothesis, Name, Share
from study.analysis.claims.questions import Question
from study.analysis.statistics.intervals import FloatArray


class Published(Hypothesis):
    """A published test accuracy of one run, ``n`` of 1, on a data set.

    The value of one run is compared with where one more run would fall.
    """

    dataset: Name
    accuracy: Share
    n: Literal[1]

    @property
    def name(self) -> str:
        """What reached the accuracy."""
        raise NotImplementedError

    def question(self, data: ClaimData) -> Question:
        """The one question that is asked.

        Raises
        ------
        NotTestableError
            The study is on other data, or lacks what reached the accuracy.
        """
        if data.dataset != self.dataset:
            raise NotTestableError(f"the value was published for {self.dataset}")
        label, values = self._one_more(data)
        return Question(
            f"test accuracy of one more {label}",
            values,
            self.accuracy,
            self.accuracy,
            signed=False,
            next_run=True,
        )

    def questions(self, data: ClaimData) -> list[Asked]:
        """See ``Hypothesis``."""
        return [self.question(data)]

    def _one_more(self, data: ClaimData) -> tuple[str, FloatArray]:
        raise NotImplementedError


class PublishedModel(Published):
    """A published test accuracy of one run lies where one more run of that setting would fall."""

    kind: Literal["published model"]
    model: Name
    setting: dict[str, float | int | str] = Field(min_length=1)

    @property
    def name(self) -> str:
        """See ``Published``."""
        return self.model

    def describe(self) -> str:
        """See ``Hypothesis``."""
        values = ", ".join(f"{factor} {value}" for factor, value in self.setting.items())
        return (
            f"{100 * self.accuracy:.2f} % lies in the prediction interval of one more run's test accuracy of "
            f"{self.model} at {values}"
        )

    def _one_more(self, data: ClaimData) -> tuple[str, FloatArray]:
        model = data.model(self.model)
        same = pd.Series(True, index=data.settings.index)
        for factor, value in self.setting.items():
            if factor not in data.settings:
                raise NotTestableError(f"the study has no factor {factor}")
            same &= data.settings[factor] == value
        if not same.any():
            raise NotTestableError("the study has no such setting")
        setting = str(data.settings.loc[same, "setting"].iloc[0])
        return f"run of {model} at {setting}", np.asarray(data.at_setting(model, setting, TEST).by_replicate)


class PublishedEnsemble(Published):
    """A published test accuracy of one ensemble lies where one more ensemble would fall."""

    kind: Literal["published ensemble"]
    method: Name
    members: list[Name] = Field(min_length=1)

    @property
    def name(self) -> str:
        """See ``Published``."""
        return self.method

    def describe(self) -> str:
        """See ``Hypothesis``."""
        return (
            f"{100 * self.accuracy:.2f} % lies in the prediction interval of one more test accuracy of "
            f"{self.method} of {', '.join(self.members)}"
        )

    def _one_more(self, data: ClaimData) -> tuple[str, FloatArray]:
        members = sorted(data.model(member) for member in self.members)
        if members != data.models:
            raise NotTestableError("the study combines other models")
        return self.method, np.asarray(data.combined(self.method).by_replicate)
