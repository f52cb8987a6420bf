"""What ensembles are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

SINGLE = "single"
"""The method that takes the best single model alone."""
BASELINE = "baseline"
"""Verdict of a row with which the others are compared."""

_INTERVALS = ("ci_low", "ci_high", "image_ci_low", "image_ci_high", "simultaneous_low", "simultaneous_high")


def by_method(ensemble_runs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows of table ``ensemble_runs`` by method, in the alphabet's order, each in order of replicate.

    Raises
    ------
    ValueError
        Method ``single`` is missing.
    """
    runs = {
        str(method): rows.sort_values("replicate").reset_index(drop=True)
        for method, rows in ensemble_runs.groupby("method", sort=True)
    }
    if SINGLE not in runs:
        raise ValueError(f"table ensemble_runs: expected the method single, received {sorted(runs)}")
    return runs


def difference(paired: Mapping[str, Any] | None, columns: Iterable[str]) -> dict[str, Any]:
    """The ``columns`` of a table that hold a paired comparison, its intervals named diff_ci_low and so on.

    Without a comparison they are missing, and the verdict is ``baseline``.
    """
    taken = {f"diff_{name}" if name in _INTERVALS else name: name for name in columns}
    if paired is None:
        return {to: BASELINE if name.endswith("verdict") else float("nan") for to, name in taken.items()}
    return {to: paired[name] for to, name in taken.items()}
