"""Train groups of runs, epoch by epoch, and give what each run gave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from study.training import batches
from study.training.batches import N_HIDDEN
from study.training.heads import Heads, Optimisation, Sharing, place
from study.training.runs import Features, Group, Outcome, Run, Views, groups, stream_of

MAX_HEADS = 10
BYTES_PER_PARAMETER = 4 * 4
Rows = NDArray[np.int32]


def train(
    runs: Sequence[Run],
    features: Features,
    views: Views,
    *,
    epochs: int,
    train_eval_images: int,
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
    train_eval_images
        On how many of a run's training images, at most, its training accuracy is measured after each epoch.
    memory_bytes
        How much the parameters, moments and gradients of the heads of a group may take.
    advance
        Called with the number of head steps just done.
    """
    trainer = _Trainer(features, views, epochs, train_eval_images, advance)
    per_head = features.train.shape[1] * N_HIDDEN * BYTES_PER_PARAMETER
    heads_per_group = int(np.clip(memory_bytes // per_head, 1, MAX_HEADS))
    for group in groups(runs, features.train_labels, heads_per_group=heads_per_group):
        yield trainer.train(group)


class _Trainer:
    """The features as tensors, one compiled program a kind of group, and the last pool of views."""

    def __init__(
        self,
        features: Features,
        views: Views,
        epochs: int,
        train_eval_images: int,
        advance: Callable[[int], None],
    ) -> None:
        self._n_classes = features.n_classes
        self._labels = features.train_labels
        self._train = place(features.train)
        self._train_labels = tf.constant(features.train_labels, tf.int32)
        self._valid = place(features.valid)
        self._valid_labels = tf.constant(features.valid_labels, tf.int32)
        self._test = place(features.test)
        self._one_hot = tf.one_hot(self._train_labels, features.n_classes)
        self._views = views
        self._epochs = epochs
        self._train_eval_images = train_eval_images
        self._advance = advance
        self._programs: dict[Sharing, Heads] = {}
        self._pool: tuple[tuple[str, bytes], tuple[Any, Any]] | None = None

    def train(self, group: Group) -> list[Outcome]:
        began = time.perf_counter()
        n_heads, n_rows = group.rows.shape
        streams, first = _streams(group)
        heads = self._start(group, streams)
        orders = [batches.order(n_rows, self._epochs, seed=group.runs[i].order_seed) for i in first]
        source = self._source(group, first)
        train_rows, valid_rows = self._sample(group.rows), _every(len(self._valid))
        history = np.empty((self._epochs, 6, n_heads), np.float32)
        for epoch in range(self._epochs):
            inputs, targets, position = source(epoch)
            padded = [
                batches.pad(rows[order[epoch]], group.runs[0].batch_size)
                for rows, order in zip(position, orders, strict=True)
            ]
            index = np.stack([one for one, _ in padded])
            history[epoch, 0:2] = heads.train_epoch(inputs, targets, index, padded[0][1])
            history[epoch, 2:4] = heads.evaluate(self._train, self._train_labels, train_rows)
            history[epoch, 4:6] = heads.evaluate(self._valid, self._valid_labels, valid_rows)
            self._advance(n_heads * group.n_batches)
        return self._outcomes(group, heads, history, began)

    def _outcomes(
        self, group: Group, heads: Heads, history: NDArray[np.float32], began: float
    ) -> list[Outcome]:
        train_probs = heads.predict(self._train)
        valid_probs = heads.predict(self._valid)
        test_probs = heads.predict(self._test)
        seconds = (time.perf_counter() - began) / len(group.runs)
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

    def _start(self, group: Group, streams: Sequence[int]) -> Heads:
        optimisations = [_optimisation(run) for run in group.runs]
        sharing = Sharing.of(optimisations, streams)
        if sharing not in self._programs:
            self._programs[sharing] = Heads(sharing, self._train.shape[1], self._n_classes)
        heads = self._programs[sharing]
        heads.start(optimisations)
        return heads

    def _sample(self, rows: Rows) -> Rows:
        """Rows on which training accuracy is measured: (1, n) where all have the same, else (n_runs, n)."""
        distinct = rows[:1] if (rows == rows[0]).all() else rows
        return np.stack([batches.sample(one, self._labels, self._train_eval_images) for one in distinct])

    def _source(self, group: Group, first: Sequence[int]) -> Callable[[int], tuple[Any, Any, Sequence[Rows]]]:
        """A function from the epoch to inputs, targets and each stream's rows in them, in no order."""
        if group.augmentation == "none":
            own = [group.rows[i] for i in first]
            return lambda _: (self._train, self._one_hot, own)
        if self._views.n_views is None:
            return lambda epoch: self._fresh(group, first, epoch)
        return self._pooled(group, first, self._views.n_views)

    def _fresh(self, group: Group, first: Sequence[int], epoch: int) -> tuple[Any, Any, Sequence[Rows]]:
        n_rows = group.rows.shape[1]
        seeds = [group.runs[i].augmentation_seed for i in first]
        inputs, targets = self._views.fresh(
            group.augmentation, [group.rows[i] for i in first], seeds=seeds, epoch=epoch
        )
        every = np.arange(len(first) * n_rows, dtype=np.int32).reshape(len(first), n_rows)
        return place(inputs), tf.constant(targets), list(every)

    def _pooled(
        self, group: Group, first: Sequence[int], n_views: int
    ) -> Callable[[int], tuple[Any, Any, Sequence[Rows]]]:
        inputs, targets = self._pool_of(group.augmentation, group.rows[0])
        n_rows = group.rows.shape[1]
        shown = [
            batches.visits(n_rows, self._epochs, n_views, seed=group.runs[i].augmentation_seed) for i in first
        ]
        rows = np.arange(n_rows, dtype=np.int32)
        return lambda epoch: (inputs, targets, [visit[epoch] * n_rows + rows for visit in shown])

    def _pool_of(self, augmentation: str, rows: Rows) -> tuple[Any, Any]:
        key = (augmentation, rows.tobytes())
        if self._pool is None or self._pool[0] != key:
            self._pool = None
            inputs, targets = self._views.pool(augmentation, rows)
            self._pool = (key, (place(inputs), tf.constant(targets)))
        return self._pool[1]


def _streams(group: Group) -> tuple[list[int], list[int]]:
    """Each run's stream of batches, and the first run of each stream."""
    keys = [stream_of(run) for run in group.runs]
    position = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return [position[key] for key in keys], [keys.index(key) for key in position]


def _every(n_rows: int) -> Rows:
    return np.arange(n_rows, dtype=np.int32)[None]


def _optimisation(run: Run) -> Optimisation:
    return Optimisation(run.lr, run.dropout, run.l1, run.init_seed, run.dropout_seed)
