"""The tables of a study of this project: the confirmed runs of its backbones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

_RESULTS = "results.csv"
_SEED = "replicate"


def folder(path: Path) -> Path | None:
    """Where the tables stand: ``path``, or ``reports/tables`` or ``tables`` in it; None where they do not."""
    for one in (path, path / "tables", path / "reports" / "tables"):
        if (one / _RESULTS).is_file() and (one / "settings.csv").is_file():
            return one
    return None


def read(path: Path) -> pd.DataFrame:
    """A row for each confirmed run: model, replicate, status and the accuracies.

    Where nothing was confirmed, the explored runs at the reference setting.
    """
    rows = pd.read_csv(path / _RESULTS)
    confirmed = rows[rows["phase"] == "confirm"]
    explored = rows[(rows["phase"] == "explore") & (rows["setting"] == "reference")]
    chosen = confirmed if len(confirmed) else explored
    names = ["model", _SEED, "status", "train_accuracy", "valid_accuracy", "test_accuracy"]
    return chosen[names].reset_index(drop=True)
