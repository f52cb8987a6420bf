"""One line of the benchmarks: what was measured, against which goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured number.

    Attributes
    ----------
    name
        What is compared.
    value
        A ratio, above 1 where the study does better, unless ``note`` says what else; None: not measured.
    goal
        The least it should be; None where there is no goal.
    note
        What stands behind the number, with units.
    at_most
        The goal is an upper bound.
    """

    name: str
    value: float | None
    goal: float | None = None
    note: str = ""
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without goal or value."""
        if self.value is None or self.goal is None:
            return None
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    def cells(self) -> tuple[str, str, str, str]:
        """Name, ratio, goal and verdict, as printed."""
        value = "not measured" if self.value is None else number(self.value)
        sign = "<= " if self.at_most else ""
        goal = "" if self.goal is None else f"{sign}{number(self.goal)}"
        return self.name, value, goal, {None: "", True: "met", False: "not met"}[self.met]


def number(value: float) -> str:
    """Three significant digits, without an exponent from 1e-4 to 1e6."""
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
        return f"{value:,.{decimals}f}" if abs(value) >= 0.01 or value == 0 else f"{value:.5f}".rstrip("0")
    return f"{value:.1e}"
