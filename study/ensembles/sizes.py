"""Soft voting of ever more replicates."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from study.ensembles.members import Floats

MAX_SUBSETS = 256
"""Every subset is taken where there are no more, else so many at random."""


def sizes(n: int) -> list[int]:
    """Sizes from 1 to ``n``: each up to 10, then about doubling, and ``n``."""
    doubling = (20, 40, 80, 160, 320, 640)
    return sorted({*range(1, min(n, 10) + 1), *(size for size in doubling if size < n), n})


def subsets(n: int, k: int, *, rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
    """Different subsets of ``k`` out of ``n`` replicates, sorted."""
    if math.comb(n, k) <= MAX_SUBSETS:
        yield from itertools.combinations(range(n), k)
        return
    found: set[tuple[int, ...]] = set()
    while len(found) < MAX_SUBSETS:
        found.add(tuple(sorted(int(i) for i in rng.choice(n, k, replace=False))))
    yield from sorted(found)


def mean_of(blocks: Floats, subset: tuple[int, ...]) -> Floats:
    """The mean (n, n_classes) of some replicates' probabilities, ``blocks`` (n_replicates, n, n_classes)."""
    return np.asarray(blocks[list(subset)].mean(axis=0))
