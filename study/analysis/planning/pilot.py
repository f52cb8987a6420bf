"""How comparisons of a recorded study vary, from which the next one is planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from study.analysis.correctness import Correctness
from study.analysis.planning.needs import Spread
from study.analysis.statistics.crossed import CrossedParts, crossed_difference_parts
from study.analysis.variability.seeds_needed import compared

ACCURACY = "test_accuracy"
PAIRS = "pairs of backbones"


@dataclass(frozen=True)
class Pilot:
    """One family of comparisons.

    Attributes
    ----------
    name
        A backbone, whose levels are compared with the reference, or ``PAIRS``.
    family
        How many comparisons are corrected together.
    spreads
        Of each comparison that has one.
    """

    name: str
    family: int
    spreads: tuple[Spread, ...]

    def typical(self, share: float) -> Spread:
        """The quantile ``share`` of each variance over the comparisons."""
        return Spread(*(float(one) for one in np.quantile(np.array(self.spreads), share, axis=0)))


def from_predictions(results: pd.DataFrame, levels: pd.DataFrame, correct: Correctness) -> list[Pilot]:
    """The families of a study whose predictions are there: levels of each backbone, pairs of backbones.

    Parameters
    ----------
    results, levels
        Tables of these names.
    correct
        Of all runs, on the test split.
    """
    pairs: list[Spread] = []
    found = []
    for kind, name, family, sides in compared(results, levels):
        parts = [crossed_difference_parts(*(correct.of(side["run"]) for side in both)) for both in sides]
        spreads = [Spread.of(one) for one in parts if not np.isnan(one.variance)]
        if kind == "models":
            pairs += spreads
        else:
            found.append(Pilot(name, family, tuple(spreads)))
    return _known([*found, Pilot(PAIRS, len(pairs), tuple(pairs))])


def from_tables(
    comparisons: pd.DataFrame, pairs: pd.DataFrame, n_images: int, *, alpha: float
) -> list[Pilot]:
    """The same from the intervals of tables ``comparisons`` and ``pairs`` alone.

    The interval over seeds gives the variance between replicates; that over seeds and images, how much the
    images add. What an image does from replicate to replicate does not stand in the tables: it counts as the
    replicates', as if more images could not lessen it.

    Parameters
    ----------
    alpha
        The intervals have confidence 1 - alpha.
    """
    of_test = comparisons[comparisons["metric"] == ACCURACY]
    found = [
        Pilot(str(model), len(rows), _spreads(rows.to_dict("records"), n_images, alpha))
        for model, rows in of_test.groupby("model", sort=True)
    ]
    rows = pairs.to_dict("records")
    return _known([*found, Pilot(PAIRS, len(rows), _spreads(rows, n_images, alpha))])


def _known(found: list[Pilot]) -> list[Pilot]:
    return [one for one in found if one.spreads]


def _spreads(rows: Iterable[dict[Any, Any]], n_images: int, alpha: float) -> tuple[Spread, ...]:
    each = [_from_intervals(row, n_images, alpha) for row in rows]
    return tuple(one for one in each if not np.isnan(one).any())


def _from_intervals(row: dict[Any, Any], m: int, alpha: float) -> Spread:
    n = int(row["n"])
    if n < 2 or np.isnan(row["ci_low"]):
        return Spread(np.nan, np.nan, np.nan)
    runs = ((row["ci_high"] - row["ci_low"]) / 2 / stats.t.ppf(1 - alpha / 2, n - 1)) ** 2
    half = (row["image_ci_high"] - row["image_ci_low"]) / 2

    def excess(images: float) -> float:
        low, high = CrossedParts(0.0, runs, images, 0.0, n, m).estimate.interval(alpha=alpha)
        return float((high - low) / 2 - half)

    if np.isnan(half):
        return Spread(np.nan, np.nan, np.nan)
    largest = (half / stats.norm.ppf(1 - alpha / 2)) ** 2
    images = optimize.brentq(excess, 0.0, largest) if runs > 0 and excess(0.0) < 0 < excess(largest) else 0.0
    return Spread(n * runs, m * (largest if runs == 0 else images), 0.0)
