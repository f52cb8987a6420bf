"""What a worker of a cluster does: jobs of the study on files whose hashes it has checked.

A worker reads the files of the project where it finds them: in the project's folder as the main process names
it, if the files there have the expected hashes, else in its own local directory, where the main process puts
them once, each folder under its hash.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from distributed import Worker, get_worker
from numpy.typing import NDArray

from study import files
from study.data import dataset as datasets
from study.errors import StudyError
from study.params import Params
from study.pipeline import paths, provenance
from study.runs.phase import Bench
from study.training.runs import Run
from study.training.store import Arrays

Stamp = tuple[tuple[str, int, int], ...]
_SHOWN = 60
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 3600
"""How long a worker waits for a folder; before it, others may be sent theirs."""
_SOURCE_AT_START = provenance.training_source_sha256()
_checked: dict[Path, tuple[Stamp, str]] = {}
_kept: dict[str, tuple[Any, Any]] = {}


class WorkerError(StudyError):
    """A worker that cannot give the study's numbers, or files that it received damaged."""


@dataclass(frozen=True)
class Order:
    """What all jobs of a stage have in common.

    Attributes
    ----------
    root
        The project's folder, as the main process sees it.
    folders
        Folders of the project that a job reads, relative to its root, and the SHA-256 of each.
    versions
        Hash of the training code, backend and device: what the worker's own must be.
    """

    params: Params
    backbone: str
    root: str
    folders: dict[str, str]
    versions: dict[str, str]


@dataclass(frozen=True)
class Done:
    """What a job gave, and the worker that did it."""

    worker: str
    result: Any


class Task(Protocol):
    """One job, called in the project's folder."""

    def __call__(self, order: Order) -> Any: ...


@dataclass(frozen=True)
class Train:
    """Train runs and give what is kept of each."""

    runs: tuple[Run, ...]
    probabilities: bool
    memory_bytes: float

    def __call__(self, order: Order) -> list[tuple[Run, Arrays]]:
        bench = _keep("bench", order, lambda: Bench.read(order.params, order.backbone))
        trained: list[tuple[Run, Arrays]] = []
        bench.train(
            self.runs,
            lambda run, kept: trained.append((run, kept)),
            probabilities=self.probabilities,
            memory_bytes=self.memory_bytes,
        )
        return trained


@dataclass(frozen=True)
class Extract:
    """Push some rows of a split through a backbone."""

    split: str
    start: int
    stop: int

    def __call__(self, order: Order) -> NDArray[np.float16]:
        images, extractor = _keep("extractor", order, lambda: _extractor(order))
        rows = images[self.split][self.start : self.stop]
        out = np.empty((len(rows), extractor.row.n_features), np.float16)
        extractor(rows, out=out)
        return out


def _extractor(order: Order) -> tuple[dict[str, NDArray[np.uint8]], Any]:
    from study.backbones.forward.extract import load_extractor

    made = load_extractor(
        order.backbone,
        paths.WEIGHTS / order.backbone,
        image_size=order.params.pixels,
        workers=int(os.environ["TF_NUM_INTEROP_THREADS"]),
    )
    return datasets.load(paths.DATASET).images, made


def work(order: Order, topic: str, task: Task) -> Done:
    """Do one job.

    Parameters
    ----------
    topic
        Where to ask the main process for folders that are nowhere.

    Raises
    ------
    WorkerError
        This worker's code, backend or device is not that of the main process, it has several threads, it
        was not sent the files, or the job failed.
    """
    worker = get_worker()
    _check(order, worker)
    os.environ["DVC_ROOT"] = worker.local_directory  # so that paths.scratch is on a disk of this machine
    with contextlib.chdir(_root(order, topic, worker)), contextlib.redirect_stderr(io.StringIO()):
        return Done(worker.address, _result(task, order, worker))


def _result(task: Task, order: Order, worker: Worker) -> Any:
    try:
        return task(order)
    except Exception as error:
        raise WorkerError(f"worker {worker.address}: {in_one_line(error)}") from error


def in_one_line(error: object) -> str:
    """The kind of an error and what it says."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")


def versions() -> dict[str, str]:
    """What decides the numbers beside parameters and files; see ``Order.versions``."""
    return {"source_sha256": provenance.training_source_sha256(), **provenance.backend()}


def _check(order: Order, worker: Worker) -> None:
    if worker.state.nthreads != 1:
        raise WorkerError(
            f"worker {worker.address}: expected one thread, received {worker.state.nthreads}; start it with "
            "--nthreads 1"
        )
    own = versions()
    if own["source_sha256"] != _SOURCE_AT_START:
        raise WorkerError(
            f"worker {worker.address}: expected the code with which it was started, received other files; "
            "start it again"
        )
    for name, expected in order.versions.items():
        if own.get(name) != expected:
            raise WorkerError(
                f"worker {worker.address}: {name}: expected {_cut(expected)}, received "
                f"{_cut(own.get(name, 'none'))}; give it the code, packages and device of the main process"
            )


def _cut(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:12]}..."


def _keep(kind: str, order: Order, make: Callable[[], Any]) -> Any:
    """The last object of a kind, made again for another order."""
    if kind not in _kept or _kept[kind][0] != order:
        _kept[kind] = (order, make())
    return _kept[kind][1]


def folder_sha256(folder: Path) -> str:
    """SHA-256 of the names and bytes of a folder's files."""
    return files.sha256(*folder.iterdir())


def _holds(folder: Path, sha256: str) -> bool:
    """Whether the files of a folder have the hash; they are read again where one has changed since."""
    try:
        stamp = tuple(
            (path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.iterdir())
        )
        if folder not in _checked or _checked[folder][0] != stamp:
            _checked[folder] = (stamp, folder_sha256(folder))
    except (OSError, files.FileError):
        return False
    return _checked[folder][1] == sha256


def _files(worker: Worker) -> Path:
    return Path(worker.local_directory) / "study-files"


def _failed(sha256: str, worker: Worker) -> Path:
    return _files(worker) / f"{sha256}.failed"


def _root(order: Order, topic: str, worker: Worker) -> Path:
    """A project's folder that holds what the order names: the shared one, or links to folders that do."""
    shared = Path(order.root)
    lacking = [name for name, sha256 in order.folders.items() if not _holds(shared / name, sha256)]
    if not lacking:
        return shared
    for name in lacking:
        _fetch(name, order.folders[name], topic, worker)
    key = hashlib.sha256("\n".join([order.root, *map(str, sorted(order.folders.items()))]).encode())
    root = Path(worker.local_directory) / "study-roots" / key.hexdigest()
    for name, sha256 in order.folders.items():
        link = root / name
        link.unlink(missing_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        found = _files(worker) / sha256 if name in lacking else shared / name
        link.symlink_to(found.absolute(), target_is_directory=True)
    return root


def _fetch(name: str, sha256: str, topic: str, worker: Worker) -> None:
    """Ask the main process for a folder, and wait while it still wants this job."""
    folder = _files(worker) / sha256
    if _holds(folder, sha256):
        return
    failed = _failed(sha256, worker)
    failed.unlink(missing_ok=True)
    worker.log_event(topic, {"address": worker.address, "name": name, "sha256": sha256})
    until = time.monotonic() + _PATIENCE_SECONDS
    while not (folder.is_dir() and _holds(folder, sha256)):
        if time.monotonic() > until or not _wanted(worker) or failed.exists():
            received = failed.read_text(encoding="utf-8") if failed.exists() else "nothing"
            raise WorkerError(f"worker {worker.address}: expected to be sent {name}, received {received}")
        time.sleep(_POLL_SECONDS)


def _wanted(worker: Worker) -> bool:
    state = worker.state.tasks.get(worker.get_current_task())
    return state is not None and state.state == "executing"


def receive(sha256: str, name: str, offset: int, piece: bytes, *, dask_worker: Worker) -> None:
    """Write a piece of a file of the folder with this hash."""
    path = _files(dask_worker) / f"{sha256}.part" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if offset else "wb") as file:
        file.seek(offset)
        file.write(piece)


def give_up(sha256: str, why: str, *, dask_worker: Worker) -> None:
    """Note that the folder with this hash will not come."""
    path = _failed(sha256, dask_worker)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(why, encoding="utf-8")


def settle(sha256: str, *, dask_worker: Worker) -> None:
    """Hold a folder whose files have all been received to its hash.

    Raises
    ------
    WorkerError
        It has another.
    """
    part = _files(dask_worker) / f"{sha256}.part"
    received = folder_sha256(part)
    if received != sha256:
        raise WorkerError(
            f"worker {dask_worker.address}: expected files of SHA-256 {sha256[:12]}, received {received[:12]}"
        )
    part.replace(_files(dask_worker) / sha256)
