"""The confirmed models against each other."""

from __future__ import annotations

import itertools

import pandas as pd

from study.analysis import layout
from study.analysis.correctness import Correctness
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.named_rng import generator
from study.analysis.statistics.paired import compare, pair, settle
from study.tables.definitions import PAIRS


def compare_models(
    results: pd.DataFrame, correct: Correctness, *, alpha: float, margin: float, power: float, seed: int
) -> pd.DataFrame:
    """Table ``pairs``: test accuracy of model a minus model b, paired by replicate, in the confirm phase.

    Holm's family is all pairs. The simultaneous intervals are t intervals of confidence 1 - alpha / pairs
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
    confirm = layout.phase(results, "confirm")
    names = list(itertools.combinations(layout.models(confirm), 2))
    rows = []
    for model_a, model_b in names:
        first, second = pair(
            confirm[confirm["model"] == model_a],
            confirm[confirm["model"] == model_b],
        )
        a, b = (side["test_accuracy"].to_numpy(dtype=float) for side in (first, second))
        paired = compare(
            a,
            b,
            alpha=alpha,
            margin=margin,
            power=power,
            rng=generator("pairs", model_a, model_b, seed=seed),
            correct=(correct.of(first["run"]), correct.of(second["run"])),
        )
        wide = mean_interval(a - b, alpha=alpha / len(names))
        simultaneous = {"simultaneous_low": float(wide.low), "simultaneous_high": float(wide.high)}
        rows.append({"model_a": model_a, "model_b": model_b, **paired, **simultaneous})
    return PAIRS.conform(pd.DataFrame(settle(rows, alpha=alpha), columns=list(PAIRS.columns)))
