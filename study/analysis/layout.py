"""Which runs stand at which level of which factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Level:
    """One level of one factor and the runs of one model at it."""

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


def factors(levels: pd.DataFrame) -> list[str]:
    """Factors in the order of the table ``levels``."""
    return list(dict.fromkeys(levels["factor"]))


def at_levels(explore: pd.DataFrame, levels: pd.DataFrame, model: str, factor: str) -> Iterator[Level]:
    """The levels of ``factor`` in order of position, each with the model's runs, perhaps none."""
    of_model = explore[explore["model"] == model]
    rows = levels[levels["factor"] == factor].sort_values("position")
    for row in rows.to_dict("records"):
        runs = of_model[of_model["setting"] == row["setting"]]
        yield Level(factor, str(row["level"]), int(row["position"]), bool(row["is_reference"]), runs)
