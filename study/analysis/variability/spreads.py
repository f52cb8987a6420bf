"""Which of two paired sides varies less over replicates."""

from __future__ import annotations

import itertools
from typing import Any

import pandas as pd

from study.analysis.factor_levels import against_reference, of_models, pair, values
from study.analysis.frames import frame
from study.analysis.statistics.multiplicity import adjusted_rows
from study.analysis.statistics.spreads import compare_spread
from study.params import Rules
from study.tables.definitions import STEADINESS_LEVELS, STEADINESS_MODELS


def spreads_of_models(results: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``steadiness_models``: pairs of confirmed models, corrected over them.

    Parameters
    ----------
    results
        Table ``results``, one setting per model in the confirm phase; other rows are ignored.
    """
    confirm = of_models(results, "confirm")
    rows = [
        {"model": model, "other": other, **_compared(confirm[model], confirm[other], rules)}
        for model, other in itertools.combinations(confirm, 2)
    ]
    return frame(STEADINESS_MODELS, adjusted_rows(rows, "p_pitman_morgan", rules=rules))


def spreads_of_levels(results: pd.DataFrame, levels: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``steadiness_levels``: levels over the reference, explore phase, corrected by model."""
    rows: list[dict[str, Any]] = []
    for model, of_model in of_models(results, "explore").items():
        family = [
            {
                "model": model,
                "factor": level.factor,
                "level": level.level,
                "reference_level": reference.level,
                **_compared(level.runs, reference.runs, rules),
            }
            for reference, level in against_reference(of_model, levels)
        ]
        rows += adjusted_rows(family, "p_pitman_morgan", rules=rules)
    return frame(STEADINESS_LEVELS, rows)


def _compared(first: pd.DataFrame, second: pd.DataFrame, rules: Rules) -> dict[str, float]:
    sides = pair(first, second)
    return compare_spread(values(sides[0]), values(sides[1]), alpha=rules.alpha)
