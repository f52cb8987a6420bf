"""Hypotheses on methods, or on the levels of a factor, against each other."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from study.analysis.claims.data import NotTestableError
from study.analysis.claims.hypotheses import LevelName, Name
from study.analysis.method_claims.data import Measurement, Place, Runs, average
from study.analysis.method_claims.questions import INF, Most, Question, difference
from study.analysis.methods.contrasts import Contrast

Finite = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Pair = Annotated[list[LevelName], Field(min_length=2, max_length=2)]
Pairs = Annotated[list[Pair], Field(min_length=1, description="The first of each pair against the second.")]
Levels = Annotated[
    list[LevelName],
    Field(min_length=2, description="Methods, or with `factor` its levels, in their order."),
]
Asked = Question | NotTestableError


class Hypothesis(BaseModel):
    """A hypothesis: how it reads, and the questions that must all hold for it to be true."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    metric: Annotated[str, Field(description="Where it is not the file's main metric.")] = ""
    lower_is_better: Annotated[
        bool | None, Field(description="Of `metric`, where its name does not say it.")
    ] = None

    def describe(self) -> str:
        """The hypothesis as a clause."""
        raise NotImplementedError

    def questions(self, runs: Runs) -> list[Asked]:
        """At least one question, or for each that these results cannot answer what they lack.

        Raises
        ------
        NotTestableError
            The results lack what the whole hypothesis is about.
        """
        raise NotImplementedError

    def measured(self, runs: Runs) -> Measurement:
        """The runs by this hypothesis' metric."""
        return runs.measure(self.metric, self.lower_is_better)

    @property
    def _words(self) -> str:
        return self.metric or "the metric"


class OnPlaces(Hypothesis):
    """A hypothesis that is asked in each data set, or on average over them."""

    datasets: Annotated[
        list[Name], Field(description="Where it is asked; empty: wherever the methods were run.")
    ] = []
    factor: Annotated[
        str, Field(description="A column whose levels are compared, all else equal; empty: methods.")
    ] = ""
    average: Annotated[
        bool, Field(description="The average over the data sets is asked for, not each of them.")
    ] = False

    def _where(self, text: str) -> str:
        sets = ", ".join(self.datasets) or "data sets"
        over = f"on average over {sets}" if self.average else f"in each of {sets}" if self.datasets else ""
        of = f" of {self.factor}" if self.factor else ""
        return f"{over}{', ' if over else ''}{text}{of}"

    def _contrasts(
        self,
        runs: Runs,
        asked: Iterable[Sequence[str]],
        weights: Sequence[float],
        words: str,
        *,
        low: float,
        high: float,
    ) -> list[Asked]:
        """Whether the contrast of each of the ``asked`` lies between ``low`` and ``high``.

        ``words`` names it, with a ``{}`` for each of its levels.
        """
        measured = self.measured(runs)
        places, absent = self.places(runs)
        found: list[Asked] = []
        for levels in asked:
            label = words.format(*(f"{self.factor} {one}".strip() for one in levels))
            here: list[tuple[Place, Contrast]] = []
            lacking: list[Asked] = []
            for place in places:
                try:
                    names = [runs.method(place, level) for level in levels]
                    cells = list(zip(names, weights, strict=True))
                    here.append((place, runs.contrast(measured, place, cells)))
                except NotTestableError as error:
                    lacking.append(error)
            named = [(f"{label} on {place.name}" if place.name else label, one) for place, one in here]
            if self.average and here:
                named = [(label, average([one for _, one in here]))]
            found += [difference(name, measured.metric, one, low=low, high=high) for name, one in named]
            found += lacking if self.datasets or not here else []
        return [*found, *absent]

    def places(self, runs: Runs) -> tuple[list[Place], list[Asked]]:
        """Where it is asked, and which of the data sets that it names the results lack.

        Raises
        ------
        NotTestableError
            They lack all of them, or the factor.
        """
        found: list[Place] = []
        lacking: list[Asked] = []
        for datasets in [[name] for name in self.datasets] or [[]]:
            try:
                found += runs.places(datasets, self.factor)
            except NotTestableError as error:
                lacking.append(error)
                last = error
        if not found and lacking:
            raise last
        return found, lacking

    def _sign(self, runs: Runs) -> float:
        """What a difference is multiplied with so that better is above 0."""
        return -1.0 if self.measured(runs).lower_is_better else 1.0


class Above(OnPlaces):
    """The first of each pair is better than the second, by more than ``by``."""

    kind: Literal["above"]
    pairs: Pairs
    by: Annotated[NotNegative, Field(description="In the metric's unit.")] = 0.0

    def describe(self) -> str:
        """See ``Hypothesis``."""
        pairs = ", ".join(f"{first} is better than {second}" for first, second in self.pairs)
        more = f" by more than {self.by:g}" if self.by else ""
        return self._where(f"{pairs}{more} in {self._words}")

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        sign = self._sign(runs)
        weights = (sign, -sign)
        return self._contrasts(runs, self.pairs, weights, "gain of {} over {}", low=self.by, high=INF)


class Between(OnPlaces):
    """The first of each pair is better than the second by between ``low`` and ``high``."""

    kind: Literal["between"]
    pairs: Pairs
    low: Annotated[Finite, Field(description="In the metric's unit; below 0 is worse.")]
    high: Annotated[Finite, Field(description="In the metric's unit.")]

    def describe(self) -> str:
        """See ``Hypothesis``."""
        pairs = ", ".join(f"{first} over {second}" for first, second in self.pairs)
        return self._where(f"the gain in {self._words} of {pairs} is between {self.low:g} and {self.high:g}")

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        sign = self._sign(runs)
        weights = (sign, -sign)
        return self._contrasts(runs, self.pairs, weights, "gain of {} over {}", low=self.low, high=self.high)


class Equivalent(OnPlaces):
    """Any two of the levels differ by less than the margin, the file's where none is given here."""

    kind: Literal["equivalent"]
    levels: Levels
    margin: Annotated[Positive | None, Field(description="In the metric's unit.")] = None

    def describe(self) -> str:
        """See ``Hypothesis``."""
        margin = "the margin" if self.margin is None else f"{self.margin:g}"
        return self._where(
            f"{self._words} of any two of {', '.join(self.levels)} differs by less than {margin}"
        )

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        margin = margin_of(self.margin, self.metric, runs)
        pairs = itertools.combinations(self.levels, 2)
        return self._contrasts(runs, pairs, (1.0, -1.0), "{} minus {}", low=-margin, high=margin)


class Trend(OnPlaces):
    """The metric rises (or falls) from each level to the next."""

    kind: Literal["trend"]
    levels: Levels
    direction: Literal["rising", "falling"]

    def describe(self) -> str:
        """See ``Hypothesis``."""
        way = "rises" if self.direction == "rising" else "falls"
        return self._where(f"{self._words} {way} at each step through {', '.join(self.levels)}")

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        low, high = (0.0, INF) if self.direction == "rising" else (-INF, 0.0)
        steps = [(after, before) for before, after in itertools.pairwise(self.levels)]
        return self._contrasts(runs, steps, (1.0, -1.0), "{} minus {}", low=low, high=high)


class LargestGain(OnPlaces):
    """The gain between two levels, ``from_to``, exceeds that between two others."""

    kind: Literal["largest gain"]
    from_to: Pair
    other: Pair

    def describe(self) -> str:
        """See ``Hypothesis``."""
        larger, smaller = (f"from {start} to {end}" for start, end in (self.from_to, self.other))
        return self._where(f"the gain in {self._words} {larger} is larger than {smaller}")

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        sign = self._sign(runs)
        weights = (-sign, sign, sign, -sign)
        words = "gain from {} to {} minus that from {} to {}"
        return self._contrasts(runs, [(*self.from_to, *self.other)], weights, words, low=0.0, high=INF)


class BestOf(OnPlaces):
    """A method is better than others, all where none is named."""

    kind: Literal["best of"]
    method: LevelName
    others: Annotated[list[LevelName], Field(description="Empty: every other.")] = []

    def describe(self) -> str:
        """See ``Hypothesis``."""
        others = " and ".join(self.others) or "every other"
        return self._where(f"{self.method} is better in {self._words} than {others}")

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        others = self.others
        if not others:
            places, _ = self.places(runs)
            own = {runs.method(place, self.method) for place in places if self._has(runs, place)}
            known = dict.fromkeys(
                level for place in places for level, name in place.methods.items() if name not in own
            )
            others = [level for level in known if level != self.method]
        if not others:
            raise NotTestableError("the results have no other method")
        sign = self._sign(runs)
        pairs = [(self.method, other) for other in others]
        return self._contrasts(runs, pairs, (sign, -sign), "gain of {} over {}", low=0.0, high=INF)

    def _has(self, runs: Runs, place: Place) -> bool:
        try:
            runs.method(place, self.method)
        except NotTestableError:
            return False
        return True


class MostSettings(OnPlaces):
    """A method is better than another in more than half of the data sets and other factors' levels."""

    kind: Literal["in most settings"]
    method: LevelName
    other: LevelName

    def describe(self) -> str:
        """See ``Hypothesis``."""
        return self._where(
            f"{self.method} is better in {self._words} than {self.other} in more than half of the settings"
        )

    def questions(self, runs: Runs) -> list[Asked]:
        """See ``Hypothesis``."""
        measured, sign = self.measured(runs), self._sign(runs)
        places, absent = self.places(runs)
        found, lacking, sets = [], [], []
        for place in places:
            try:
                names = (runs.method(place, self.method), runs.method(place, self.other))
                found.append(runs.contrast(measured, place, [(names[0], sign), (names[1], -sign)]))
                sets.append(place.dataset)
            except NotTestableError as error:
                lacking.append(error)
        if len(found) < 2:
            raise lacking[0] if lacking else NotTestableError("the results have one data set")
        asked = Most(
            label=f"settings in which {self.method} is better than {self.other}",
            metric=measured.metric,
            estimates=tuple(one.estimate for one in found),
            smallest=min(min(one.n) for one in found),
            independent=len(set(sets)) == len(sets),
        )
        return [asked, *absent, *(lacking if self.datasets else [])]


def margin_of(own: float | None, metric: str, runs: Runs) -> float:
    """A hypothesis' own margin, or that of the file, which is in the main metric's unit.

    Raises
    ------
    NotTestableError
        There is none.
    """
    if own is not None:
        return own
    if runs.margin and (not metric or metric == runs.main.metric):
        return runs.margin
    raise NotTestableError("no margin is named, within which a difference does not matter")
