"""The same runs on one, two and four worker processes of one machine, each on one core.

Up to as many workers as there are cores, the ratio shows what sending jobs and gathering records costs;
beyond, it shows that more workers than cores bring nothing. More machines it cannot show.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from unittest.mock import patch

import numpy as np

from benchmarks.row import Row
from benchmarks.sides import Context
from benchmarks.small import PARAMS
from study import design, files, params
from study.backbones.catalogue.names import backbone as row_of
from study.backbones.catalogue.obtain import obtain
from study.data import dataset as datasets
from study.executors.local import ADDRESS, executor
from study.params import Params
from study.pipeline import paths
from study.tables.definitions import SPLITS

BACKBONE = "efficientnet-lite0"
_CLASSES = tuple("0123456789")
_SWEEP = (
    "sweep={lr: [0.0001, 0.0003, 0.0005, 0.001], batch_size: [128], dropout: [0.5], l1: [0.0], "
    "augmentation: [none], images_per_class: [all]}"
)


def measure(context: Context) -> list[Row]:
    """A row for each number of workers: the time of one over theirs."""
    counts = context.pick(smoke=(1, 2), quick=(1, 2), full=(1, 2, 4))
    seeds = context.pick(smoke=2, quick=8, full=40)
    n_images = context.pick(smoke=40, quick=2_000, full=20_000)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        project(n_images)
        seconds = {n: train(chosen(seeds), n) for n in counts}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [
        Row(
            f"workers: {n} against 1",
            seconds[1] / seconds[n],
            None,
            f"{seeds} jobs of 4 runs, {n_images} images a split: {seconds[1]:.1f} s with 1, "
            f"{seconds[n]:.1f} s with {n}, on {cores} cores; with compiling, without starting",
        )
        for n in counts[1:]
    ]


def chosen(seeds: int) -> Params:
    """Parameters of a study without augmentation on dask; each replicate is a job."""
    own = (f"seeds={seeds}", "epochs=3", "execution.executor=dask")
    return params.load(PARAMS, changes=(f"backbones=[{BACKBONE}]", "weights=random", _SWEEP, *own))


def project(n_images: int) -> None:
    """Data and features of noise in the current folder, and a backbone of random weights."""
    rng = np.random.default_rng(1)
    data = datasets.Dataset(
        "noise",
        "benchmark",
        _CLASSES,
        images={split: rng.integers(0, 256, (n_images, 32, 32, 3), dtype=np.uint8) for split in SPLITS},
        labels={split: np.arange(n_images).astype(np.uint8) % len(_CLASSES) for split in SPLITS},
        origins=dict.fromkeys(SPLITS, np.zeros(n_images, np.uint8)),
    )
    datasets.save(data, paths.DATASET)
    obtain(BACKBONE, "random", folder=paths.WEIGHTS / BACKBONE, seed=1)
    with files.summed_folder(paths.FEATURES / BACKBONE) as folder:
        for split in SPLITS:
            noise = rng.random((n_images, row_of(BACKBONE).n_features), np.float32)
            np.save(folder / f"{split}.npy", noise.astype(np.float16))


def train(given: Params, n_workers: int) -> float:
    """Seconds of all runs on workers that have done them once before, each with one thread for TensorFlow."""
    from distributed import LocalCluster

    with (
        LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            memory_limit=None,
            dashboard_address=None,
            env={"STUDY_THREADS": "1"},
        ) as cluster,
        patch.dict(os.environ, {ADDRESS: cluster.scheduler_address}),
        executor(given.execution) as where,
    ):
        bench = where.bench(given, BACKBONE)
        runs = bench.runs(design.explore_runs(given, bench.design, BACKBONE))
        seconds = 0.0
        for _ in range(2):
            began = time.perf_counter()
            bench.train(runs, lambda *_: None, probabilities=False, memory_bytes=bench.memory_bytes)
            seconds = time.perf_counter() - began
    return seconds
