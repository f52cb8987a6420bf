"""The values that claims on methods are judged on."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from study.analysis.claims.data import NotTestableError
from study.analysis.methods.contrasts import Contrast, of_cells
from study.analysis.methods.runs import finite
from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.intervals import FloatArray

Cells = Sequence[tuple[str, float]]
"""Methods with their weights in a contrast."""


@dataclass(frozen=True)
class Measurement:
    """One metric of the runs.

    Attributes
    ----------
    table
        Table ``measured``.
    """

    metric: str
    lower_is_better: bool
    table: pd.DataFrame


@dataclass(frozen=True)
class Place:
    """Where a question is asked: a data set and, with a factor, the levels of the other factors.

    Attributes
    ----------
    name
        In words; empty where there is one place.
    methods
        The method at each level; of methods themselves each its own.
    """

    dataset: str
    name: str
    methods: Mapping[str, str]


@dataclass(frozen=True)
class Runs:
    """What the hypotheses look values up in.

    Attributes
    ----------
    measure
        Gives the measurement by the name of its metric, an empty name being the main one, and whether a
        lower one is better where a claim says it.
    factors
        A row for each method with its levels as text, indexed by method; no columns where methods have none.
    margin
        Half-width of equivalence in the main metric's unit; 0 where none is named.
    """

    measure: Callable[[str, bool | None], Measurement]
    factors: pd.DataFrame
    margin: float
    main: Measurement = field(init=False)

    def __post_init__(self) -> None:
        """Look the main metric up once."""
        object.__setattr__(self, "main", self.measure("", None))

    def places(self, datasets: Sequence[str], factor: str) -> list[Place]:
        """Every place where levels of ``factor`` can be compared, of methods where it is empty.

        Raises
        ------
        NotTestableError
            The results lack a data set or the factor.
        """
        table = self.main.table
        known = list(dict.fromkeys(table["dataset"]))
        chosen = [_nearest(name, known, "data set") for name in datasets] or known
        named = len(known) > 1
        places = []
        for dataset in chosen:
            methods = list(dict.fromkeys(table.loc[table["dataset"] == dataset, "method"]))
            for others, levels in self._groups(methods, factor):
                name = ", ".join(part for part in ((dataset if named else ""), others) if part)
                places.append(Place(dataset, name, levels))
        return places

    def _groups(self, methods: list[str], factor: str) -> list[tuple[str, dict[str, str]]]:
        if not factor:
            return [("", {method: method for method in methods})]
        _nearest(factor, [str(name) for name in self.factors], "factor")
        here = self.factors.loc[methods]
        others = [str(name) for name in here if name != factor and len(here[name].unique()) > 1]
        groups: dict[str, dict[str, str]] = {}
        for method, row in here.iterrows():
            key = ", ".join(f"{name}={row[name]}" for name in others)
            groups.setdefault(key, {})[str(row[factor])] = str(method)
        return [(key, levels) for key, levels in groups.items() if len(levels) > 1]

    def method(self, place: Place, level: str) -> str:
        """The method at a level, whose name is that or has the same letters and digits.

        Raises
        ------
        NotTestableError
            There is none.
        """
        return place.methods[_nearest(level, list(place.methods), "method or level", place.name)]

    def values(self, measured: Measurement, dataset: str, method: str) -> pd.Series[float]:
        """The values of a method's runs by seed; a run that diverged has none."""
        table = measured.table
        chosen = table[(table["dataset"] == dataset) & (table["method"] == method)]
        return chosen.set_index("seed")["value"]

    def contrast(self, measured: Measurement, place: Place, cells: Cells) -> Contrast:
        """The weighted sum of means of methods at a place.

        Raises
        ------
        NotTestableError
            A method has no run with a number there.
        """
        values = [self.values(measured, place.dataset, method) for method, _ in cells]
        for (method, _), runs in zip(cells, values, strict=True):
            if not len(finite(runs)):
                on = f" on {place.dataset}" if place.dataset else ""
                raise NotTestableError(f"{method} has no {measured.metric}{on}")
        return of_cells(values, [weight for _, weight in cells])

    def known(self, measured: Measurement, dataset: str, method: str) -> FloatArray:
        """The values of the runs that ended with a number.

        Raises
        ------
        NotTestableError
            There is none.
        """
        values = finite(self.values(measured, dataset, method))
        if not len(values):
            on = f" on {dataset}" if dataset else ""
            raise NotTestableError(f"{method} has no {measured.metric}{on}")
        return values


def average(found: Sequence[Contrast]) -> Contrast:
    """The mean of a contrast over data sets: each set's is one value, so it speaks of new sets like these."""
    means = np.array([one.estimate.mean for one in found], dtype=np.float64)
    estimate: Estimate = of_replicates(means)
    return Contrast(estimate, "over data sets", (estimate.n,))


def _nearest(name: str, known: Sequence[str], what: str, where: str = "") -> str:
    """The one of ``known`` that is ``name``, is the same number, or has its letters and digits."""
    for same in (str, _plain):
        found = [one for one in known if same(one) == same(name)]
        if len(found) == 1:
            return found[0]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    on = f" ({where})" if where else ""
    raise NotTestableError(f"the results have no {what} {name}{on}{hint}")


def _plain(name: str) -> str:
    try:
        return repr(float(name))
    except ValueError:
        return "".join(letter for letter in name.lower() if letter.isalnum())
