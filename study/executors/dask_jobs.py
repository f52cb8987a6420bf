"""A stage's work cut into jobs for the workers of a cluster, and their answers put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from study.data.dataset import Dataset
from study.errors import counted
from study.executors.dask_cluster import Cluster
from study.executors.dask_worker import Extract, Train
from study.params import Execution, Params
from study.pipeline import paths, provenance
from study.pipeline.console import progress, say
from study.runs.phase import Bench
from study.training.optimisation import MAX_HEADS, PLACES
from study.training.runs import Run, groups, head_steps
from study.training.store import Arrays

SHARD_ROWS = 2048
"""Images of a job that extracts features."""


@dataclass(frozen=True)
class SpreadBench(Bench):
    """A bench whose runs train on a cluster."""

    cluster: Cluster

    def train(
        self,
        runs: Sequence[Run],
        done: Callable[[Run, Arrays], None],
        *,
        probabilities: bool,
        memory_bytes: float,
    ) -> None:
        """See ``Bench.train``; each job is a worker's, which sends back what is kept of its runs.

        Raises
        ------
        ClusterError
            A job failed.
        """
        self.cluster.connect()
        labels, epochs = self.features.train_labels, self.params.epochs
        views = self.params.augment.views
        cut = jobs(
            runs,
            labels,
            pooled=views != "fresh",
            n_workers=self.cluster.n_workers,
            at_once=runs_at_once(),
        )
        tasks = [Train(job, probabilities, memory_bytes) for job in cut]
        steps = [head_steps(task.runs, labels, epochs=epochs) for task in tasks]
        work = f"{counted(len(runs), 'run')} in {counted(len(tasks), 'job')}, {sum(steps):,} head steps"
        say(f"{self.backbone}: {work}, on dask")
        folders = (paths.DATASET, paths.FEATURES / self.backbone, paths.WEIGHTS / self.backbone)
        order = self.cluster.order(self.params, self.backbone, folders)
        with progress() as bar:
            shown = Workers(bar, self.backbone, sum(steps))

            def keep(task: int, worker: str, result: list[tuple[Run, Arrays]]) -> None:
                for run, kept in result:
                    done(run, kept)
                shown.advance(worker, steps[task], self.cluster.n_workers)

            self.cluster.each(order, tasks, keep)


class Spread:
    """The executor that has a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def n_workers(self) -> int:
        """Workers at hand."""
        return self._cluster.n_workers

    def bench(self, chosen: Params, backbone: str) -> Bench:
        """See ``local.Executor``."""
        return SpreadBench(**vars(Bench.read(chosen, backbone)), cluster=self._cluster)

    def extract(
        self, chosen: Params, backbone: str, dataset: Dataset, out: Mapping[str, NDArray[np.float16]]
    ) -> None:
        """See ``local.Executor``.

        Raises
        ------
        ClusterError
            A job failed.
        """
        n_images = {split: len(images) for split, images in dataset.images.items()}
        tasks = shards(n_images)
        order = self._cluster.order(chosen, backbone, (paths.DATASET, paths.WEIGHTS / backbone))
        work = f"{counted(sum(n_images.values()), 'image')} in {counted(len(tasks), 'job')}"
        say(f"{backbone}: {work}, on dask")
        self._cluster.connect()
        with progress() as bar:
            shown = Workers(bar, backbone, sum(n_images.values()))

            def put(position: int, worker: str, features: NDArray[np.float16]) -> None:
                task = tasks[position]
                out[task.split][task.start : task.stop] = features
                shown.advance(worker, len(features), self._cluster.n_workers)

            self._cluster.each(order, tasks, put)


def shards(n_images: Mapping[str, int]) -> list[Extract]:
    """Jobs that together extract the features of every split."""
    return [
        Extract(split, start, min(start + SHARD_ROWS, n))
        for split, n in n_images.items()
        for start in range(0, n, SHARD_ROWS)
    ]


@contextmanager
def spread(execution: Execution, *, root: Path) -> Iterator[Spread]:
    """The executor on a cluster, which is left when the block ends."""
    with Cluster(execution, root=root) as cluster:
        yield Spread(cluster)


class Workers:
    """Progress of all jobs together, and of each worker beneath."""

    def __init__(self, bar: Progress, what: str, total: int) -> None:
        self._bar, self._what, self._total = bar, what, total
        self._all = bar.add_task(what, total=total)
        self._rows: dict[str, Any] = {}

    def advance(self, worker: str, amount: int, n_workers: int) -> None:
        """Note what a worker has done, and how many workers there are."""
        if worker not in self._rows:
            self._rows[worker] = self._bar.add_task(f"  {worker}", total=self._total)
        self._bar.advance(self._rows[worker], amount)
        self._bar.update(
            self._all, advance=amount, description=f"{self._what}, {counted(n_workers, 'worker')}"
        )


def runs_at_once() -> int:
    """Runs of one job at most, by the device."""
    return PLACES["gpu"] if provenance.device() == "gpu" else MAX_HEADS


def jobs(
    runs: Sequence[Run], train_labels: NDArray[Any], *, pooled: bool, n_workers: int, at_once: int
) -> list[tuple[Run, ...]]:
    """Which runs go to a worker together.

    A job is a group of runs that train side by side, cut until there is one for each worker. Runs of one
    replicate that train on the same pool of augmented views stay in one job, since each job pushes its pools
    through the backbone. These stand first, because they take longest.

    Parameters
    ----------
    pooled
        Whether augmented views come from pools.
    at_once
        Runs of a group at most.
    """
    while True:
        cut = _cut(runs, train_labels, pooled=pooled, n_workers=n_workers, at_once=at_once)
        if len(cut) >= n_workers or at_once == 1:
            return cut
        at_once = -(-at_once // 2)


def _cut(
    runs: Sequence[Run], train_labels: NDArray[Any], *, pooled: bool, n_workers: int, at_once: int
) -> list[tuple[Run, ...]]:
    alone: list[tuple[Run, ...]] = []
    pools: dict[tuple[str, bytes], dict[int, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for group in groups(runs, train_labels, heads_per_group=at_once):
        if pooled and group.augmentation != "none":
            replicates = pools[group.augmentation, group.rows[0].tobytes()]
            for run in group.runs:
                replicates[run.augmentation_seed].append(run)
        else:
            alone.append(group.runs)
    parts = max(1, n_workers // max(1, len(pools)))
    shared = [
        tuple(run for own in [*replicates.values()][start::parts] for run in own)
        for replicates in pools.values()
        for start in range(min(parts, len(replicates)))
    ]
    return shared + alone
