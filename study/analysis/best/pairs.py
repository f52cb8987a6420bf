"""The confirmed models against each other."""

from __future__ import annotations

import itertools

import pandas as pd

from study.analysis.correctness import Correctness
from study.analysis.factor_levels import of_models, pair, values
from study.analysis.frames import frame
from study.analysis.statistics.multiplicity import judge, with_max_t
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.paired import compare, correlation
from study.params import Rules
from study.tables.definitions import PAIRS


def compare_models(results: pd.DataFrame, correct: Correctness, *, rules: Rules, seed: int) -> pd.DataFrame:
    """Table ``pairs``: test accuracy of model a minus model b, paired by replicate, in the confirm phase.

    The family is all pairs. Pairs stand in alphabetical order.

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
    rows, replicates = [], []
    for model_a, model_b in itertools.combinations(confirm, 2):
        first, second = pair(confirm[model_a], confirm[model_b])
        paired = compare(
            values(first),
            values(second),
            rules=rules,
            rng=named_rng("pairs", model_a, model_b, seed=seed),
            correct=(correct.of(first["run"]), correct.of(second["run"])),
        )
        together = correlation(values(first), values(second))
        rows.append({"model_a": model_a, "model_b": model_b, **paired, "correlation": together})
        replicates.append(first["replicate"].tolist())
    flips = named_rng("pairs", "max t", seed=seed)
    return frame(PAIRS, judge(with_max_t(rows, replicates, rng=flips), rules=rules))
