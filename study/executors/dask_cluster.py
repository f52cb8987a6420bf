"""Jobs on the workers of a Dask cluster: processes of this machine, or of the scheduler that is named."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import dask
from distributed import Client, KilledWorker, LocalCluster, Security, as_completed

from study.errors import StudyError
from study.executors import dask_worker as worker
from study.executors.local import ADDRESS
from study.params import Execution, Params
from study.pipeline import paths
from study.pipeline.console import say

_CONNECT_SECONDS = 10
_PIECE_BYTES = 2**25
_SENDERS = 4
"""Workers that are sent folders at once."""


_NO_PAGES: dict[str, list[str]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


class ClusterError(StudyError):
    """A cluster that cannot be reached, or a job that failed on it."""


class Cluster:
    """A client of the scheduler at ``DASK_SCHEDULER_ADDRESS``, or of worker processes started here.

    Parameters
    ----------
    execution
        How many processes to start where no scheduler is named.
    root
        The project's folder under the name by which workers look for it.
    """

    def __init__(self, execution: Execution, *, root: Path) -> None:
        self._execution = execution
        self._root = root
        self._local: LocalCluster | None = None
        self._client: Client | None = None

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close(timeout=_CONNECT_SECONDS)
        if self._local is not None:
            self._local.close(timeout=_CONNECT_SECONDS)

    @property
    def client(self) -> Client:
        """The connected client."""
        self.connect()
        return cast(Client, self._client)

    def connect(self) -> None:
        """Find the scheduler, or start one with its workers, where that has not been done.

        Raises
        ------
        ClusterError
            No scheduler answers at the address.
        """
        if self._client is None:
            for name in ("distributed", "distributed.client"):
                logging.getLogger(name).setLevel(logging.CRITICAL)
            address = os.environ.get(ADDRESS)
            self._client = _connect(address) if address else self._start()

    @property
    def n_workers(self) -> int:
        """Workers at hand; those that a named scheduler gets later are not known yet."""
        return len(self.client.nthreads())

    def _start(self) -> Client:
        n_workers = self._execution.workers
        threads = max(1, (os.cpu_count() or 1) // n_workers)
        scratch = paths.scratch().absolute()
        scratch.mkdir(parents=True, exist_ok=True)
        with _uninterrupted(), dask.config.set(_NO_PAGES):
            self._local = LocalCluster(
                security=_certificates(),
                n_workers=n_workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=None,
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.CRITICAL,
                local_directory=str(scratch),
                env={"STUDY_THREADS": str(threads)},
            )
        return Client(self._local)

    def order(self, chosen: Params, backbone: str, folders: Sequence[Path]) -> worker.Order:
        """What jobs that read these folders of the project have in common."""
        return worker.Order(
            chosen,
            backbone,
            str(self._root),
            {folder.as_posix(): worker.folder_sha256(folder) for folder in folders},
            worker.versions(),
        )

    def each(
        self, order: worker.Order, tasks: Sequence[worker.Task], done: Callable[[int, str, Any], None]
    ) -> None:
        """Do every task somewhere; those of a worker that dies are done by another.

        A worker that lacks a folder asks for it, and is sent it while others work.

        Parameters
        ----------
        done
            Called with the position of a task, the worker's address and the result, as they come.

        Raises
        ------
        ClusterError
            A task failed, or one worker after the other died over it.
        """
        client, topic = self.client, f"study-{uuid.uuid4().hex}"
        senders = ThreadPoolExecutor(_SENDERS)

        def asked(event: tuple[float, dict[str, str]]) -> None:
            senders.submit(self._give, *(event[1][name] for name in ("address", "name", "sha256")))

        client.subscribe_topic(topic, asked)
        try:
            futures = [
                client.submit(worker.work, order, topic, task, key=(topic, position), retries=0)
                for position, task in enumerate(tasks)
            ]
            waiting = as_completed(futures, with_results=True, raise_errors=False)
            del futures
            for future, result in cast(Iterator[tuple[Any, Any]], waiting):
                answer = _answer(future, result)
                done(future.key[1], answer.worker, answer.result)
        finally:
            client.unsubscribe_topic(topic)
            senders.shutdown(wait=False, cancel_futures=True)

    def _give(self, address: str, name: str, sha256: str) -> None:
        """Send a folder to a worker, or tell it why not; one that has died meanwhile needs neither."""
        say(f"{address}: {name} is sent")
        try:
            for file, offset, piece in _pieces(Path(name)):
                self._on(address, worker.receive, sha256, file, offset, piece)
            self._on(address, worker.settle, sha256)
        except Exception as error:
            with suppress(Exception):
                self._on(address, worker.give_up, sha256, worker.in_one_line(error))

    def _on(self, address: str, function: Callable[..., None], *arguments: Any) -> None:
        self.client.run(function, *arguments, workers=[address])


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes started here leave Ctrl-C to this one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _certificates() -> Security:
    """Certificates of this process alone: what a worker is sent it runs, and any user may connect to it."""
    try:
        return cast(Security, Security.temporary())
    except ImportError:
        raise ClusterError(
            "execution.executor: expected the package cryptography for dask, received none; install the "
            "extra cluster, or choose local"
        ) from None


def is_open(address: str) -> bool:
    """Whether others than this machine's users may reach a scheduler that has no certificates."""
    scheme, _, rest = address.rpartition("://")
    host = rest.rpartition(":")[0].strip("[]") or rest
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    return scheme not in ("tls", "wss", "inproc") and not here


def _connect(address: str) -> Client:
    if is_open(address):
        say(
            f"Warning: {address} is not encrypted: whoever reaches it can run code on its workers; "
            "docs/cluster.md says how to use tls://"
        )
    try:
        return Client(address, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"{ADDRESS}: expected the address of a running Dask scheduler, such as tcp://host:8786, received "
            f"{address} ({worker.in_one_line(error)})"
        ) from None


def _answer(future: Any, result: Any) -> worker.Done:
    if isinstance(result, worker.Done):
        return result
    error = result[1] if isinstance(result, tuple) else result
    if isinstance(error, worker.WorkerError):
        raise ClusterError(str(error)) from None
    if isinstance(error, KilledWorker):
        raise ClusterError(
            f"cluster: expected a worker to end a job, received the death of {error.allowed_failures + 1} "
            f"over it, the last {error.last_worker.address}; is the memory of a worker enough?"
        )
    raise ClusterError(f"cluster: a job failed, {future.status}: {worker.in_one_line(error)}") from error


def _pieces(folder: Path) -> Iterator[tuple[str, int, bytes]]:
    """The files of a folder in pieces: name, offset, bytes."""
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            for offset in range(0, max(1, path.stat().st_size), _PIECE_BYTES):
                yield path.name, offset, file.read(_PIECE_BYTES)
