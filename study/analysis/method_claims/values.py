"""Hypotheses on one method's value: above or below a number, or as it was published."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import stats

from study.analysis.claims.data import NotTestableError
from study.analysis.claims.hypotheses import LevelName
from study.analysis.method_claims.data import Place, Runs
from study.analysis.method_claims.hypotheses import (
    Asked,
    Finite,
    Hypothesis,
    NotNegative,
    OnPlaces,
    Positive,
    margin_of,
)
from study.analysis.method_claims.questions import INF, AnyOf, Number
from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.intervals import FloatArray

Spread = Literal["SD", "SEM", "95 % CI", "unlabelled"]


class _OfValue(OnPlaces):
    level: Annotated[LevelName, Field(description="A method, or with `factor` a level of it.")]
    value: Annotated[Finite, Field(description="In the metric's unit.")]

    def _asked(self, runs: Runs, low: float, high: float) -> list[Asked]:
        measured = self.measured(runs)
        found: list[tuple[Place, FloatArray]] = []
        places, absent = self.places(runs)
        lacking: list[Asked] = []
        for place in places:
            try:
                name = runs.method(place, self.level)
                found.append((place, runs.known(measured, place.dataset, name)))
            except NotTestableError as error:
                lacking.append(error)
        label = f"{measured.metric} of {f'{self.factor} {self.level}'.strip()}"
        if self.average and found:
            means = of_replicates(np.array([values.mean() for _, values in found]))
            asked: list[Asked] = [self._number(f"mean {label}", measured.metric, means, low, high, sets=True)]
        else:
            asked = [
                self._number(
                    f"{label} on {place.name}" if place.name else label,
                    measured.metric,
                    of_replicates(values),
                    low,
                    high,
                )
                for place, values in found
            ]
        return [*asked, *absent, *(lacking if self.datasets or not asked else [])]

    def _number(
        self, label: str, metric: str, found: Estimate, low: float, high: float, *, sets: bool = False
    ) -> Number:
        return Number(
            label=label,
            metric=metric,
            estimate=found,
            low=low,
            high=high,
            n=(found.n,),
            design="over data sets" if sets else "one method",
            unit="value",
        )


class AtLeast(_OfValue):
    """The metric of a method is above a value."""

    kind: Literal["at least"]

    def describe(self) -> str:
        """See ``Hypothesis``."""
        return self._where(f"{self._words} of {self.level} is above {self.value:g}")

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        return self._asked(runs, self.value, INF)


class AtMost(_OfValue):
    """The metric of a method is below a value."""

    kind: Literal["at most"]

    def describe(self) -> str:
        """See ``Hypothesis``."""
        return self._where(f"{self._words} of {self.level} is below {self.value:g}")

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        return self._asked(runs, -INF, self.value)


class Published(Hypothesis):
    """A published value is what the method gives here, within the margin.

    The difference of the two means has the variance of both. That of the published one is known from its SD
    or its SEM; otherwise, as of one run, it is taken to be that of the runs here. Where nobody says what the
    ± is, it is read as SD, as SEM and as a 95 % CI, and the verdict must be the same. A value that is merely
    not shown to differ is inconclusive.
    """

    kind: Literal["published value"]
    method: LevelName
    dataset: Annotated[str, Field(description="Empty where the results have one.")] = ""
    value: Annotated[Finite, Field(description="As it was published, in the metric's unit.")]
    n: Annotated[int, Field(ge=1, description="Runs of which it is the mean; 1: one run.")]
    plus_minus: Annotated[NotNegative | None, Field(description="What stands behind the ±.")] = None
    plus_minus_is: Annotated[Spread | None, Field(description="What the ± is.")] = None
    decimals: Annotated[
        int | None, Field(ge=0, le=15, description="Of the published value, where it ends in 0.")
    ] = None
    margin: Annotated[Positive | None, Field(description="In the metric's unit.")] = None

    @model_validator(mode="after")
    def _spread_is_named(self) -> Self:
        if (self.plus_minus is None) != (self.plus_minus_is is None):
            raise ValueError("expected plus_minus with plus_minus_is (SD, SEM, 95 % CI or unlabelled)")
        if self.plus_minus is not None and self.n < 2:
            raise ValueError("expected n of at least 2 beside plus_minus")
        return self

    def describe(self) -> str:
        """See ``Hypothesis``."""
        spread = "" if self.plus_minus is None else f" ± {self.plus_minus:g} ({self.plus_minus_is})"
        of = "one run" if self.n == 1 else f"{self.n} runs"
        on = f" on {self.dataset}" if self.dataset else ""
        return (
            f"{self._words} of {self.method}{on} differs from the published {self.value:g}{spread} of "
            f"{of} by less than {'the margin' if self.margin is None else f'{self.margin:g}'}"
        )

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        measured = self.measured(runs)
        places = runs.places([self.dataset] if self.dataset else [], "")
        if len(places) > 1:
            raise NotTestableError("the results have several data sets, and the claim names none")
        method = runs.method(places[0], self.method)
        own = runs.known(measured, places[0].dataset, method)
        try:
            margin = margin_of(self.margin, self.metric, runs)
        except NotTestableError:
            margin = 0.0
        on = f" on {places[0].name}" if places[0].name else ""
        readings = tuple(
            Number(
                label=f"{measured.metric} of {method}{on} minus the published {self.value:g}",
                metric=measured.metric,
                estimate=found,
                low=-margin,
                high=margin,
                n=(len(own), self.n),
                design=how,
                rounding=self._rounding,
            )
            for how, found in self._differences(own)
        )
        return [readings[0] if len(readings) == 1 else AnyOf(readings)]

    @property
    def _rounding(self) -> float:
        """Half a unit of the last digit."""
        written = max(0, -int(Decimal(repr(self.value)).normalize().as_tuple().exponent))
        return 0.5 * 10.0 ** -(written if self.decimals is None else self.decimals)

    def _differences(self, own: FloatArray) -> list[tuple[str, Estimate]]:
        """The mean here minus the published one, by each reading of the ±."""
        here = of_replicates(own)
        mean = here.mean - self.value
        if self.plus_minus is None or self.plus_minus_is is None:
            se = here.se * math.sqrt(1 + len(own) / self.n)
            how = "the published variance taken to be that of the runs here"
            return [(how, Estimate(mean, se, here.df, len(own)))]
        spread = self.plus_minus or self._rounding
        t = float(stats.t.ppf(0.975, self.n - 1))
        errors = {"SD": spread / math.sqrt(self.n), "SEM": spread, "95 % CI": spread / t}
        chosen = errors if self.plus_minus_is == "unlabelled" else {self.plus_minus_is: None}
        return [(f"± read as {name}", self._welch(here, mean, errors[name])) for name in chosen]

    def _welch(self, here: Estimate, mean: float, other: float) -> Estimate:
        """Welch's test from a published mean and its standard error."""
        n = min(here.n, self.n)
        if math.isnan(here.se):
            return Estimate(mean, math.nan, math.nan, n)
        one, two = here.se**2, other**2
        if one + two == 0:
            return Estimate(mean, 0.0, here.df + self.n - 1, n)
        df = (one + two) ** 2 / (one**2 / here.df + two**2 / (self.n - 1))
        return Estimate(mean, math.sqrt(one + two), df, n)
