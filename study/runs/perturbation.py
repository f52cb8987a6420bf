"""Features as another machine would round them: what tells rounding from a number that is not the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from study.runs.phase import Bench
from study.training.runs import FeatureArray

RATE = 1 / 500
"""Of features that are rounded to the neighbour.

Backends differ by about 1e-6 of a feature, and float16 keeps 2^-11 of it: so one in 500 lies so near the
middle between two neighbours that it falls to the other.
"""


def bench(of: Bench, *, rng: np.random.Generator) -> Bench:
    """The bench with every split's features rounded anew, held in memory."""
    features = replace(
        of.features,
        train=rounded(of.features.train, rng=rng),
        valid=rounded(of.features.valid, rng=rng),
        test=rounded(of.features.test, rng=rng),
    )
    return replace(of, features=features)


def rounded(features: FeatureArray, *, rng: np.random.Generator) -> FeatureArray:
    """A copy with one value in 500, drawn with replacement, moved to its neighbour below or above.

    Zeros stay: an exact zero of a ReLU is one on every machine.

    Parameters
    ----------
    features
        Shape (n, n_features).
    rng
        Draws which values move, and where to.
    """
    moved: FeatureArray = features.copy()
    flat = moved.reshape(-1)
    at = rng.integers(0, flat.size, round(flat.size * RATE))
    towards = np.where(rng.random(len(at)) < 0.5, -np.inf, np.inf).astype(flat.dtype)
    flat[at] = np.where(flat[at] == 0, flat[at], np.nextafter(flat[at], towards))
    return moved
