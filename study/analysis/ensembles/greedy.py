"""Greedy selection against the best explored run."""

from __future__ import annotations

import pandas as pd

from study.analysis.ensembles.baseline import difference
from study.analysis.factor_levels import values
from study.analysis.frames import frame
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.multiplicity import judge
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.paired import compare
from study.params import Rules
from study.tables.definitions import GREEDY

GREEDY_METHOD = "greedy selection"
BEST_RUN = "best explored run"
_COMPARED = ("diff", "ci_low", "ci_high", "wins", "p_t", "p_signflip", "p_tost", "mde", "verdict")


def greedy(greedy_runs: pd.DataFrame, *, rules: Rules, seed: int) -> pd.DataFrame:
    """Table ``greedy``: test accuracies over replicates, and their paired difference.

    Both are chosen on validation within the same replicate of the explore phase. The verdict is over seeds
    alone.
    """
    if greedy_runs.empty:
        return frame(GREEDY, [])
    picked, best = (values(greedy_runs, name) for name in ("test_accuracy", "best_run_test_accuracy"))
    paired = compare(picked, best, rules=rules, rng=named_rng("greedy", seed=seed))
    judged = judge([paired], rules=rules)[0]
    return frame(
        GREEDY,
        (
            {
                "method": method,
                **mean_interval(side, alpha=rules.alpha).row(),
                **difference(compared, _COMPARED),
            }
            for method, side, compared in ((GREEDY_METHOD, picked, judged), (BEST_RUN, best, None))
        ),
    )
