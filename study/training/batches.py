"""Which training rows a run sees, and in which order; numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
N_HIDDEN = 512
"""Units of the hidden layer of every head."""


def subset(labels: NDArray[np.integer], images_per_class: int | str, *, seed: int) -> Rows:
    """Rows of a few-shot training set: so many of each class, drawn without replacement, in rising order.

    Parameters
    ----------
    labels
        Class of every training image, shape (n_train,).
    images_per_class
        Images of each class, or ``all``.
    seed
        The run's subset seed. Smaller subsets of the same seed lie inside larger ones.

    Raises
    ------
    ValueError
        A class has fewer images.
    """
    if images_per_class == "all":
        return np.arange(len(labels), dtype=np.int32)
    wanted = int(images_per_class)
    rng = np.random.default_rng(seed)
    chosen = []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        if len(rows) < wanted:
            raise ValueError(
                f"class {label}: expected at least {wanted} training images, received {len(rows)}"
            )
        chosen.append(rows[:wanted])
    return np.sort(np.concatenate(chosen)).astype(np.int32)


def sample(rows: Rows, labels: NDArray[np.integer], at_most: int) -> Rows:
    """Some of a run's training rows: all of them, or evenly spread ones, the same number of each class.

    Parameters
    ----------
    rows
        The run's rows, in rising order.
    labels
        Class of every training image, shape (n_train,).
    at_most
        How many rows to give.
    """
    if len(rows) <= at_most:
        return rows
    classes = np.unique(labels[rows])
    chosen = []
    for label in classes:
        own = rows[labels[rows] == label]
        n_chosen = min(len(own), max(at_most // len(classes), 1))
        chosen.append(own[np.arange(n_chosen) * len(own) // n_chosen])
    return np.sort(np.concatenate(chosen)).astype(np.int32)


def order(n_rows: int, epochs: int, *, seed: int) -> NDArray[np.int32]:
    """A fresh permutation of the rows for every epoch, shape (epochs, n_rows)."""
    rng = np.random.default_rng(seed)
    rows = np.tile(np.arange(n_rows, dtype=np.int32), (epochs, 1))
    return rng.permuted(rows, axis=1)


def visits(n_rows: int, epochs: int, n_views: int, *, seed: int) -> NDArray[np.int32]:
    """Which of its views each image shows in each epoch, shape (epochs, n_rows).

    An image shows every view once, in an order of its own, before it shows one again.
    """
    rng = np.random.default_rng(seed)
    rounds = -(-epochs // n_views)
    views = np.tile(np.arange(n_views, dtype=np.int32), (n_rows, 1))
    shown = np.concatenate([rng.permuted(views, axis=1) for _ in range(rounds)], axis=1)
    return np.ascontiguousarray(shown[:, :epochs].T)


def pad(rows: NDArray[np.int32], batch_size: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Cut one epoch's rows into batches of equal shape.

    Returns
    -------
    index
        Shape (n_batches, batch_size); the last batch is filled up with its own first row.
    weight
        Same shape: 1 for a row of the epoch, 0 for filling.
    """
    n_batches = -(-len(rows) // batch_size)
    index = np.full(n_batches * batch_size, rows[(n_batches - 1) * batch_size], np.int32)
    index[: len(rows)] = rows
    weight = np.zeros(n_batches * batch_size, np.float32)
    weight[: len(rows)] = 1.0
    return index.reshape(n_batches, batch_size), weight.reshape(n_batches, batch_size)


def initial_weights(
    n_features: int, n_hidden: int, n_classes: int, *, seed: int
) -> tuple[NDArray[np.float32], ...]:
    """Glorot-uniform kernels and zero biases, as a Keras ``Dense`` layer starts.

    Returns
    -------
    Kernel (n_hidden, n_features), bias (n_hidden,), kernel (n_hidden, n_classes), bias (n_classes,).

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.
    """
    rng = np.random.default_rng(seed)

    def glorot(fan_in: int, fan_out: int, shape: tuple[int, int]) -> NDArray[np.float32]:
        limit = np.sqrt(6.0 / (fan_in + fan_out))
        return rng.uniform(-limit, limit, shape).astype(np.float32)

    return (
        glorot(n_features, n_hidden, (n_hidden, n_features)),
        np.zeros(n_hidden, np.float32),
        glorot(n_hidden, n_classes, (n_hidden, n_classes)),
        np.zeros(n_classes, np.float32),
    )
