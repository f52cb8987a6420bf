"""Which setting of each model is confirmed, chosen on validation accuracy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from study.analysis import factor_levels
from study.analysis.frames import frame
from study.analysis.selection.candidates import candidates
from study.params import Rules
from study.tables.definitions import SELECTION


def select(results: pd.DataFrame, settings: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``selection``: each model's best setting over its explore replicates.

    Rule ``mean`` takes the highest mean validation accuracy, ``lower_bound`` the highest lower end of its t
    interval, which a setting of one run does not have: such a setting stands behind those that have one, by
    its mean. A tie goes to the setting that stands first in ``settings``, where the reference is the first.
    A diverged run counts with its final accuracy, so a setting that has one is chosen only if its mean is
    the best with it. ``runner_up`` is empty where there is one setting.

    Raises
    ------
    ValueError
        A model has no run of any setting.
    """
    explore = factor_levels.phase(results, "explore")
    rows = []
    for model in factor_levels.models(results):
        found = candidates(explore[explore["model"] == model], settings, rules=rules)
        ranked = sorted(found, key=lambda candidate: candidate.order(rules.selection_rule))
        if not ranked:
            raise ValueError(
                f"selection of {model}: expected explore runs of a setting in the table, received none"
            )
        first, second = ranked[0], ranked[1] if len(ranked) > 1 else None
        rows.append(
            {
                "model": model,
                "setting": first.setting,
                "n": first.interval.n,
                "valid_mean": float(first.interval.mean),
                "valid_sd": float(first.interval.sd),
                "runner_up": second.setting if second else "",
                "runner_up_valid_mean": float(second.interval.mean) if second else np.nan,
                "n_settings": len(ranked),
            }
        )
    return frame(SELECTION, rows)


def best_model(selection: pd.DataFrame) -> str:
    """The model with the highest ``valid_mean`` in table ``selection``; the first of the alphabet on a tie.

    Raises
    ------
    ValueError
        The table is empty.
    """
    if selection.empty:
        raise ValueError("table selection: expected at least one model, received none")
    ordered = selection.sort_values(["valid_mean", "model"], ascending=[False, True], kind="stable")
    return str(ordered["model"].iloc[0])
