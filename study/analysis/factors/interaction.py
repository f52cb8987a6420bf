"""Whether a factor does the same to every model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from study.analysis import factor_levels
from study.analysis.frames import frame
from study.analysis.statistics.blocks import interaction_effects, interaction_f
from study.analysis.statistics.multiplicity import adjusted_rows
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.permutation import signflip_vectors
from study.params import Rules
from study.tables.definitions import INTERACTION


def interaction(results: pd.DataFrame, levels: pd.DataFrame, *, rules: Rules, seed: int) -> pd.DataFrame:
    """Table ``interaction``: per factor, on test accuracy of the explore phase, corrected over the factors.

    In each replicate the models x levels table loses its row and column means; what is left is the
    interaction. Its mean over replicates is tested by flipping the sign of whole replicates. Replicates that
    lack a model or level are left out, and n says so.

    Parameters
    ----------
    seed
        Of the flips, above 20 replicates.
    """
    explore = factor_levels.of_models(results, "explore")
    models = list(explore)
    rows: list[dict[str, Any]] = []
    for factor in factor_levels.factors(levels):
        at = [
            level
            for of_model in explore.values()
            for level in factor_levels.at_levels(of_model, levels, factor)
        ]
        names = [level.level for level in at[: len(at) // max(len(models), 1)]]
        if len(models) < 2 or len(names) < 2:
            continue
        columns = [factor_levels.by_replicate(level.runs, "test_accuracy") for level in at]
        wide = factor_levels.complete(columns)
        effects = interaction_effects(wide.reshape(len(wide), len(models), len(names)))
        mean = effects.mean(axis=0) if len(effects) else np.full(effects.shape[1:], np.nan)
        row, column = np.unravel_index(int(np.abs(np.nan_to_num(mean)).argmax()), mean.shape)
        rows.append(
            {
                "factor": factor,
                "n": len(effects),
                "n_models": len(models),
                "n_levels": len(names),
                "f": interaction_f(effects),
                "p": signflip_vectors(effects, rng=named_rng("interaction", factor, seed=seed)),
                "largest_model": models[int(row)],
                "largest_level": names[int(column)],
                "largest": float(mean[row, column]),
            }
        )
    return frame(INTERACTION, adjusted_rows(rows, "p", rules=rules))
