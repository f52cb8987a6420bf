"""What the best of so many settings may be expected to show."""

from __future__ import annotations

from typing import Any

import pandas as pd

from study.analysis.factor_levels import of_models
from study.analysis.frames import frame
from study.analysis.selection.candidates import complete_settings
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.subsets import best_of
from study.params import Rules
from study.tables.definitions import EXPECTED_BEST


def expected_best(results: pd.DataFrame, settings: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``expected_best``: what the best of k settings, each run once, may be expected to show.

    In each replicate, the mean over all subsets of k settings of the highest validation accuracy in the
    subset, and of the test accuracy of the setting that has it; exact, from order statistics
    (``subsets.best_of``). Only settings and replicates that are complete count. Ties go to the setting that
    stands first in ``settings``.
    """
    rows: list[dict[str, Any]] = []
    for model, of_model in of_models(results, "explore").items():
        names, valid, test = complete_settings(of_model, settings)
        for k in range(1, len(names) + 1) if len(valid) else ():
            best_valid, best_test = best_of(valid, test, k)
            rows.append(
                {
                    "model": model,
                    "n_settings": k,
                    **mean_interval(best_valid, alpha=rules.alpha).row(),
                    **mean_interval(best_test, alpha=rules.alpha).ends("test_mean", "test_ci"),
                }
            )
    return frame(EXPECTED_BEST, rows)
