"""What the members of an ensemble say of each example."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]


def silent(probs: Probabilities) -> NDArray[np.bool_]:
    """(n_members, n, 1), whether the member gives no finite probabilities of the example."""
    return np.asarray(~np.isfinite(probs).all(axis=2, keepdims=True))


def known(probs: Probabilities) -> Floats:
    """``probs`` (n_members, n, n_classes), equal ones where a member is silent."""
    return np.where(silent(probs), 1.0 / probs.shape[2], probs.astype(np.float64))


def majority(probs: Probabilities) -> NDArray[np.int64]:
    """(n,) classes with the most votes; see ``combine`` for ties."""
    chosen = probs.argmax(axis=2)[:, :, None] == np.arange(probs.shape[2])
    votes = (chosen & ~silent(probs)).sum(axis=0)
    leading = votes == votes.max(axis=1, keepdims=True)
    return np.asarray(np.where(leading, known(probs).sum(axis=0), -1.0).argmax(axis=1))
