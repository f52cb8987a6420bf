"""The program that trains heads, by Keras' backend."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from study.errors import StudyError
from study.training.optimisation import Optimisation

Floats = NDArray[np.float32]


class BackendError(StudyError):
    """Keras runs on a backend for which there is no trainer."""


class Heads(Protocol):
    """Several heads trained side by side; a head's numbers do not depend on its neighbours."""

    @property
    def weights(self) -> list[list[Floats]]:
        """Each head's parameters, as ``initial_weights`` lays them out."""
        ...

    def train_epoch(
        self, features: Any, targets: Any, index: NDArray[np.int32], weight: Floats
    ) -> tuple[Floats, Floats]:
        """One epoch of every head.

        Parameters
        ----------
        features, targets
            Shapes (n, n_features) and (n, n_classes), placed.
        index
            Rows of each stream's batches, shape (n_streams, n_batches, batch_size).
        weight
            1 where a row counts, 0 where it fills up a batch, shape (n_batches, batch_size).

        Returns
        -------
        Loss with penalty and accuracy over the epoch under dropout, each of shape (n_heads,).
        """
        ...

    def evaluate(self, features: Any, labels: Any, rows: NDArray[np.int32]) -> tuple[Floats, Floats]:
        """Mean cross-entropy and accuracy without dropout, each of shape (n_heads,).

        Parameters
        ----------
        features, labels
            Shapes (n, n_features) and (n,), placed.
        rows
            The rows on which every head is evaluated, (1, n_rows), or each of its own, (n_heads, n_rows).
        """
        ...

    def predict(self, features: Any) -> list[Floats]:
        """Class probabilities of every head, each of shape (n, n_classes)."""
        ...


class Programs(Protocol):
    """Makes programs for heads of one width; compiles each kind once."""

    def heads_at_once(self, memory_bytes: float) -> int:
        """How many heads a program should train, where their state may take so much memory."""
        ...

    def place(self, array: NDArray[Any]) -> Any:
        """An array where the programs read it."""
        ...

    def started(self, optimisations: Sequence[Optimisation], streams: Sequence[int]) -> Heads:
        """Heads with their initial weights, each on its stream of batches, until others are started."""
        ...


@lru_cache(maxsize=1)
def programs(n_features: int, n_classes: int) -> Programs:
    """The trainer of Keras' backend, for heads of this input and output width.

    The last one is kept with what it has compiled: a worker is given groups of the same width one by one.

    Raises
    ------
    BackendError
        Keras runs on neither TensorFlow nor JAX.
    """
    name = keras.backend.backend()
    if name == "tensorflow":
        from study.training.heads import TensorFlowPrograms

        return TensorFlowPrograms(n_features, n_classes)
    if name == "jax":
        from study.training.heads_jax import JaxPrograms

        return JaxPrograms(n_features, n_classes)
    raise BackendError(f"KERAS_BACKEND: expected tensorflow or jax, received {name}")
