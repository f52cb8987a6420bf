"""What was fixed before the data were seen, as the report has to say it again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from study.report import numbers


@dataclass(frozen=True)
class Conventions:
    """Fixed choices of the study.

    Attributes
    ----------
    alpha
        Level of the tests; intervals have the level ``1 - alpha``.
    margin
        Largest difference, as a fraction of accuracy, that counts as none.
    power
        Probability of seeing the minimal detectable effect.
    backbones
        In the order of params.yaml.
    ordered_factors
        Factors tested for a trend.
    headline_seeds
        Replicates below which a headline mean is marked.
    """

    alpha: float
    margin: float
    power: float
    seeds: int
    confirm_seeds: int
    epochs: int
    backbones: tuple[str, ...]
    ordered_factors: tuple[str, ...]
    headline_seeds: int

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Conventions:
        """Pick them from the parameters of the study."""
        analysis = parameters["analysis"]
        return cls(
            alpha=analysis["alpha"],
            margin=analysis["equivalence_margin"],
            power=analysis["power"],
            seeds=parameters["seeds"],
            confirm_seeds=parameters["confirm_seeds"],
            epochs=parameters["epochs"],
            backbones=tuple(parameters["backbones"]),
            ordered_factors=tuple(analysis["ordered_factors"]),
            headline_seeds=analysis["headline_seeds"],
        )

    @property
    def level(self) -> str:
        """Level of the intervals: ``95 %``."""
        return numbers.confidence(self.alpha)

    @property
    def margin_points(self) -> str:
        """The margin: ``0.5 points``."""
        return f"{numbers.compact(100 * self.margin)} points"

    @property
    def power_percent(self) -> str:
        """Power: ``80 %``."""
        return f"{numbers.compact(100 * self.power)}{numbers.PERCENT}"

    @property
    def interval_of_seeds(self) -> str:
        """What an interval bar is, for captions."""
        return (
            f"{self.level} t interval of the mean over replicates: it covers new seeds on these same "
            "test images"
        )


MARK = "*"
"""Beside an n that is below ``headline_seeds``."""


def replicates(n: int) -> str:
    """``one replicate`` or ``10 replicates``."""
    return "one replicate" if n == 1 else f"{numbers.count(n)} replicates"


def n_of(rows: pd.DataFrame) -> str:
    """``n = 10 replicates`` of rows that have a column n, or the range of n where it is not the same."""
    known = [int(n) for n in rows["n"]]
    if not known:
        return "n = 0 replicates"
    low, high = min(known), max(known)
    if low == high:
        return f"n = {low} {'replicate' if low == 1 else 'replicates'}"
    return f"n = {low} to {high} replicates"
