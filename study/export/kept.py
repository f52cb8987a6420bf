"""The final weights of heads while they are trained again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.training import train as trainer
from study.training.heads import Heads


@contextmanager
def final_weights() -> Iterator[list[list[NDArray[np.float32]]]]:
    """A list that holds, for each head of the group trained last, its weights when it predicts.

    Outcomes carry no weights, so the trainer is given heads that leave theirs here. Nothing else changes.
    """
    kept: list[list[NDArray[np.float32]]] = []

    class Leaving(Heads):
        def predict(self, features: Any) -> list[NDArray[np.float32]]:
            kept[:] = self.weights
            return super().predict(features)

    names = vars(trainer)
    before = names["Heads"]
    names["Heads"] = Leaving
    try:
        yield kept
    finally:
        names["Heads"] = before
