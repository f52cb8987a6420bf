"""Train groups of runs, epoch by epoch, and give what each run gave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.params.factors import REGISTRY
from study.training import batches
from study.training.backend import Heads, programs
from study.training.mapped import give_back
from study.training.optimisation import Optimisation
from study.training.runs import FeatureArray, Features, Group, Outcome, Run, Views, groups, stream_of

Floats = NDArray[np.float32]
Rows = NDArray[np.int32]
_PoolsKey = tuple[str, bytes]


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
        How much the parameters, moments and gradients of the heads of a group may take. On JAX a group is of
        one size.
    advance
        Called with the number of head steps just done.
    """
    seeds = _seeds_of_pools(runs, features.train_labels)
    trainer = _Trainer(features, views, epochs, train_eval_images, advance, seeds)
    at_once = trainer.programs.heads_at_once(memory_bytes)
    for group in groups(runs, features.train_labels, heads_per_group=at_once):
        yield trainer.train(group)


class _Trainer:
    """The features where the programs read them, the programs, and the last pools of views."""

    def __init__(
        self,
        features: Features,
        views: Views,
        epochs: int,
        train_eval_images: int,
        advance: Callable[[int], None],
        seeds_of_pools: dict[_PoolsKey, list[int]],
    ) -> None:
        self.programs = programs(features.train.shape[1], features.n_classes)
        place = self._place = self.programs.place
        self._labels = features.train_labels
        self._features = (features.train, features.valid, features.test)
        self._train = place(features.train)
        self._train_labels = place(features.train_labels.astype(np.int32))
        self._valid = place(features.valid)
        self._valid_labels = place(features.valid_labels.astype(np.int32))
        self._test = place(features.test)
        self._one_hot = place(np.eye(features.n_classes, dtype=np.float32)[features.train_labels])
        self._views = views
        self._epochs = epochs
        self._train_eval_images = train_eval_images
        self._advance = advance
        self._seeds_of_pools = seeds_of_pools
        self._pools: tuple[_PoolsKey, tuple[Any, Any, dict[int, int]]] | None = None
        self._augmented: FeatureArray | None = None

    def train(self, group: Group) -> list[Outcome]:
        began = time.perf_counter()
        n_heads, n_rows = group.rows.shape
        streams, first = _streams(group)
        heads = self.programs.started([_optimisation(run) for run in group.runs], streams)
        orders = [batches.order(n_rows, self._epochs, seed=group.runs[i].order_seed) for i in first]
        source = self._source(group, first)
        train_rows, valid_rows = self._sample(group.rows), _every(len(self._valid))
        history = np.empty((self._epochs, 6, n_heads), np.float32)
        for epoch in range(self._epochs):
            order = [own[epoch] for own in orders]
            history[epoch, 0:2] = self._epoch(heads, source(epoch), order, group.runs[0].setting.batch_size)
            history[epoch, 2:4] = heads.evaluate(self._train, self._train_labels, train_rows)
            history[epoch, 4:6] = heads.evaluate(self._valid, self._valid_labels, valid_rows)
            give_back(*self._features)
            self._advance(n_heads * group.n_batches)
        return self._outcomes(group, heads, history, began)

    def _epoch(
        self, heads: Heads, source: tuple[Any, Any, Sequence[Rows]], orders: Sequence[Rows], batch_size: int
    ) -> tuple[Floats, Floats]:
        """Train one epoch; what it trained on is let go of with the call, before there is more of it."""
        inputs, targets, position = source
        padded = [batches.pad(rows[order], batch_size) for rows, order in zip(position, orders, strict=True)]
        told = heads.train_epoch(inputs, targets, np.stack([one for one, _ in padded]), padded[0][1])
        if self._augmented is not None:
            give_back(self._augmented)
        return told

    def _outcomes(
        self, group: Group, heads: Heads, history: NDArray[np.float32], began: float
    ) -> list[Outcome]:
        weights = heads.weights
        train_probs = heads.predict(self._train)
        valid_probs = heads.predict(self._valid)
        test_probs = heads.predict(self._test)
        give_back(*self._features)
        seconds = (time.perf_counter() - began) / len(group.runs)
        return [
            Outcome(
                run,
                np.ascontiguousarray(history[:, :, i]),
                group.rows[i],
                train_probs[i][group.rows[i]],
                valid_probs[i],
                test_probs[i],
                weights[i],
                seconds,
            )
            for i, run in enumerate(group.runs)
        ]

    def _sample(self, rows: Rows) -> Rows:
        """Rows on which training accuracy is measured: (1, n) where runs train on all, else (n_runs, n)."""
        distinct = rows[:1] if rows.shape[1] == len(self._labels) else rows
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
        self._augmented = None
        n_rows = group.rows.shape[1]
        seeds = [group.runs[i].augmentation_seed for i in first]
        inputs, targets = self._views.fresh(
            group.augmentation, [group.rows[i] for i in first], seeds=seeds, epoch=epoch
        )
        self._augmented = inputs
        every = np.arange(len(first) * n_rows, dtype=np.int32).reshape(len(first), n_rows)
        return self._place(inputs), self._place(targets), list(every)

    def _pooled(
        self, group: Group, first: Sequence[int], n_views: int
    ) -> Callable[[int], tuple[Any, Any, Sequence[Rows]]]:
        inputs, targets, position = self._pools_of(group)
        n_rows = group.rows.shape[1]
        rows = np.arange(n_rows, dtype=np.int32)
        seeds = [group.runs[i].augmentation_seed for i in first]
        shown = [
            position[seed] * n_views + batches.visits(n_rows, self._epochs, n_views, seed=seed)
            for seed in seeds
        ]
        return lambda epoch: (inputs, targets, [visit[epoch] * n_rows + rows for visit in shown])

    def _pools_of(self, group: Group) -> tuple[Any, Any, dict[int, int]]:
        """The pools of all replicates that train on these augmented images, and where each one stands."""
        key = _pools_key(group)
        if self._pools is None or self._pools[0] != key:
            self._pools = self._augmented = None
            seeds = self._seeds_of_pools[key]
            inputs, targets = self._views.pools(group.augmentation, group.rows[0], seeds=seeds)
            self._augmented = inputs
            position = {seed: i for i, seed in enumerate(seeds)}
            self._pools = (key, (self._place(inputs), self._place(targets), position))
        return self._pools[1]


def _pools_key(group: Group) -> _PoolsKey:
    """What replicates have in common whose pools stand together: augmentation and training rows."""
    return group.augmentation, group.rows[0].tobytes()


def _seeds_of_pools(runs: Sequence[Run], labels: NDArray[np.integer[Any]]) -> dict[_PoolsKey, list[int]]:
    """The augmentation seeds of the runs that are augmented alike, each once."""
    seeds: dict[_PoolsKey, dict[int, None]] = {}
    augmented = [run for run in runs if run.setting.augmentation != "none"]
    for group in groups(augmented, labels, heads_per_group=1):
        seeds.setdefault(_pools_key(group), {})[group.runs[0].augmentation_seed] = None
    return {key: list(own) for key, own in seeds.items()}


def _streams(group: Group) -> tuple[list[int], list[int]]:
    """Each run's stream of batches, and the first run of each stream."""
    keys = [stream_of(run) for run in group.runs]
    position = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return [position[key] for key in keys], [keys.index(key) for key in position]


def _every(n_rows: int) -> Rows:
    return np.arange(n_rows, dtype=np.int32)[None]


def _optimisation(run: Run) -> Optimisation:
    levels = {
        name: getattr(run.setting, name) for name, one in REGISTRY.items() if one.acts_on == "optimisation"
    }
    return Optimisation(**levels, init_seed=run.init_seed, dropout_seed=run.dropout_seed)
