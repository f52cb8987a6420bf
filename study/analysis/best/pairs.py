"""The confirmed models against each other."""

from __future__ import annotations

import itertools

import pandas as pd

from study.analysis.correctness import Correctness
from study.analysis.factor_levels import of_models, pair, values
from study.analysis.frames import frame
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.multiplicity import adjust_and_judge
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.paired import compare
from study.params import Rules
from study.tables.definitions import PAIRS


def compare_models(results: pd.DataFrame, correct: Correctness, *, rules: Rules, seed: int) -> pd.DataFrame:
    """Table ``pairs``: test accuracy of model a minus model b, paired by replicate, in the confirm phase.

    The family is all pairs. The simultaneous intervals are t intervals of confidence 1 - alpha / pairs
    (Bonferroni): with at least 1 - alpha all of them hold at once. Pairs stand in alphabetical order.

    Parameters
    ----------
    results
        Table ``results``, one setting a model in the confirm phase; other rows are ignored.
    correct
        Correctness of at least the confirm runs.
    seed
        Of the sign flips that are drawn, above 20 replicates.
    """
    confirm = of_models(results, "confirm")
    names = list(itertools.combinations(confirm, 2))
    rows = []
    for model_a, model_b in names:
        first, second = pair(confirm[model_a], confirm[model_b])
        a, b = values(first), values(second)
        paired = compare(
            a,
            b,
            rules=rules,
            rng=named_rng("pairs", model_a, model_b, seed=seed),
            correct=(correct.of(first["run"]), correct.of(second["run"])),
        )
        wide = mean_interval(a - b, alpha=rules.alpha / len(names))
        simultaneous = {"simultaneous_low": float(wide.low), "simultaneous_high": float(wide.high)}
        rows.append({"model_a": model_a, "model_b": model_b, **paired, **simultaneous})
    return frame(PAIRS, adjust_and_judge(rows, rules=rules))
