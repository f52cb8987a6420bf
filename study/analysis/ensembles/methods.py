"""Each ensemble against the best single model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from study.analysis.ensembles.baseline import SINGLE, by_method, difference
from study.analysis.factor_levels import pair, values
from study.analysis.frames import frame
from study.analysis.statistics.crossed import BoolMatrix, crossed_interval
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.multiplicity import judge
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.paired import compare
from study.params import Rules
from study.tables.definitions import ENSEMBLES

COMPARED = (
    "diff",
    "ci_low",
    "ci_high",
    "image_ci_low",
    "image_ci_high",
    "simultaneous_low",
    "simultaneous_high",
    "wins",
    "p_t",
    "p_signflip",
    "p_images",
    "p_holm",
    "p_tost",
    "p_tost_images",
    "p_tost_holm",
    "mde",
    "verdict",
    "seeds_only_verdict",
)


def compare_ensembles(
    ensemble_runs: pd.DataFrame,
    ensemble_correct: Mapping[str, BoolMatrix],
    *,
    best_single: str,
    rules: Rules,
    seed: int,
) -> pd.DataFrame:
    """Table ``ensembles``: test accuracy of each method, and its difference to method ``single`` in pairs.

    An ensemble combines the models of one replicate, so the replicate pairs it with the single model. The
    family is all methods but ``single``, whose own row has no difference and the verdict ``baseline``.

    Parameters
    ----------
    ensemble_runs
        Table ``ensemble_runs`` with the method ``single``.
    ensemble_correct
        By method (n_replicates, n_images), rows in ascending order of the method's replicates.
    best_single
        Name of the model behind ``single``, chosen on validation (``selection.best_model``).
    seed
        Of the sign flips that are drawn, above 20 replicates.

    Raises
    ------
    ValueError
        Method ``single`` is missing, or a matrix does not have one row per replicate.
    """
    runs = {name: rows.assign(row=np.arange(len(rows))) for name, rows in by_method(ensemble_runs).items()}
    for method, rows in runs.items():
        received = len(ensemble_correct[method]) if method in ensemble_correct else "none"
        if received != len(rows):
            raise ValueError(
                f"correctness of {method}: expected {len(rows)} rows, one per replicate, received {received}"
            )
    family: list[dict[str, Any]] = []
    for method in [name for name in runs if name != SINGLE]:
        first, second = pair(runs[method], runs[SINGLE])
        paired = compare(
            values(first),
            values(second),
            rules=rules,
            rng=named_rng("ensembles", method, seed=seed),
            correct=(
                ensemble_correct[method][first["row"].to_numpy()],
                ensemble_correct[SINGLE][second["row"].to_numpy()],
            ),
        )
        family.append({"method": method, **paired})
    differences = {row["method"]: row for row in judge(family, rules=rules)}
    table = []
    for method, rows in runs.items():
        image_low, image_high = crossed_interval(ensemble_correct[method], alpha=rules.alpha)
        table.append(
            {
                "method": method,
                **mean_interval(values(rows), alpha=rules.alpha).row(),
                "image_ci_low": image_low,
                "image_ci_high": image_high,
                "best_single": best_single,
                **difference(differences.get(method), COMPARED),
            }
        )
    return frame(ENSEMBLES, table)
