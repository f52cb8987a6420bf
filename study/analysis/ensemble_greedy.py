"""Greedy selection against the best explored run."""

from __future__ import annotations

import numpy as np
import pandas as pd

from study.analysis.ensembles import BASELINE
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.named_rng import generator
from study.analysis.statistics.paired import compare, verdict
from study.tables.definitions import GREEDY

GREEDY_METHOD = "greedy selection"
BEST_RUN = "best explored run"


def greedy(
    greedy_runs: pd.DataFrame, *, alpha: float, margin: float, power: float, seed: int
) -> pd.DataFrame:
    """Table ``greedy``: test accuracies over replicates, and their paired difference.

    Both are chosen on validation within the same replicate of the explore phase.
    """
    if greedy_runs.empty:
        return GREEDY.conform(pd.DataFrame(columns=list(GREEDY.columns)))
    sides = {
        GREEDY_METHOD: greedy_runs["test_accuracy"].to_numpy(dtype=float),
        BEST_RUN: greedy_runs["best_run_test_accuracy"].to_numpy(dtype=float),
    }
    rng = generator("greedy", seed=seed)
    paired = compare(sides[GREEDY_METHOD], sides[BEST_RUN], alpha=alpha, margin=margin, power=power, rng=rng)
    difference = {
        "diff": paired["diff"],
        "diff_ci_low": paired["ci_low"],
        "diff_ci_high": paired["ci_high"],
        **{name: paired[name] for name in ("wins", "p_t", "p_signflip", "p_tost")},
        "verdict": verdict(paired["p_t"], paired["p_tost"], alpha=alpha),
    }
    rows = []
    for method, values in sides.items():
        interval = mean_interval(values, alpha=alpha).row()
        nothing = {**dict.fromkeys(difference, np.nan), "verdict": BASELINE}
        rows.append({"method": method, **interval, **(difference if method == GREEDY_METHOD else nothing)})
    return GREEDY.conform(pd.DataFrame(rows, columns=list(GREEDY.columns)))
