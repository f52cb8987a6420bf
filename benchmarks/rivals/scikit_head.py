"""A head as scikit-learn's MLPClassifier, which has no dropout."""

from __future__ import annotations

import functools
import time
from typing import Any

import numpy as np

from benchmarks import heads
from benchmarks.naive import SEED

_N_ROWS = 12_800


def step_seconds(steps: int) -> float:
    """Seconds of so many steps of Adam of one head."""
    features, labels = heads.data(_N_ROWS)
    model = _model()
    rows = np.arange(steps * heads.BATCH) % _N_ROWS
    x, y = features[rows], labels[rows]
    began = time.perf_counter()
    model.partial_fit(x, y)
    return time.perf_counter() - began


def evaluation_seconds(n_rows: int) -> float:
    """Seconds of so many images through one head, to accuracy."""
    features, labels = heads.data(_N_ROWS)
    model = _model()
    rows = np.arange(n_rows) % _N_ROWS
    x, y = features[rows], labels[rows]
    began = time.perf_counter()
    model.score(x, y)
    return time.perf_counter() - began


@functools.cache
def _model() -> Any:
    from sklearn.neural_network import MLPClassifier

    from study.training.batches import N_HIDDEN

    features, labels = heads.data(heads.BATCH)
    model = MLPClassifier(
        (N_HIDDEN,), alpha=0.0, batch_size=heads.BATCH, learning_rate_init=0.0005, random_state=SEED
    )
    return model.partial_fit(features, labels, classes=np.arange(heads.N_CLASSES))
