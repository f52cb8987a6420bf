"""The runs of each method on one data set."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from study.analysis.statistics.intervals import FloatArray


def datasets(measured: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each data set with its values: rows are seeds, columns methods, in the order of the table.

    A seed that a method lacks has no value there, as a run that diverged.
    """
    for name, part in measured.groupby("dataset", sort=False):
        values = part.pivot_table(
            index="seed", columns="method", values="value", dropna=False, sort=False, aggfunc="first"
        )
        yield str(name), values


def finite(values: pd.Series[float]) -> FloatArray:
    """The values of the runs that ended with a number."""
    found = np.asarray(values, dtype=np.float64)
    return found[np.isfinite(found)]


def best_first(means: pd.Series[float], *, lower_is_better: bool) -> list[str]:
    """Methods by their mean, the best first; those without one at the end."""
    ordered = means.sort_values(ascending=lower_is_better, kind="stable", na_position="last")
    return [str(name) for name in ordered.index]


def pairs(names: list[str], reference: str) -> list[tuple[str, str]]:
    """Every pair in order, or each other method with the reference where one is named and there."""
    if reference:
        return [(name, reference) for name in names if name != reference and reference in names]
    return [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]


def share_better(differences: FloatArray, *, lower_is_better: bool) -> float:
    """The share of ``differences`` (n,) in which the first side is better, a tie being half; NaN of none."""
    if not len(differences):
        return float("nan")
    turned = -differences if lower_is_better else differences
    return float(np.mean((turned > 0) + 0.5 * (turned == 0)))
