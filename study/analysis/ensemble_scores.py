"""Every score of each ensemble, beside that of the best single model and after temperature scaling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from study.analysis.ensembles import SINGLE
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.named_rng import generator
from study.analysis.statistics.paired import compare
from study.tables.definitions import CALIBRATION, ENSEMBLE_SCORES

METRICS = ("accuracy", "log_loss", "calibration_error")
_LESS_IS_BETTER = ("log_loss", "calibration_error")


def ensemble_scores(
    ensemble_runs: pd.DataFrame, *, alpha: float, margin: float, power: float, seed: int
) -> pd.DataFrame:
    """Table ``ensemble_scores``: t intervals over replicates, differences paired by replicate.

    A score that is missing in one replicate, as all but accuracy are of hard voting, has no row.

    Raises
    ------
    ValueError
        Method ``single`` is missing.
    """
    by_method = {
        str(method): rows.set_index("replicate").sort_index()
        for method, rows in ensemble_runs.groupby("method", sort=True)
    }
    if SINGLE not in by_method:
        raise ValueError(f"table ensemble_runs: expected the method single, received {sorted(by_method)}")
    rows = []
    for method, of_method in by_method.items():
        for metric in METRICS:
            both = pd.concat(
                [of_method[f"test_{metric}"], by_method[SINGLE][f"test_{metric}"]], axis=1, join="inner"
            ).to_numpy(dtype=float)
            if not len(both) or np.isnan(both).any():
                continue
            row = {"method": method, "metric": metric, **mean_interval(both[:, 0], alpha=alpha).row()}
            if method == SINGLE:
                rows.append({**row, **dict.fromkeys(_DIFFERENCE, np.nan)})
                continue
            rng = generator("ensemble scores", method, metric, seed=seed)
            paired = compare(both[:, 0], both[:, 1], alpha=alpha, margin=margin, power=power, rng=rng)
            if metric in _LESS_IS_BETTER:
                ends = 1 - paired["wins_ci_high"], 1 - paired["wins_ci_low"]
                paired |= {
                    "wins": 1 - paired["wins"],
                    "wins_ci_low": ends[0],
                    "wins_ci_high": ends[1],
                }
            rows.append({**row, **{to: paired[source] for to, source in _DIFFERENCE.items()}})
    return ENSEMBLE_SCORES.conform(pd.DataFrame(rows, columns=list(ENSEMBLE_SCORES.columns)))


_DIFFERENCE = {
    "diff": "diff",
    "diff_ci_low": "ci_low",
    "diff_ci_high": "ci_high",
    "wins": "wins",
    "wins_ci_low": "wins_ci_low",
    "wins_ci_high": "wins_ci_high",
}


def calibration(temperatures: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Table ``calibration``: means over the replicates of table ``temperatures``, and paired differences."""
    rows = []
    for method, of_method in temperatures.groupby("method", sort=True):
        for metric in _LESS_IS_BETTER:
            before = of_method[f"test_{metric}"].to_numpy(dtype=float)
            after = of_method[f"scaled_{metric}"].to_numpy(dtype=float)
            row: dict[str, Any] = {
                "method": method,
                "metric": metric,
                "n": len(before),
                "temperature": float(of_method["temperature"].mean()),
            }
            for name, values in (("before", before), ("after", after), ("diff", after - before)):
                _, mean, _, low, high = mean_interval(values, alpha=alpha)
                row |= {name: float(mean), f"{name}_ci_low": float(low), f"{name}_ci_high": float(high)}
            rows.append(row)
    return CALIBRATION.conform(pd.DataFrame(rows, columns=list(CALIBRATION.columns)))
