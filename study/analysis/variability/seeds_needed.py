"""How many replicates a comparison needs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from study.analysis.correctness import Correctness
from study.analysis.factor_levels import against_reference, of_models, pair, values
from study.analysis.frames import frame
from study.analysis.statistics.crossed import crossed_difference_parts
from study.analysis.statistics.power import image_floor, replicates_needed
from study.params import Rules
from study.tables.definitions import SEEDS_NEEDED

EFFECTS = (0.001, 0.0025, 0.005, 0.01)
Sides = list[tuple[pd.DataFrame, pd.DataFrame]]


def seeds_needed(
    results: pd.DataFrame,
    levels: pd.DataFrame,
    correct: Correctness,
    *,
    rules: Rules,
    effects: Sequence[float] = EFFECTS,
) -> pd.DataFrame:
    """Table ``seeds_needed``, from the measured spread of paired differences in test accuracy.

    Parameters
    ----------
    results, levels
        Tables of these names.
    correct
        Correctness of all runs.
    rules
        Alpha before the correction, and power, of the two-sided paired t test.
    effects
        Differences in accuracy that shall be found.
    """
    rows = []
    for kind, name, family, sides in compared(results, levels):
        spreads = [_spread(*both) for both in sides]
        tests = {"alpha": rules.alpha / family, "power": rules.power}
        parts = [crossed_difference_parts(*(correct.of(side["run"]) for side in both)) for both in sides]
        sd = float(np.median(spreads))
        same = {
            "kind": kind,
            "name": name,
            "n": min(len(first) for first, _ in sides),
            "sd": sd,
            "family": family,
            "image_floor": float(np.median([image_floor(one.images_alone, **tests) for one in parts])),
        }
        rows += [
            {
                **same,
                "points": f"{100 * effect:g}",
                "effect": effect,
                "n_needed": replicates_needed(effect, sd, **tests),
            }
            for effect in effects
        ]
    return frame(SEEDS_NEEDED, rows)


def _spread(first: pd.DataFrame, second: pd.DataFrame) -> float:
    return float(np.std(values(first) - values(second), ddof=1)) if len(first) > 1 else float("nan")


def compared(results: pd.DataFrame, levels: pd.DataFrame) -> Iterator[tuple[str, str, int, Sides]]:
    """Kind, name, size of the family, and pairs of sides."""
    confirm = of_models(results, "confirm")
    pairs = list(itertools.combinations(confirm, 2))
    for a, b in pairs:
        yield "models", f"{a} − {b}", len(pairs), [pair(confirm[a], confirm[b])]
    for model, of_model in of_models(results, "explore").items():
        sides = [
            pair(level.runs, reference.runs)
            for reference, level in against_reference(of_model, levels)
            if len(level.runs) and len(reference.runs)
        ]
        if sides:
            yield "levels", model, len(sides), sides
