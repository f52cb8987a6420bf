"""Every score of each ensemble, beside that of the best single model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from study.analysis.ensembles.baseline import SINGLE, by_method, difference
from study.analysis.factor_levels import by_replicate, complete
from study.analysis.frames import frame
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.paired import compare
from study.params import Rules
from study.tables.definitions import ENSEMBLE_SCORES

METRICS = ("accuracy", "log_loss", "calibration_error")
_LOWER_IS_BETTER = ("log_loss", "calibration_error")
_COMPARED = ("diff", "ci_low", "ci_high", "wins", "wins_ci_low", "wins_ci_high")


def ensemble_scores(ensemble_runs: pd.DataFrame, *, rules: Rules, seed: int) -> pd.DataFrame:
    """Table ``ensemble_scores``: t intervals over replicates, differences paired by replicate.

    A score that is missing in one replicate, as all but accuracy are of hard voting, has no row.

    Raises
    ------
    ValueError
        Method ``single`` is missing.
    """
    runs = by_method(ensemble_runs)
    rows = []
    for method, of_method in runs.items():
        for metric in METRICS:
            both = complete([by_replicate(side, f"test_{metric}") for side in (of_method, runs[SINGLE])])
            if not len(both) or np.isnan(both).any():
                continue
            paired = None
            if method != SINGLE:
                rng = named_rng("ensemble scores", method, metric, seed=seed)
                paired = compare(both[:, 0], both[:, 1], rules=rules, rng=rng)
                if metric in _LOWER_IS_BETTER:
                    low, high = 1 - paired["wins_ci_high"], 1 - paired["wins_ci_low"]
                    paired |= {"wins": 1 - paired["wins"], "wins_ci_low": low, "wins_ci_high": high}
            rows.append(
                {
                    "method": method,
                    "metric": metric,
                    **mean_interval(both[:, 0], alpha=rules.alpha).row(),
                    **difference(paired, _COMPARED),
                }
            )
    return frame(ENSEMBLE_SCORES, rows)
