"""Where runs are trained and features extracted, as params.yaml says: in this process or by a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from study.data.dataset import Dataset
from study.errors import StudyError, counted
from study.params import Execution, Params
from study.pipeline import paths
from study.pipeline.console import progress
from study.runs.phase import Bench

if TYPE_CHECKING:
    from study.executors.dask_jobs import Spread

ADDRESS = "DASK_SCHEDULER_ADDRESS"
"""The environment variable that names a running scheduler."""
Features = Mapping[str, NDArray[np.float16]]


class ExecutionError(StudyError):
    """The executor asked for is not installed."""


class Executor(Protocol):
    """Does the work of a stage; who does it changes no byte."""

    def bench(self, chosen: Params, backbone: str) -> Bench:
        """A backbone's bench; its ``train`` runs where the executor works.

        Raises
        ------
        FileError, DataError
            As ``Bench.read``.
        """
        ...

    def extract(self, chosen: Params, backbone: str, dataset: Dataset, out: Features) -> None:
        """Push all images through a backbone, with progress.

        Parameters
        ----------
        out
            Split to (n, n_features), filled.
        """
        ...


class Local:
    """In this process, on all its cores."""

    def bench(self, chosen: Params, backbone: str) -> Bench:
        """See ``Executor``."""
        return Bench.read(chosen, backbone)

    def extract(self, chosen: Params, backbone: str, dataset: Dataset, out: Features) -> None:
        """See ``Executor``."""
        from study.backbones.forward.extract import load_extractor

        with progress() as bar:
            task = bar.add_task(backbone, total=sum(map(len, dataset.images.values())))
            extractor = load_extractor(backbone, paths.WEIGHTS / backbone, image_size=chosen.pixels)
            for split, images in dataset.images.items():
                extractor(images, out=out[split], advance=lambda done: bar.advance(task, done))


def executor(execution: Execution) -> AbstractContextManager[Executor]:
    """The executor that params.yaml names; a cluster is left when the block ends.

    Raises
    ------
    ExecutionError
        ``dask`` is asked for and its packages are not installed.
    """
    if execution.executor == "local":
        return nullcontext(Local())
    return _spread()(execution, root=Path.cwd())


def workers_of(execution: Execution) -> str:
    """The executor and its workers, in words; a scheduler that is named is asked how many it has.

    Raises
    ------
    ExecutionError, ClusterError
        As ``executor``, or no scheduler answers.
    """
    if execution.executor == "local":
        return "executor: local, one process"
    address = os.environ.get(ADDRESS)
    if address is None:
        return f"executor: dask, {counted(execution.workers, 'worker')}, processes of this machine"
    with _spread()(execution, root=Path.cwd()) as where:
        return f"executor: dask, {counted(where.n_workers, 'worker')} at {address}"


def _spread() -> Callable[..., AbstractContextManager[Spread]]:
    try:
        from study.executors.dask_jobs import spread
    except ModuleNotFoundError as error:
        if error.name not in ("dask", "distributed"):
            raise
        raise ExecutionError(
            "execution.executor: expected the package distributed for dask, received none; install the extra "
            "cluster, or choose local"
        ) from None
    return spread
