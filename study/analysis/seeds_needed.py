"""How many replicates a comparison needs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from study.analysis import layout
from study.analysis.comparisons import against_reference
from study.analysis.correctness import Correctness
from study.analysis.statistics.intervals import crossed_difference_parts
from study.analysis.statistics.paired import detectable_effect, pair
from study.tables.definitions import SEEDS_NEEDED

EFFECTS = (0.001, 0.0025, 0.005, 0.01)
_MOST = 100_000


def seeds_needed(
    results: pd.DataFrame,
    levels: pd.DataFrame,
    correct: Correctness,
    *,
    alpha: float,
    power: float,
    effects: Sequence[float] = EFFECTS,
) -> pd.DataFrame:
    """Table ``seeds_needed``, from the measured spread of paired differences in test accuracy.

    Parameters
    ----------
    results, levels
        Tables of these names.
    correct
        Correctness of all runs.
    alpha, power
        Of the two-sided paired t test, alpha before the correction.
    effects
        Differences in accuracy that shall be found.
    """
    rows = []
    for kind, name, family, sides in _comparisons(results, levels):
        spreads = [
            float(np.std(first["test_accuracy"] - second["test_accuracy"].to_numpy(), ddof=1))
            if len(first) > 1
            else float("nan")
            for first, second in sides
        ]
        sd = float(np.median(spreads))
        floors = [_floor(correct, first, second, alpha / family, power) for first, second in sides]
        same = {
            "kind": kind,
            "name": name,
            "n": min(len(first) for first, _ in sides),
            "sd": sd,
            "family": family,
            "image_floor": float(np.median(floors)),
        }
        needed = {
            effect: replicates_needed(effect, sd, alpha=alpha / family, power=power) for effect in effects
        }
        rows += [
            {**same, "points": f"{100 * effect:g}", "effect": effect, "n_needed": n}
            for effect, n in needed.items()
        ]
    return SEEDS_NEEDED.conform(pd.DataFrame(rows, columns=list(SEEDS_NEEDED.columns)))


def replicates_needed(effect: float, sd: float, *, alpha: float, power: float) -> float:
    """The fewest replicates with which a two-sided paired t test finds ``effect``.

    Parameters
    ----------
    effect, sd
        True mean and standard deviation of the differences.

    Returns
    -------
    float
        At least 2; NaN where ``sd`` is missing or more than 100,000 are needed.
    """
    if math.isnan(sd):
        return float("nan")
    if sd == 0:
        return 2.0
    low, high = 1, 2
    while detectable_effect(high, alpha=alpha, power=power) * sd > effect:
        low, high = high, 2 * high
        if low >= _MOST:
            return float("nan")
    while high - low > 1:
        middle = (low + high) // 2
        if detectable_effect(middle, alpha=alpha, power=power) * sd > effect:
            low = middle
        else:
            high = middle
    return float(high) if high <= _MOST else float("nan")


def _floor(
    correct: Correctness, first: pd.DataFrame, second: pd.DataFrame, alpha: float, power: float
) -> float:
    """The difference found with ``power`` by infinitely many seeds, when only test images are sampled."""
    parts = crossed_difference_parts(correct.of(first["run"]), correct.of(second["run"]))
    error = np.sqrt(max(parts.images - parts.residual, 0.0)) if not np.isnan(parts.images) else np.nan
    return float((stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) * error)


def _comparisons(
    results: pd.DataFrame, levels: pd.DataFrame
) -> list[tuple[str, str, int, list[tuple[pd.DataFrame, pd.DataFrame]]]]:
    """Kind, name, size of the family, and pairs of sides."""
    confirm, explore = (layout.phase(results, phase) for phase in ("confirm", "explore"))
    pairs = list(itertools.combinations(layout.models(confirm), 2))
    made = [
        (
            "models",
            f"{a} \u2212 {b}",
            len(pairs),
            [pair(confirm[confirm["model"] == a], confirm[confirm["model"] == b])],
        )
        for a, b in pairs
    ]
    for model in layout.models(explore):
        sides = [
            pair(level.runs, reference.runs)
            for reference, level in against_reference(explore, levels, model)
            if len(level.runs) and len(reference.runs)
        ]
        if sides:
            made.append(("levels", model, len(sides), sides))
    return made
