"""Whether a factor matters at all, over all its levels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from study.analysis import factor_levels
from study.analysis.frames import frame
from study.analysis.statistics.blocks import f_statistic, level_effects, slopes
from study.analysis.statistics.estimates import of_replicates
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.multiplicity import adjusted_rows
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.permutation import signflip_vectors
from study.params import Rules
from study.tables.definitions import OMNIBUS


def omnibus(results: pd.DataFrame, levels: pd.DataFrame, *, rules: Rules, seed: int) -> pd.DataFrame:
    """Table ``omnibus``: per model and factor of two levels or more, on test accuracy of the explore phase.

    F of the layout of replicates and levels over the replicates that have every level, a description; p from
    flipping the signs of whole replicates (``permutation.signflip_vectors``), which holds where the levels
    differ in spread, corrected over one model's factors. For
    an ordered factor also ``trend``, the mean slope of accuracy per step of ``position``, with the p of a t
    test of the replicates' slopes, not corrected; missing for the others.

    Parameters
    ----------
    seed
        Of the flips, above 20 replicates.
    """
    rows: list[dict[str, Any]] = []
    for model, of_model in factor_levels.of_models(results, "explore").items():
        family = []
        for factor in factor_levels.factors(levels):
            of_factor = list(factor_levels.at_levels(of_model, levels, factor))
            if len(of_factor) < 2:
                continue
            columns = [factor_levels.by_replicate(level.runs, "test_accuracy") for level in of_factor]
            values = factor_levels.complete(columns)
            rng = named_rng("omnibus", model, factor, seed=seed)
            row = {
                "model": model,
                "factor": factor,
                "n": len(values),
                "k": len(of_factor),
                "f": f_statistic(values),
                "p": signflip_vectors(level_effects(values), rng=rng),
            }
            positions = np.array([level.position for level in of_factor], dtype=float)
            family.append({**row, **_trend(values, positions, factor in rules.ordered_factors)})
        rows += adjusted_rows(family, "p", rules=rules)
    return frame(OMNIBUS, rows)


def _trend(values: FloatArray, positions: FloatArray, ordered: bool) -> dict[str, float]:
    if not ordered or len(values) == 0:
        return {"trend": float("nan"), "p_trend": float("nan")}
    slope = of_replicates(np.round(slopes(values, positions), 12))
    return {"trend": slope.mean, "p_trend": slope.p_zero}
