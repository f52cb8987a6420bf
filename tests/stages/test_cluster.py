"""Runs and features on worker processes: the bytes of this process, whatever happens to the workers."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster

from study import design, params
from study.backbones.weights import obtain
from study.data import dataset as datasets
from study.stages import cluster, files, paths, provenance, spread
from study.stages.cluster import ADDRESS, Cluster, ClusterError
from study.stages.execution import Local, executor
from study.stages.recorded import Bench
from study.tables import SPLITS

ROOT = Path(__file__).parents[2]
BACKBONE = "efficientnet-lite0"
CHANGES = (
    f"backbones=[{BACKBONE}]", "weights=random", "seeds=2", "epochs=2", "augment.views=2",
    "sweep={lr: [0.0005, 0.001], batch_size: [128, 8], dropout: [0.5], l1: [0.0], "
    "augmentation: [none, rotation], images_per_class: [2, all]}",
)  # fmt: skip


def chosen(*changes):
    return params.load(ROOT / "params.yaml", changes=(*CHANGES, *changes))


def tiny(n=40, n_classes=4):
    rng = np.random.default_rng(0)
    labels = np.arange(n, dtype=np.uint8) % n_classes
    return datasets.Dataset(
        "tiny", "tests", tuple("abcd"),
        images={split: rng.integers(0, 256, (n, 32, 32, 3), np.uint8) for split in SPLITS},
        labels=dict.fromkeys(SPLITS, labels),
        origins=dict.fromkeys(SPLITS, np.zeros(n, np.uint8)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project's folder with data, weights and the features that this process extracts."""
    root = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        datasets.save(tiny(), paths.DATASET)
        obtain(BACKBONE, "random", folder=paths.WEIGHTS / BACKBONE, seed=1)
        with files.new_folder(paths.FEATURES / BACKBONE) as folder:
            out = {split: np.empty((40, 1280), np.float16) for split in SPLITS}
            Local().extract(chosen(), BACKBONE, datasets.load(paths.DATASET), out, lambda _: None)
            for split, features in out.items():
                np.save(folder / f"{split}.npy", features)
    return root


@pytest.fixture(autouse=True)
def here(project, monkeypatch):
    monkeypatch.chdir(project)


@pytest.fixture(scope="module")
def workers():
    """Two worker processes at the address of their scheduler."""
    with LocalCluster(n_workers=2, threads_per_worker=1, memory_limit=None, dashboard_address=None) as made:
        yield made.scheduler_address


@pytest.fixture
def named(workers, monkeypatch):
    monkeypatch.setenv(ADDRESS, workers)
    return chosen("execution.executor=dask")


def trained(bench, *, probabilities=False):
    runs = bench.runs(design.explore_runs(bench.params, bench.design, BACKBONE))
    kept = {}

    def keep(outcome):
        assert outcome.run.name not in kept
        kept[outcome.run.name] = bench.record(outcome, probabilities=probabilities)

    bench.train(runs, keep, memory_bytes=1e9)
    assert set(kept) == {run.name for run in runs}
    return contents(kept)


def contents(kept):
    return {
        (run, name): (array.dtype, array.shape, array.tobytes())
        for run, arrays in kept.items()
        for name, array in arrays.items()
        if name != "seconds"
    }


@pytest.fixture(scope="module")
def expected(project):
    """What this process gives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        return trained(Bench.read(chosen(), BACKBONE), probabilities=True)


def test_runs_have_the_bytes_of_this_process(named, expected):
    with executor(named.execution) as where:
        bench = where.bench(named, BACKBONE, probabilities=True)
        assert trained(bench, probabilities=True) == expected
