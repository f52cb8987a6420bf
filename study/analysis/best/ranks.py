"""Models ranked against each other over all replicates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from study.analysis.factor_levels import by_replicate, complete, of_models
from study.analysis.frames import frame
from study.analysis.statistics.blocks import critical_difference, f_statistic, friedman
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.permutation import within_replicates
from study.params import Rules
from study.tables.definitions import MODELS_OMNIBUS, RANKS

_LEAST_MODELS, _LEAST_REPLICATES = 3, 5


def ranks(results: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``ranks``: confirmed models by mean rank over the replicates that have all of them.

    Friedman's test and the critical difference of Nemenyi, where there are at least three models and five
    replicates; with fewer the difference cannot be reached or says nothing that the pairs do not say better.
    """
    models, values = _confirmed(results)
    n, k = values.shape
    ranked = stats.rankdata(-values, axis=1) if n else np.full((0, k), np.nan)
    statistic, p = friedman(values)
    reason = ""
    if k < _LEAST_MODELS:
        reason = f"a critical difference compares three models or more; there are {k}"
    elif n < _LEAST_REPLICATES:
        reason = f"a critical difference needs at least {_LEAST_REPLICATES} replicates; there are {n}"
    difference = float("nan") if reason else critical_difference(k, n, alpha=rules.alpha)
    rows = [
        {
            "model": model,
            "n": n,
            "k": k,
            "mean_rank": float(ranked[:, column].mean()) if n else float("nan"),
            "friedman": statistic,
            "p": p,
            "critical_difference": difference,
            "reason": reason,
        }
        for column, model in enumerate(models)
    ]
    return frame(RANKS, rows)


def models_omnibus(results: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Table ``models_omnibus``: within-replicate permutation test over the confirmed models.

    Parameters
    ----------
    seed
        Of the reassignments, where not all are enumerated.
    """
    _, values = _confirmed(results)
    n, k = values.shape
    if k < 2:
        return frame(MODELS_OMNIBUS, [])
    p = within_replicates(values, rng=named_rng("models", seed=seed))
    return frame(MODELS_OMNIBUS, [{"n": n, "k": k, "f": f_statistic(values), "p": p}])


def _confirmed(results: pd.DataFrame) -> tuple[list[str], FloatArray]:
    confirm = of_models(results, "confirm")
    return list(confirm), complete([by_replicate(runs, "test_accuracy") for runs in confirm.values()])
