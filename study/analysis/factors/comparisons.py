"""Each level of each factor against the reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from study.analysis.correctness import Correctness
from study.analysis.factor_levels import against_reference, of_models, pair, values
from study.analysis.frames import frame
from study.analysis.statistics.looks import at_look
from study.analysis.statistics.multiplicity import judge, with_max_t
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.paired import compare
from study.params import Rules
from study.tables.definitions import COMPARISONS

METRICS = ("test_accuracy", "valid_accuracy", "train_accuracy")


def compare_levels(
    results: pd.DataFrame,
    levels: pd.DataFrame,
    correct: Mapping[str, Correctness],
    *,
    rules: Rules,
    seed: int,
) -> pd.DataFrame:
    """Table ``comparisons``: level minus reference, paired by replicate, in the explore phase.

    The family is all non-reference levels of one model on one metric. A replicate that one side lacks is
    left out of that comparison alone, and n says so; a diverged run stays with its final accuracy. Test and
    validation accuracy are judged over seeds and images, training accuracy over seeds alone. Where the phase
    was looked at while it ran, intervals and verdicts hold over all looks.

    Parameters
    ----------
    results, levels
        Tables ``results`` and ``levels``; rows of other phases are ignored.
    correct
        Correctness of at least the explore runs, by metric.
    seed
        Of the sign flips that are drawn, above 20 replicates.
    """
    explore = of_models(results, "explore")
    rows: list[dict[str, Any]] = []
    for metric in METRICS:
        for model, of_model in explore.items():
            family, replicates = [], []
            for reference, level in against_reference(of_model, levels):
                second, first = pair(reference.runs, level.runs)
                of = correct.get(metric)
                paired = compare(
                    values(first, metric),
                    values(second, metric),
                    rules=at_look(rules, len(first)),
                    rng=named_rng(model, level.factor, level.level, metric, seed=seed),
                    correct=(of.of(first["run"]), of.of(second["run"])) if of else None,
                )
                name = {"model": model, "factor": level.factor, "level": level.level}
                family.append({**name, "reference_level": reference.level, "metric": metric, **paired})
                replicates.append(first["replicate"].tolist())
            flips = named_rng("max t", model, metric, seed=seed)
            rows += judge(with_max_t(family, replicates, rng=flips), rules=rules, looks=rules.looks)
    return frame(COMPARISONS, rows)
