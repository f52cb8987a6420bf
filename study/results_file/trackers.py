"""Tables of Weights & Biases and of ``dvc exp show --csv``: one row per run."""

from __future__ import annotations

import pandas as pd

_DVC = ("Experiment", "rev", "typ", "Created", "parent", "Executor")
_WANDB = ("ID", "Name", "Notes", "User", "Tags", "Created", "Runtime", "Sweep", "Updated", "End Time",
          "Hostname", "Commit", "GPU Type", "GPU Count", "_runtime", "_timestamp", "_step")  # fmt: skip


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that are runs, without what the tracker notes beside them; any other table as it is."""
    if {"Experiment", "rev", "typ"} <= set(frame):
        is_experiment = frame["typ"].astype(str).str.startswith("branch")
        return _without(frame[is_experiment] if is_experiment.any() else frame, _DVC)
    if {"Name", "State"} <= set(frame):
        return _without(frame, _WANDB)
    return frame


def _without(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    return frame.drop(columns=[name for name in columns if name in frame]).reset_index(drop=True)
