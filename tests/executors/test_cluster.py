"""Runs and features on worker processes: the bytes of this process, whatever happens to the workers."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import replace
from pathlib import Path

import dask
import numpy as np
import pytest
from distributed import Client, LocalCluster, Security, rpc
from light import Digests, digests

from study import design, files, params
from study.backbones.catalogue.obtain import obtain
from study.backbones.forward import compiled
from study.data import dataset as datasets
from study.executors import dask_cluster, dask_jobs
from study.executors.dask_cluster import Cluster, ClusterError
from study.executors.dask_jobs import jobs
from study.executors.dask_worker import Extract
from study.executors.local import ADDRESS, ExecutionError, Local, executor, workers_of
from study.pipeline import paths, provenance
from study.runs.phase import Bench
from study.tables.definitions import SPLITS

ROOT = Path(__file__).parents[2]
BACKBONE = "efficientnet-lite0"
CHANGES = (
    f"backbones=[{BACKBONE}]", "seeds=2", "epochs=2", "augment.views=2",
    "sweep={lr: [0.0005, 0.001], batch_size: [128], dropout: [0.5], l1: [0.0], "
    "augmentation: [none, rotation], images_per_class: [2, all]}",
)  # fmt: skip


def chosen(*changes):
    return params.load(ROOT / "params.yaml", changes=(*CHANGES, *changes)).sized((32, 32))


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
        obtain(BACKBONE, "imagenet", folder=paths.WEIGHTS / BACKBONE, seed=1)
        with files.summed_folder(paths.FEATURES / BACKBONE) as folder:
            out = {split: np.empty((40, 1280), np.float16) for split in SPLITS}
            Local().extract(chosen(), BACKBONE, datasets.load(paths.DATASET), out)
            for split, features in out.items():
                assert len(np.unique(features, axis=0)) == 40
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


def trained(bench):
    """Records of all explored runs, as bytes."""
    runs = bench.runs(design.explore_runs(bench.params, bench.design, BACKBONE))
    kept = {}

    def keep(run, arrays):
        assert run.name not in kept
        kept[run.name] = arrays

    bench.train(runs, keep, probabilities=True, memory_bytes=1e9)
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
        return trained(Bench.read(chosen(), BACKBONE))


def extracted(project, split):
    return np.load(project / paths.FEATURES / BACKBONE / f"{split}.npy")


def test_runs_have_the_bytes_of_this_process_though_a_worker_is_killed(named, workers, expected):
    killed = []

    def kill():
        with Client(workers, set_as_default=False) as watching:
            pids = watching.run(os.getpid)
            while not killed:
                for address in [one for one, stacks in watching.call_stack().items() if stacks][:1]:
                    os.kill(pids[address], signal.SIGKILL)
                    killed.append(address)
                time.sleep(0.02)

    killer = threading.Thread(target=kill)
    with executor(named.execution) as where:
        bench = where.bench(named, BACKBONE)
        killer.start()
        found = trained(bench)
    killer.join()
    assert len(killed) == 1
    assert found == expected


def test_features_have_the_bytes_of_this_process_however_they_are_cut(named, project, monkeypatch):
    monkeypatch.setattr(dask_jobs, "SHARD_ROWS", 7)
    out = {split: np.zeros((40, 1280), np.float16) for split in SPLITS}
    with dask_jobs.spread(named.execution, root=Path("/nowhere")) as where:
        where.extract(named, BACKBONE, datasets.load(paths.DATASET), out)
    assert all(out[split].tobytes() == extracted(project, split).tobytes() for split in SPLITS)


@pytest.mark.parametrize("stale", [False, True], ids=["absent", "one folder of other bytes"])
def test_a_worker_without_the_files_is_sent_them_once(named, tmp_path, monkeypatch, capsys, stale):
    """Workers look for the project in another folder, where there is nothing, or other bytes."""
    monkeypatch.setattr(dask_cluster, "_PIECE_BYTES", 30_000)
    rng = np.random.default_rng(int(stale))
    folders = [Path(f"data/{name} {stale}") for name in ("first", "second")]
    for folder in folders:
        folder.mkdir(parents=True)
        for name in ("a", "b"):
            (folder / name).write_bytes(rng.bytes(100_000))
    if stale:
        shutil.copytree("data", tmp_path / "data")
        path = tmp_path / folders[1] / "a"
        path.write_bytes(path.read_bytes()[:-1])
    there = digests(folders)
    for _ in range(2):
        found = {}
        with Cluster(named.execution, root=tmp_path) as on:
            order = on.order(named, BACKBONE, folders)
            on.each(order, [Digests()] * 6, lambda task, _, result: found.update({task: result[1]}))  # noqa: B023
        assert found == dict.fromkeys(range(6), there)
    sent = Counter(line for line in capsys.readouterr().err.splitlines() if line.endswith(" is sent"))
    assert set(sent.values()) == {1}
    assert {line.split(": ")[1] for line in sent} == {f"{one} is sent" for one in folders[int(stale) :]}


def test_a_folder_that_cannot_be_sent_is_one_line(named):
    with Cluster(named.execution, root=Path("/nowhere")) as on:
        order = replace(on.order(named, BACKBONE, []), folders={"data/none": "0" * 64})
        with pytest.raises(
            ClusterError, match=r"^worker tcp\S+ expected to be sent data/none, received \S+Error"
        ):
            on.each(order, [Digests()], lambda *_: None)


def refusal(execution, tasks, *, change=None):
    with Cluster(execution, root=Path.cwd()) as on:
        order = on.order(chosen(), BACKBONE, [paths.DATASET, paths.WEIGHTS / BACKBONE])
        order = replace(order, versions=order.versions | (change or {}))
        with pytest.raises(ClusterError) as error:
            on.each(order, tasks, lambda *_: None)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "received"),
    [("source_sha256", provenance.training_source_sha256()[:12]), ("backend", "tensorflow"), ("keras", "3.")],
)
def test_a_worker_of_another_version_is_refused(named, name, received):
    said = refusal(named.execution, [Digests()], change={name: "another"})
    assert said.startswith("worker tcp://")
    assert f"{name}: expected another, received {received}" in said


def test_a_worker_of_several_threads_is_refused(monkeypatch):
    with LocalCluster(n_workers=1, threads_per_worker=2, memory_limit=None, dashboard_address=None) as made:
        monkeypatch.setenv(ADDRESS, made.scheduler_address)
        said = refusal(chosen().execution, [Digests()])
    assert "expected one thread, received 2; start it with --nthreads 1" in said


def test_a_failure_of_code_on_a_worker_is_one_line(named):
    said = refusal(named.execution, [Digests(), Extract("nothing", 0, 1)])
    assert said.startswith("worker tcp://")
    assert said.endswith("KeyError: 'nothing'")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense"])
def test_a_wrong_address_is_one_line_soon(address, monkeypatch):
    monkeypatch.setattr(dask_cluster, "_CONNECT_SECONDS", 2)
    monkeypatch.setenv(ADDRESS, address)
    began = time.monotonic()
    said = refusal(chosen().execution, [Digests()])
    assert said.startswith(f"{ADDRESS}: expected the address of a running Dask scheduler")
    assert f"received {address} (" in said
    assert time.monotonic() - began < 20


def test_without_its_packages_dask_is_refused_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    for name in ("dask_cluster", "dask_jobs", "dask_worker"):
        monkeypatch.delitem(sys.modules, f"study.executors.{name}")
    with pytest.raises(ExecutionError, match="expected the package distributed for dask, received none"):
        executor(chosen("execution.executor=dask").execution)


def test_the_workers_are_told_before_anything_runs(named, workers, monkeypatch):
    assert workers_of(named.execution) == f"executor: dask, 2 workers at {workers}"
    assert workers_of(chosen().execution) == "executor: local, one process"
    monkeypatch.delenv(ADDRESS)
    four = chosen("execution.executor=dask", "execution.workers=4").execution
    assert workers_of(four) == "executor: dask, 4 workers, processes of this machine"


def test_a_stage_starts_its_own_workers(project, tmp_path):
    """The features stage as DVC runs it, on processes of this machine."""
    root = tmp_path / "own"
    for folder in (paths.DATASET, paths.WEIGHTS):
        shutil.copytree(project / folder, root / folder)
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert "  executor: local " in text
    (root / "params.yaml").write_text(
        text.replace("  executor: local ", "  executor: dask "), encoding="utf-8"
    )
    outside = {name: value for name, value in os.environ.items() if name != ADDRESS}
    done = subprocess.run(
        [sys.executable, "-m", "study.stages.features", BACKBONE],
        cwd=root,
        env={**outside, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "120 images in 3 jobs, on dask" in done.stderr
    assert all(extracted(root, split).tobytes() == extracted(project, split).tobytes() for split in SPLITS)


@pytest.fixture
def own(monkeypatch):
    """Two workers that this process starts for itself."""
    monkeypatch.delenv(ADDRESS, raising=False)
    with Cluster(chosen("execution.workers=2").execution, root=Path.cwd()) as made:
        made.connect()
        yield made


def test_own_workers_run_nothing_that_another_user_sends(own):
    addresses = [own.client.scheduler.address, *own.client.nthreads()]
    assert len(addresses) == 3
    assert all(address.startswith("tls://127.0.0.1:") for address in addresses)
    foreign = Security.temporary()
    for address in addresses:
        plain = address.replace("tls://", "tcp://")
        for target, security in ((plain, None), (address, foreign)):
            with pytest.raises((OSError, AssertionError)):
                asyncio.run(identity(target, security))
    order = own.order(chosen(), BACKBONE, [paths.DATASET])
    found = {}
    own.each(order, [Digests()], lambda task, _, result: found.update({task: result[1]}))
    assert found == {0: digests([paths.DATASET])}


async def identity(address, security):
    arguments = (security or Security()).get_connection_args("client")
    async with rpc(address, timeout=3, connection_args=arguments) as there:
        return await asyncio.wait_for(there.identity(), 3)


def test_the_check_above_reaches_an_open_worker(workers):
    assert asyncio.run(identity(workers, None))["address"] == workers


def test_own_workers_show_no_pages(own):
    info = own.client.scheduler_info()
    ports = [
        info["services"]["dashboard"],
        *(one["services"]["dashboard"] for one in info["workers"].values()),
    ]
    for port in ports:
        for page in ("info/main/workers.html", "metrics", "json/identity.json", "info/main/logs.html"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}")


@pytest.fixture
def certificates(tmp_path):
    """Files of a scheduler's certificates, as DASK_DISTRIBUTED__COMM__TLS__* name them."""
    made = Security.temporary()
    contents = {"ca": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
    roles = {
        f"distributed.comm.tls.{role}.{name}": str(tmp_path / name)
        for role in ("scheduler", "worker", "client")
        for name in ("cert", "key")
    }
    return {"distributed.comm.tls.ca-file": str(tmp_path / "ca"), **roles}


def test_a_scheduler_with_certificates_is_reached_as_dask_is_configured(certificates, monkeypatch, capsys):
    with dask.config.set(certificates), LocalCluster(
        n_workers=1, threads_per_worker=1, memory_limit=None, dashboard_address=None, security=Security(),
        protocol="tls://",
    ) as made:  # fmt: skip
        monkeypatch.setenv(ADDRESS, made.scheduler_address)
        with Cluster(chosen().execution, root=Path.cwd()) as on:
            order = on.order(chosen(), BACKBONE, [paths.DATASET])
            found = {}
            on.each(order, [Digests()], lambda task, _, result: found.update({task: result[1]}))
    assert found == {0: digests([paths.DATASET])}
    assert "Warning" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("tcp://10.0.0.1:8786", True), ("tcp://head:8786", True), ("head:8786", True), ("ws://head:80", True),
        ("tcp://[fe80::1]:8786", True), ("tcp://0.0.0.0:8786", True), ("tls://head:8786", False),
        ("tcp://127.0.0.1:8786", False), ("tcp://[::1]:8786", False), ("localhost:8786", False),
    ],
)  # fmt: skip
def test_an_address_that_anybody_reaches_is_known(address, is_open):
    assert dask_cluster.is_open(address) == is_open


def test_a_scheduler_that_anybody_reaches_is_one_line_of_warning(monkeypatch, capsys):
    monkeypatch.setattr(dask_cluster, "_CONNECT_SECONDS", 1)
    with pytest.raises(ClusterError):
        dask_cluster._connect("tcp://192.0.2.1:8786")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Warning: tcp://192.0.2.1:8786 is not encrypted: whoever reaches it can run code")


def test_jobs_are_the_groups_and_pools_go_where_there_are_workers_for_them():
    bench = Bench(chosen("seeds=25"), BACKBONE, tiny(), None, {})
    runs = bench.runs(design.explore_runs(bench.params, bench.design, BACKBONE))
    labels = bench.dataset.labels["train"]
    cut = {
        n: jobs(runs, labels, pooled=True, n_workers=n, at_once=10) for n in (1, 2, 100)
    }  # fmt: skip
    for n, made in cut.items():
        assert sorted(run.name for job in made for run in job) == sorted(run.name for run in runs)
        rotated = [len(job) for job in made if job[0].setting.augmentation == "rotation"]
        assert rotated == {1: [25], 2: [13, 12], 100: [1] * 25}[n]
        assert all(len(job) <= 10 for job in made if job[0].setting.augmentation == "none")
        assert made[0][0].setting.augmentation == "rotation"
    confirmed = bench.runs(design.confirm_runs(bench.params, BACKBONE, "reference"))
    each = {n: jobs(confirmed, labels, pooled=True, n_workers=n, at_once=10) for n in (1, 2, 4)}
    assert {n: [len(job) for job in made] for n, made in each.items()} == {
        1: [10],
        2: [5, 5],
        4: [3, 3, 3, 1],
    }
    fresh = jobs(runs, labels, pooled=False, n_workers=1, at_once=10)
    assert max(map(len, fresh)) == 10


@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_shards_begin_where_batches_do(monkeypatch, device):
    """On a GPU a feature depends on the image's place in its batch."""
    monkeypatch.setattr(compiled, "device", lambda: device)
    sizes = [compiled.batch_size(image_size) for image_size in range(8, 513)]
    assert len(set(sizes)) > 4
    assert all(dask_jobs.SHARD_ROWS % size == 0 for size in sizes)


def test_shards_hold_every_image_once(monkeypatch):
    monkeypatch.setattr(dask_jobs, "SHARD_ROWS", 3)
    cut = dask_jobs.shards({"train": 7, "test": 3})
    assert [(one.split, one.start, one.stop) for one in cut] == [
        ("train", 0, 3), ("train", 3, 6), ("train", 6, 7), ("test", 0, 3)
    ]  # fmt: skip
