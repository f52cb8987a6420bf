"""Each ensemble against the best single model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from study.analysis.statistics.intervals import BoolMatrix, crossed_interval, mean_interval
from study.analysis.statistics.named_rng import generator
from study.analysis.statistics.paired import compare, pair, settle
from study.tables.definitions import ENSEMBLES

SINGLE = "single"
BASELINE = "baseline"
"""Verdict of the row of the best single model, with which the others are compared."""

_DIFFERENCE = {
    "diff": "diff",
    "ci_low": "diff_ci_low",
    "ci_high": "diff_ci_high",
    "image_ci_low": "diff_image_ci_low",
    "image_ci_high": "diff_image_ci_high",
    "wins": "wins",
    "p_t": "p_t",
    "p_signflip": "p_signflip",
    "p_holm": "p_holm",
    "p_tost": "p_tost",
    "verdict": "verdict",
}


def compare_ensembles(
    ensemble_runs: pd.DataFrame,
    ensemble_correct: Mapping[str, BoolMatrix],
    *,
    best_single: str,
    alpha: float,
    margin: float,
    power: float,
    seed: int,
) -> pd.DataFrame:
    """Table ``ensembles``: test accuracy of each method, and its difference to method ``single`` in pairs.

    An ensemble combines the models of one replicate, so the replicate pairs it with the single model. Holm's
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
        Method ``single`` is missing, or a matrix does not have a row a replicate.
    """
    runs = {
        str(method): rows.sort_values("replicate").reset_index(drop=True)
        for method, rows in ensemble_runs.groupby("method", sort=True)
    }
    if SINGLE not in runs:
        raise ValueError(f"table ensemble_runs: expected the method single, received {sorted(runs)}")
    for method, rows in runs.items():
        received = len(ensemble_correct[method]) if method in ensemble_correct else "none"
        if received != len(rows):
            raise ValueError(
                f"correctness of {method}: expected {len(rows)} rows, one a replicate, received {received}"
            )
    family: list[dict[str, Any]] = []
    for method in [name for name in runs if name != SINGLE]:
        first, second = pair(*(_numbered(runs[name]) for name in (method, SINGLE)))
        paired = compare(
            first["test_accuracy"].to_numpy(dtype=float),
            second["test_accuracy"].to_numpy(dtype=float),
            alpha=alpha,
            margin=margin,
            power=power,
            rng=generator("ensembles", method, seed=seed),
            correct=(
                ensemble_correct[method][first["row"].to_numpy()],
                ensemble_correct[SINGLE][second["row"].to_numpy()],
            ),
        )
        family.append({"method": method, **paired})
    differences = {row["method"]: row for row in settle(family, alpha=alpha)}
    nothing: dict[str, Any] = {**dict.fromkeys(_DIFFERENCE, np.nan), "verdict": BASELINE}
    table = [
        {
            "method": method,
            **_accuracy(rows, ensemble_correct[method], alpha),
            "best_single": best_single,
            **{to: differences.get(method, nothing)[source] for source, to in _DIFFERENCE.items()},
        }
        for method, rows in runs.items()
    ]
    return ENSEMBLES.conform(pd.DataFrame(table, columns=list(ENSEMBLES.columns)))


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(row=np.arange(len(rows)))


def _accuracy(rows: pd.DataFrame, correct: BoolMatrix, alpha: float) -> dict[str, float]:
    interval = mean_interval(rows["test_accuracy"].to_numpy(dtype=float), alpha=alpha)
    image_low, image_high = crossed_interval(correct, alpha=alpha)
    return {
        **interval.row(),
        "image_ci_low": image_low,
        "image_ci_high": image_high,
    }
