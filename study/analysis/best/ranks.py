"""Models ranked against each other over all replicates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from study.analysis.factor_levels import by_replicate, complete, of_models
from study.analysis.frames import frame
from study.analysis.statistics.blocks import f_statistic, level_effects
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.permutation import signflip_vectors
from study.tables.definitions import MODELS_OMNIBUS, RANKS


def ranks(results: pd.DataFrame) -> pd.DataFrame:
    """Table ``ranks``: confirmed models by mean rank over the replicates that have all of them.

    A description of these images: whether two models differ is for the pairs to say.
    """
    models, values = _confirmed(results)
    n, k = values.shape
    ranked = stats.rankdata(-values, axis=1) if n else np.full((0, k), np.nan)
    rows = [
        {"model": model, "n": n, "k": k, "mean_rank": float(ranked[:, column].mean()) if n else np.nan}
        for column, model in enumerate(models)
    ]
    return frame(RANKS, rows)


def models_omnibus(results: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Table ``models_omnibus``: sign-flip test over the confirmed models, see ``factors.omnibus``.

    Parameters
    ----------
    seed
        Of the flips, above 20 replicates.
    """
    _, values = _confirmed(results)
    n, k = values.shape
    if k < 2:
        return frame(MODELS_OMNIBUS, [])
    p = signflip_vectors(level_effects(values), rng=named_rng("models", seed=seed))
    return frame(MODELS_OMNIBUS, [{"n": n, "k": k, "f": f_statistic(values), "p": p}])


def _confirmed(results: pd.DataFrame) -> tuple[list[str], FloatArray]:
    confirm = of_models(results, "confirm")
    return list(confirm), complete([by_replicate(runs, "test_accuracy") for runs in confirm.values()])
