"""Models ranked against each other over all replicates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from study.analysis import layout
from study.analysis.omnibus import f_statistic
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.named_rng import generator
from study.analysis.statistics.permutation import within_replicates
from study.tables.definitions import MODELS_OMNIBUS, RANKS

_LEAST_MODELS, _LEAST_REPLICATES = 3, 5


def ranks(results: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Table ``ranks``: confirmed models by mean rank over the replicates that have all of them.

    Friedman's test (corrected for ties) and the critical difference of Nemenyi, q sqrt(k (k + 1) / (6 n)),
    where there are at least three models and five replicates; with fewer the difference cannot be reached
    or says nothing that the pairs do not say better.

    References
    ----------
    Demsar (2006), Statistical comparisons of classifiers over multiple data sets.
    """
    models, values = _confirmed(results)
    n, k = values.shape
    if k == 0:
        return RANKS.conform(pd.DataFrame(columns=list(RANKS.columns)))
    ranked = stats.rankdata(-values, axis=1) if n else np.full((0, k), np.nan)
    statistic, p = friedman(values)
    reason = ""
    if k < _LEAST_MODELS:
        reason = f"a critical difference compares three models or more; there are {k}"
    elif n < _LEAST_REPLICATES:
        reason = f"a critical difference needs at least {_LEAST_REPLICATES} replicates; there are {n}"
    difference = float("nan") if reason else critical_difference(k, n, alpha=alpha)
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
    return RANKS.conform(pd.DataFrame(rows, columns=list(RANKS.columns)))


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
        return MODELS_OMNIBUS.conform(pd.DataFrame(columns=list(MODELS_OMNIBUS.columns)))
    p = within_replicates(values, rng=generator("models", seed=seed))
    row = {"n": n, "k": k, "f": f_statistic(values), "p": p}
    return MODELS_OMNIBUS.conform(pd.DataFrame([row]))


def friedman(values: FloatArray) -> tuple[float, float]:
    """Friedman's statistic and p of ``values`` (n_replicates, n_models); NaN below two replicates or three
    models, or where all ranks are tied."""
    n, k = values.shape
    if n < 2 or k < _LEAST_MODELS or not np.isfinite(values).all() or np.ptp(values, axis=1).max() == 0:
        return float("nan"), float("nan")
    statistic, p = stats.friedmanchisquare(*values.T)
    return float(statistic), float(p)


def critical_difference(k: int, n: int, *, alpha: float) -> float:
    """Nemenyi's: how far the mean ranks of two of ``k`` models over ``n`` replicates must lie apart."""
    quantile = float(stats.studentized_range.ppf(1 - alpha, k, np.inf)) / np.sqrt(2)
    return float(quantile * np.sqrt(k * (k + 1) / (6 * n)))


def _confirmed(results: pd.DataFrame) -> tuple[list[str], FloatArray]:
    confirm = layout.phase(results, "confirm")
    models = layout.models(confirm)
    if not models:
        return [], np.empty((0, 0))
    columns = [confirm[confirm["model"] == model].set_index("replicate")["test_accuracy"] for model in models]
    wide = pd.concat(columns, axis=1, join="inner").sort_index()
    return models, wide.to_numpy(dtype=float)
