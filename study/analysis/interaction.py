"""Whether a factor does the same to every model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from study.analysis import layout
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.named_rng import generator
from study.analysis.statistics.paired import holm
from study.analysis.statistics.permutation import DRAWS, EXACT_SIGNS
from study.tables.definitions import INTERACTION

_TOLERANCE = 1e-9


def interaction(results: pd.DataFrame, levels: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Table ``interaction``: per factor, on test accuracy of the explore phase, Holm over the factors.

    In each replicate the models x levels table loses its row and column means; what is left is the
    interaction. Its mean over replicates is tested by flipping the sign of whole replicates, which keeps what
    their entries have in common. Replicates that lack a model or level are left out, and n says so.

    Parameters
    ----------
    seed
        Of the flips, above 20 replicates.
    """
    explore = layout.phase(results, "explore")
    models = layout.models(explore)
    rows: list[dict[str, Any]] = []
    for factor in layout.factors(levels):
        names = list(levels.loc[levels["factor"] == factor].sort_values("position")["level"])
        if len(models) < 2 or len(names) < 2:
            continue
        values = _complete(explore, levels, models, factor)
        left = interaction_of(values)
        mean = left.mean(axis=0) if len(left) else np.full(values.shape[1:], np.nan)
        row, column = np.unravel_index(int(np.abs(np.nan_to_num(mean)).argmax()), mean.shape)
        rows.append(
            {
                "factor": factor,
                "n": len(values),
                "n_models": len(models),
                "n_levels": len(names),
                "f": _f_statistic(left),
                "p": _flipped(left, rng=generator("interaction", factor, seed=seed)),
                "largest_model": models[int(row)],
                "largest_level": names[int(column)],
                "largest": float(mean[row, column]),
            }
        )
    adjusted = holm(np.array([one["p"] for one in rows], dtype=float))
    rows = [{**one, "p_holm": float(p)} for one, p in zip(rows, adjusted, strict=True)]
    return INTERACTION.conform(pd.DataFrame(rows, columns=list(INTERACTION.columns)))


def interaction_of(values: FloatArray) -> FloatArray:
    """``values`` (n, n_models, n_levels) less the row and column means of each replicate."""
    return np.asarray(
        values
        - values.mean(axis=1, keepdims=True)
        - values.mean(axis=2, keepdims=True)
        + values.mean(axis=(1, 2), keepdims=True)
    )


def _complete(explore: pd.DataFrame, levels: pd.DataFrame, models: list[str], factor: str) -> FloatArray:
    columns = {
        (model, level.position): level.runs.set_index("replicate")["test_accuracy"]
        for model in models
        for level in layout.at_levels(explore, levels, model, factor)
    }
    wide = pd.concat(columns, axis=1, join="inner").sort_index()
    return wide.to_numpy(dtype=float).reshape(len(wide), len(models), -1)


def _f_statistic(left: FloatArray) -> float:
    """Mean square of the mean interaction over that of its variation between replicates."""
    n, rows, columns = left.shape
    if n < 2 or not np.isfinite(left).all():
        return float("nan")
    mean = left.mean(axis=0)
    freedom = (rows - 1) * (columns - 1)
    between = n * float((mean**2).sum()) / freedom
    within = float(((left - mean) ** 2).sum()) / (freedom * (n - 1))
    if within <= 1e-24:
        return 0.0 if between <= 1e-24 else float("inf")
    return float(between / within)


def _flipped(left: FloatArray, *, rng: np.random.Generator) -> float:
    """Share of sign assignments of the replicates whose mean interaction is at least as large."""
    n = len(left)
    if n < 2 or not np.isfinite(left).all():
        return float("nan")
    flat = left.reshape(n, -1)
    products = flat @ flat.T
    least = float(products.sum()) * (1 - _TOLERANCE) - 1e-24
    if n <= EXACT_SIGNS:
        codes = np.arange(2 ** (n - 1))[:, None] >> np.arange(n - 1) & 1
        signs = np.concatenate([np.ones((len(codes), 1)), 1.0 - 2.0 * codes], axis=1)
        return float(np.mean(np.einsum("ij,ij->i", signs @ products, signs) >= least))
    signs = rng.integers(0, 2, (DRAWS, n)) * 2.0 - 1.0
    return float((1 + np.sum(np.einsum("ij,ij->i", signs @ products, signs) >= least)) / (DRAWS + 1))
