"""Each level of each factor against the reference."""

from __future__ import annotations

from typing import Any

import pandas as pd

from study.analysis import layout
from study.analysis.correctness import Correctness
from study.analysis.statistics.named_rng import generator
from study.analysis.statistics.paired import compare, pair, settle
from study.tables.definitions import COMPARISONS

METRICS = ("test_accuracy", "valid_accuracy", "train_accuracy")


def compare_levels(
    results: pd.DataFrame,
    levels: pd.DataFrame,
    correct: Correctness,
    *,
    alpha: float,
    margin: float,
    power: float,
    seed: int,
) -> pd.DataFrame:
    """Table ``comparisons``: level minus reference, paired by replicate, in the explore phase.

    Holm's family is all non-reference levels of one model on one metric. A replicate that one side lacks is
    left out of that comparison alone, and n says so; a diverged run stays with its final accuracy. The
    interval over new images is that of test accuracy and is missing for the others.

    Parameters
    ----------
    results, levels
        Tables ``results`` and ``levels``; rows of other phases are ignored.
    correct
        Correctness of at least the explore runs.
    seed
        Of the sign flips that are drawn, above 20 replicates.
    """
    explore = layout.phase(results, "explore")
    rows: list[dict[str, Any]] = []
    for metric in METRICS:
        for model in layout.models(explore):
            family = []
            for reference, level in against_reference(explore, levels, model):
                second, first = pair(reference.runs, level.runs)
                sides = (correct.of(first["run"]), correct.of(second["run"]))
                paired = compare(
                    first[metric].to_numpy(dtype=float),
                    second[metric].to_numpy(dtype=float),
                    alpha=alpha,
                    margin=margin,
                    power=power,
                    rng=generator(model, level.factor, level.level, metric, seed=seed),
                    correct=sides if metric == "test_accuracy" else None,
                )
                name = {"model": model, "factor": level.factor, "level": level.level}
                family.append({**name, "reference_level": reference.level, "metric": metric, **paired})
            rows += settle(family, alpha=alpha)
    return COMPARISONS.conform(pd.DataFrame(rows, columns=list(COMPARISONS.columns)))


def against_reference(
    explore: pd.DataFrame, levels: pd.DataFrame, model: str
) -> list[tuple[layout.Level, layout.Level]]:
    """The reference and each other level of every factor, with the model's runs.

    Raises
    ------
    ValueError
        A factor has no reference level.
    """
    pairs = []
    for factor in layout.factors(levels):
        of_factor = list(layout.at_levels(explore, levels, model, factor))
        reference = next((level for level in of_factor if level.is_reference), None)
        if reference is None:
            raise ValueError(f"table levels, factor {factor}: expected a reference level, received none")
        pairs += [(reference, level) for level in of_factor if not level.is_reference]
    return pairs
