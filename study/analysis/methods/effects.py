"""Methods that are combinations of factors' levels: one factor varied at a time, or a full grid of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from study.analysis.methods.comparisons import judge
from study.analysis.methods.contrasts import Contrast, of_cells
from study.params import Rules
from study.tables.methods import EFFECTS

Steps = dict[str, tuple[str, str]]
"""Of one factor or two, the level and the first level that it is compared with."""


def centre(factors: pd.DataFrame) -> str:
    """The method around which the factors are varied one at a time, empty where they are not.

    Every other method differs from it in one factor, and at least two factors vary.

    Parameters
    ----------
    factors
        A row for each method with its levels, indexed by method.
    """
    varied = _varied(factors)
    if len(varied) < 2 or _is_grid(factors):
        return ""
    levels = factors[varied]
    found = [
        str(name)
        for name, row in levels.iterrows()
        if ((levels != row).sum(axis=1).drop(index=[name]) == 1).all()
    ]
    return found[0] if len(found) == 1 else ""


def effects(measured: pd.DataFrame, factors: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``effects`` of every data set on which the methods are a full grid of at least two factors.

    A main effect is the mean at a level minus that at the factor's first, over all levels of the others; an
    interaction is how that differs between two levels of another factor. All main effects are one family,
    all interactions another.
    """
    rows: list[dict[str, Any]] = []
    for dataset, part in measured.groupby("dataset", sort=False):
        here = factors.loc[list(dict.fromkeys(part["method"]))]
        if not _is_grid(here):
            continue
        cells = {str(name): runs.set_index("seed")["value"] for name, runs in part.groupby("method")}
        for steps in _all_steps(here):
            found = _contrast(here, cells, steps)
            rows.append({"dataset": str(dataset), **_named(steps), "contrast": found})
    judged: list[dict[str, Any]] = []
    for kind in ("main", "interaction"):
        family = [row for row in rows if row["kind"] == kind]
        verdicts = judge([row["contrast"].estimate for row in family], rules=rules)
        for row, verdict in zip(family, verdicts, strict=True):
            one: Contrast = row.pop("contrast")
            judged.append({**row, "design": one.design, "n": one.estimate.n, **verdict})
    return EFFECTS.conform(pd.DataFrame(judged, columns=list(EFFECTS.columns)))


def _varied(factors: pd.DataFrame) -> list[str]:
    return [str(name) for name in factors if len(factors[name].unique()) > 1]


def _is_grid(factors: pd.DataFrame) -> bool:
    varied = _varied(factors)
    sizes = [len(factors[name].unique()) for name in varied]
    return len(varied) > 1 and math.prod(sizes) == len(factors[varied].drop_duplicates()) == len(factors)


def _levels(factors: pd.DataFrame, name: str) -> list[str]:
    """Numbers in order, other levels as they stand in the file."""
    known = [str(level) for level in factors[name].unique()]
    try:
        return sorted(known, key=float)
    except ValueError:
        return known


def _all_steps(factors: pd.DataFrame) -> Iterator[Steps]:
    """Every main effect, then every two-way interaction."""
    steps = {}
    for name in _varied(factors):
        first, *others = _levels(factors, name)
        steps[name] = [(level, first) for level in others]
    for name, own in steps.items():
        for step in own:
            yield {name: step}
    for one, other in itertools.combinations(steps, 2):
        for step, by in itertools.product(steps[one], steps[other]):
            yield {one: step, other: by}


def _contrast(factors: pd.DataFrame, cells: dict[str, pd.Series[float]], steps: Steps) -> Contrast:
    """The product of the steps, averaged over the levels of all other factors."""
    signs = {str(name): math.prod(_sign(row, steps)) for name, row in factors.iterrows()}
    used = {name: sign for name, sign in signs.items() if sign}
    share = 2 ** len(steps) / len(used)
    return of_cells([cells[name] for name in used], [sign * share for sign in used.values()])


def _sign(row: pd.Series[Any], steps: Steps) -> list[int]:
    return [(row[name] == level) - (row[name] == first) for name, (level, first) in steps.items()]


def _named(steps: Steps) -> dict[str, str]:
    (factor, (level, first)), *more = steps.items()
    by, (by_level, by_first) = more[0] if more else ("", ("", ""))
    return {
        "kind": "interaction" if more else "main",
        "factor": factor,
        "level": level,
        "other_level": first,
        "by": by,
        "by_level": by_level,
        "by_other_level": by_first,
    }
