"""Which runs stand at which level of which factor, in which replicate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from study.analysis.statistics.intervals import FloatArray


@dataclass(frozen=True)
class Level:
    """One level of one factor with the runs of one model at it."""

    factor: str
    level: str
    position: int
    is_reference: bool
    runs: pd.DataFrame


def models(results: pd.DataFrame) -> list[str]:
    """Models in alphabetical order, whatever the order of rows."""
    return sorted(results["model"].unique())


def phase(results: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of one phase, in order of model, setting and replicate."""
    chosen = results[results["phase"] == name]
    return chosen.sort_values(["model", "setting", "replicate"], kind="stable").reset_index(drop=True)


def of_models(results: pd.DataFrame, phase_name: str) -> dict[str, pd.DataFrame]:
    """Rows of one phase by model, as ``phase`` orders them."""
    of_phase = phase(results, phase_name)
    return {model: of_phase[of_phase["model"] == model] for model in models(of_phase)}


def factors(levels: pd.DataFrame) -> list[str]:
    """Factors in the order of the table ``levels``."""
    return list(dict.fromkeys(levels["factor"]))


def at_levels(of_model: pd.DataFrame, levels: pd.DataFrame, factor: str) -> Iterator[Level]:
    """The levels of ``factor`` in order of position, each with its runs of one model, perhaps none."""
    rows = levels[levels["factor"] == factor].sort_values("position")
    for row in rows.to_dict("records"):
        runs = of_model[of_model["setting"] == row["setting"]]
        yield Level(factor, str(row["level"]), int(row["position"]), bool(row["is_reference"]), runs)


def against_reference(of_model: pd.DataFrame, levels: pd.DataFrame) -> list[tuple[Level, Level]]:
    """The reference and each other level of every factor, with the explore runs of one model.

    Raises
    ------
    ValueError
        A factor has no reference level.
    """
    pairs = []
    for factor in factors(levels):
        of_factor = list(at_levels(of_model, levels, factor))
        reference = next((level for level in of_factor if level.is_reference), None)
        if reference is None:
            raise ValueError(f"table levels, factor {factor}: expected a reference level, received none")
        pairs += [(reference, level) for level in of_factor if not level.is_reference]
    return pairs


def pair(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of both tables on the replicates they share, in order of ``replicate``.

    Raises
    ------
    ValueError
        A replicate stands twice on one side.
    """
    sides = [side.set_index("replicate", drop=False).sort_index() for side in (first, second)]
    for side in sides:
        if side.index.has_duplicates:
            repeated = int(side.index[side.index.duplicated()][0])
            raise ValueError(
                f"paired runs: expected one run per replicate, received replicate {repeated} twice"
            )
    shared = sides[0].index.intersection(sides[1].index)
    return sides[0].loc[shared], sides[1].loc[shared]


def by_replicate(runs: pd.DataFrame, metric: str) -> pd.Series[float]:
    """``metric`` of one run per replicate, by replicate."""
    return runs.set_index("replicate")[metric].sort_index()


def complete(columns: Sequence[pd.Series[float]]) -> FloatArray:
    """(n, k), the values of the replicates that all k columns have, in their order; (0, 0) of no column."""
    if not columns:
        return np.empty((0, 0))
    return pd.concat(columns, axis=1, join="inner").sort_index().to_numpy(dtype=float)


def values(runs: pd.DataFrame, metric: str = "test_accuracy") -> FloatArray:
    """``metric`` of the runs in their order, (n,)."""
    return runs[metric].to_numpy(dtype=float)
