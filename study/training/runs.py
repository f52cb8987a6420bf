"""What a run is, what it needs and what it gives; which runs train side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from study.params import Setting
from study.params.factors import in_use
from study.training import batches

Floats = NDArray[np.float32]
FeatureArray = NDArray[np.float32] | NDArray[np.float16]
HISTORY_COLUMNS = (
    "fit_loss",
    "fit_accuracy",
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_accuracy",
)


@dataclass(frozen=True)
class Run:
    """One run: its name, its setting and its seeds."""

    name: str
    setting: Setting
    init_seed: int
    order_seed: int
    dropout_seed: int
    subset_seed: int
    augmentation_seed: int

    @property
    def inputs(self) -> dict[str, Any]:
        """What makes its numbers: the levels of all factors but optional ones that are off, and the seeds."""
        seeds = {name: value for name, value in vars(self).items() if name.endswith("_seed")}
        return {**in_use(self.setting.model_dump()), **seeds}


@dataclass(frozen=True)
class Features:
    """What all runs of a backbone train on and are judged by.

    Attributes
    ----------
    train, valid, test
        Features of the unaugmented images, each of shape (n, n_features).
    train_labels, valid_labels
        Shape (n,). The labels of test are not here: no run may see them.
    n_classes
        Number of classes.
    """

    train: FeatureArray
    valid: FeatureArray
    test: FeatureArray
    train_labels: NDArray[np.integer[Any]]
    valid_labels: NDArray[np.integer[Any]]
    n_classes: int


class Views(Protocol):
    """Features of augmented images, pushed through the backbone when asked for."""

    n_views: int | None
    """Views of each image in a replicate's pool; None: new ones for every run and epoch."""

    def pools(
        self, augmentation: str, rows: NDArray[np.int32], *, seeds: Sequence[int]
    ) -> tuple[FeatureArray, Floats]:
        """All views of the given training rows in the pools of several replicates, pool by pool.

        Parameters
        ----------
        seeds
            The augmentation seed of each replicate. A pool depends on its seed and on no other pool.

        Returns
        -------
        Features (n_pools * n_views * n_rows, n_features) and targets (the same, n_classes), each pool view by
        view.
        """
        ...

    def fresh(
        self, augmentation: str, rows: Sequence[NDArray[np.int32]], *, seeds: Sequence[int], epoch: int
    ) -> tuple[FeatureArray, Floats]:
        """One new view of each given row for one epoch of several runs, run by run.

        Parameters
        ----------
        rows, seeds
            The training rows and the augmentation seed of each run.
        epoch
            From 0.
        """
        ...


@dataclass(frozen=True)
class Outcome:
    """What one run gave.

    Attributes
    ----------
    history
        Shape (epochs, 6), columns ``HISTORY_COLUMNS``.
    train_probs, valid_probs, test_probs
        Class probabilities after the last epoch, shape (n, n_classes); train: of the run's own subset.
    train_rows
        The rows of ``train_probs``.
    weights
        Of the head after the last epoch: kernel (n_hidden, n_features), bias, kernel (n_hidden, n_classes),
        bias.
    seconds
        The run's share of its group's wall time.
    """

    run: Run
    history: Floats
    train_rows: NDArray[np.int32]
    train_probs: Floats
    valid_probs: Floats
    test_probs: Floats
    weights: Sequence[Floats]
    seconds: float


@dataclass(frozen=True)
class Group:
    """Runs that train side by side: same batch size, same number of rows, same images.

    Attributes
    ----------
    runs
        The runs.
    rows
        Each run's training rows, shape (n_runs, n_rows).
    """

    runs: tuple[Run, ...]
    rows: NDArray[np.int32]

    @property
    def augmentation(self) -> str:
        return str(self.runs[0].setting.augmentation)

    @property
    def n_batches(self) -> int:
        """Optimiser steps of each run in an epoch."""
        return -(-int(self.rows.shape[1]) // int(self.runs[0].setting.batch_size))


def stream_of(run: Run) -> tuple[Any, ...]:
    """What decides the batches that a run sees: equal for runs that see the same images in the same order."""
    subset_seed = None if run.setting.images_per_class == "all" else run.subset_seed
    augmentation_seed = None if run.setting.augmentation == "none" else run.augmentation_seed
    return (run.order_seed, subset_seed, augmentation_seed)


def groups(
    runs: Sequence[Run], train_labels: NDArray[np.integer[Any]], *, heads_per_group: int
) -> Iterator[Group]:
    """Put together the runs that can train side by side, at most ``heads_per_group`` at a time.

    Runs that see the same batches, which are the unaugmented ones of a replicate, stand together before
    others. Augmented few-shot runs share a group only with runs of the same subset, since their augmented
    images are made of that subset alone.
    """
    keyed = []
    for run in runs:
        rows = batches.subset(train_labels, run.setting.images_per_class, seed=run.subset_seed)
        shared = run.setting.augmentation == "none" or run.setting.images_per_class == "all"
        key = (
            run.setting.augmentation,
            run.setting.batch_size,
            len(rows),
            None if shared else run.subset_seed,
        )
        keyed.append((run, rows, key, (*key, stream_of(run))))
    in_stream = Counter(stream for _, _, _, stream in keyed)
    together: dict[tuple[Any, ...], list[tuple[Run, NDArray[np.int32]]]] = defaultdict(list)
    for run, rows, key, stream in keyed:
        together[stream if in_stream[stream] > 1 else key].append((run, rows))
    for members in together.values():
        for start in range(0, len(members), heads_per_group):
            chunk = members[start : start + heads_per_group]
            yield Group(tuple(run for run, _ in chunk), np.stack([rows for _, rows in chunk]))


def head_steps(runs: Sequence[Run], train_labels: NDArray[np.integer[Any]], *, epochs: int) -> int:
    """Optimiser steps of all runs together."""
    return sum(
        epochs * group.n_batches * len(group.runs) for group in groups(runs, train_labels, heads_per_group=1)
    )


def augmented_images(
    runs: Sequence[Run], train_labels: NDArray[np.integer[Any]], *, epochs: int, n_views: int | None
) -> int:
    """Augmented images that these runs need from the backbone: a pool per replicate, or fresh every epoch."""
    fresh = 0
    pools: dict[tuple[str, int, bytes], int] = {}
    for group in groups(runs, train_labels, heads_per_group=1):
        if group.augmentation == "none":
            continue
        n_rows = group.rows.shape[1]
        fresh += epochs * n_rows
        pools[group.augmentation, group.runs[0].augmentation_seed, group.rows[0].tobytes()] = n_rows
    return fresh if n_views is None else n_views * sum(pools.values())
