"""Train groups of runs, epoch by epoch, and give what each run gave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from study.training import batches
from study.training.heads import N_HIDDEN, Heads, Optimisation
from study.training.runs import Features, Group, Outcome, Run, Views, groups

MAX_HEADS = 10
BYTES_PER_PARAMETER = 4 * 4


def train(
    runs: Sequence[Run],
    features: Features,
    views: Views,
    *,
    epochs: int,
    memory_bytes: float,
    advance: Callable[[int], None],
) -> Iterator[list[Outcome]]:
    """Train runs in groups; each group's outcomes come as soon as they are there.

    Parameters
    ----------
    runs
        What to train. A run's numbers do not depend on which others are trained, nor on their order.
    features
        Of the unaugmented images.
    views
        Gives features of augmented images; asked only for groups of augmented runs.
    epochs
        Passes over each run's training rows.
    memory_bytes
        How much the parameters, moments and gradients of the heads of a group may take.
    advance
        Called with the number of head steps just done.
    """
    trainer = _Trainer(features, views, epochs, advance)
    per_head = features.train.shape[1] * N_HIDDEN * BYTES_PER_PARAMETER
    heads_per_group = int(np.clip(memory_bytes // per_head, 1, MAX_HEADS))
    for group in groups(runs, features.train_labels, heads_per_group=heads_per_group):
        yield trainer.train(group)


class _Trainer:
    """The features as tensors, one compiled program a group size, and the last pool of views."""

    def __init__(self, features: Features, views: Views, epochs: int, advance: Callable[[int], None]) -> None:
        self._n_classes = features.n_classes
        self._labels = features.train_labels
        self._train = tf.constant(features.train)
        self._train_labels = tf.constant(features.train_labels, tf.int32)
        self._valid = tf.constant(features.valid)
        self._valid_labels = tf.constant(features.valid_labels, tf.int32)
        self._test = tf.constant(features.test)
        self._one_hot = tf.one_hot(self._train_labels, features.n_classes)
        self._views = views
        self._epochs = epochs
        self._advance = advance
        self._programs: dict[int, Heads] = {}
        self._pool: tuple[tuple[str, bytes], tuple[Any, Any]] | None = None

    def train(self, group: Group) -> list[Outcome]:
        began = time.perf_counter()
        heads = self._start(group)
        n_heads, n_rows = group.rows.shape
        valid_rows = np.tile(np.arange(len(self._valid), dtype=np.int32), (n_heads, 1))
        orders = [batches.order(n_rows, self._epochs, seed=run.order_seed) for run in group.runs]
        source = self._source(group)
        history = np.empty((self._epochs, 6, n_heads), np.float32)
        for epoch in range(self._epochs):
            inputs, targets, position = source(epoch)
            padded = [
                batches.pad(position[i][order[epoch]], group.runs[0].batch_size)
                for i, order in enumerate(orders)
            ]
            index = np.stack([one for one, _ in padded])
            history[epoch, 0:2] = heads.train_epoch(inputs, targets, index, padded[0][1])
            history[epoch, 2:4] = heads.evaluate(self._train, self._train_labels, group.rows)
            history[epoch, 4:6] = heads.evaluate(self._valid, self._valid_labels, valid_rows)
            self._advance(n_heads * group.n_batches)
        train_probs = heads.predict(self._train)
        valid_probs = heads.predict(self._valid)
        test_probs = heads.predict(self._test)
        seconds = (time.perf_counter() - began) / n_heads
        return [
            Outcome(
                run,
                np.ascontiguousarray(history[:, :, i]),
                group.rows[i],
                train_probs[i][group.rows[i]],
                valid_probs[i],
                test_probs[i],
                seconds,
            )
            for i, run in enumerate(group.runs)
        ]

    def _start(self, group: Group) -> Heads:
        n_heads = len(group.runs)
        if n_heads not in self._programs:
            self._programs[n_heads] = Heads(n_heads, self._train.shape[1], self._n_classes)
        heads = self._programs[n_heads]
        heads.start([_optimisation(run) for run in group.runs])
        return heads

    def _source(
        self, group: Group
    ) -> Callable[[int], tuple[Any, Any, NDArray[np.int32] | list[NDArray[np.int32]]]]:
        """A function from the epoch to inputs, targets and each run's rows in them, (n_heads, n_rows)."""
        if group.augmentation == "none":
            return lambda _: (self._train, self._one_hot, group.rows)
        if self._views.n_views is None:
            return lambda epoch: self._fresh(group, epoch)
        return self._pooled(group, self._views.n_views)

    def _fresh(self, group: Group, epoch: int) -> tuple[Any, Any, NDArray[np.int32]]:
        made = [
            self._views.fresh(group.augmentation, rows, seed=run.augmentation_seed, epoch=epoch)
            for run, rows in zip(group.runs, group.rows, strict=True)
        ]
        inputs = tf.constant(np.concatenate([one for one, _ in made]))
        targets = tf.constant(np.concatenate([one for _, one in made]))
        n_heads, n_rows = group.rows.shape
        return inputs, targets, np.arange(n_heads * n_rows, dtype=np.int32).reshape(n_heads, n_rows)

    def _pooled(
        self, group: Group, n_views: int
    ) -> Callable[[int], tuple[Any, Any, list[NDArray[np.int32]]]]:
        inputs, targets = self._pool_of(group.augmentation, group.rows[0])
        n_rows = group.rows.shape[1]
        shown = [
            batches.visits(n_rows, self._epochs, n_views, seed=run.augmentation_seed) for run in group.runs
        ]
        rows = np.arange(n_rows, dtype=np.int32)
        return lambda epoch: (inputs, targets, [visit[epoch] * n_rows + rows for visit in shown])

    def _pool_of(self, augmentation: str, rows: NDArray[np.int32]) -> tuple[Any, Any]:
        key = (augmentation, rows.tobytes())
        if self._pool is None or self._pool[0] != key:
            self._pool = None
            inputs, targets = self._views.pool(augmentation, rows)
            self._pool = (key, (tf.constant(inputs), tf.constant(targets)))
        return self._pool[1]


def _optimisation(run: Run) -> Optimisation:
    return Optimisation(run.lr, run.dropout, run.l1, run.init_seed, run.dropout_seed)
