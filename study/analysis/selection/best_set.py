"""The settings that may be the best."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from study.analysis.correctness import Correctness
from study.analysis.factor_levels import of_models, values
from study.analysis.frames import frame
from study.analysis.statistics.crossed import crossed_difference_parts
from study.analysis.statistics.estimates import Estimate
from study.analysis.statistics.with_the_best import with_the_best
from study.params import Rules
from study.tables.definitions import BEST_SET


def best_set(
    results: pd.DataFrame,
    settings: pd.DataFrame,
    selection: pd.DataFrame,
    valid: Correctness,
    test: Correctness,
    *,
    rules: Rules,
) -> pd.DataFrame:
    """Table ``best_set``: whether a setting may have the highest validation accuracy of its model.

    Explore phase, over new seeds and new images, the replicates being those that have every setting with a
    run; multiple comparisons with the best (``statistics.with_the_best``) over the settings of one model. A
    model of one setting has no row. ``test_diff``: the setting minus the selected one in test accuracy, whose
    images had no part in the choice; its interval is over seeds and images and of each setting alone.

    Parameters
    ----------
    valid, test
        Correctness of at least the explore runs on each split.
    """
    chosen = dict(zip(selection["model"], selection["setting"], strict=True))
    rows: list[dict[str, Any]] = []
    for model, of_model in of_models(results, "explore").items():
        runs = _shared(of_model, settings)
        if len(runs) < 2:
            continue
        right = [valid.of(one["run"]) for one in runs.values()]
        found = with_the_best([[_difference(a, b) for b in right] for a in right], alpha=rules.alpha)
        selected = runs.get(chosen.get(model, ""))
        for place, (name, one) in enumerate(runs.items()):
            rows.append(
                {
                    "model": model,
                    "setting": name,
                    "n": len(one),
                    "in_set": int(found.in_set[place]),
                    "valid_mean": float(values(one, "valid_accuracy").mean()) if len(one) else np.nan,
                    "diff": found.diff[place],
                    "simultaneous_low": _finite(found.low[place]),
                    "simultaneous_high": _finite(found.high[place]),
                    **_on_test(one, selected, test, alpha=rules.alpha),
                }
            )
    return frame(BEST_SET, rows)


def _shared(of_model: pd.DataFrame, settings: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The runs of each setting that has any, in the replicates that all have, in order of replicate."""
    runs = {name: of_model[of_model["setting"] == name] for name in settings["setting"]}
    runs = {name: one.set_index("replicate", drop=False) for name, one in runs.items() if len(one)}
    shared = set.intersection(*(set(one.index) for one in runs.values())) if runs else set()
    return {name: one.loc[sorted(shared)] for name, one in runs.items()}


def _difference(first: np.ndarray, second: np.ndarray) -> Estimate:
    return crossed_difference_parts(first, second).estimate


def _on_test(
    one: pd.DataFrame, selected: pd.DataFrame | None, test: Correctness, *, alpha: float
) -> dict[str, float]:
    found = Estimate(float("nan"), float("nan"), float("nan"), 0)
    if selected is not None and selected is not one:
        found = _difference(test.of(one["run"]), test.of(selected["run"]))
    low, high = found.interval(alpha=alpha)
    return {"test_diff": found.mean, "test_diff_ci_low": low, "test_diff_ci_high": high}


def _finite(value: float) -> float:
    return float(value) if np.isfinite(value) else float("nan")
