"""The two sides of a comparison, each in a process of its own, measured in turn.

TensorFlow's threads are fixed when it is first imported. The study's side has the study's environment; the
Keras side has the person's, and so TensorFlow's own settings.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

from study.pipeline import environment

T = TypeVar("T")
Size = Literal["smoke", "quick", "full"]


class Side:
    """A process that calls functions of modules, one at a time, and keeps what they cache."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._pool = ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), initializer=_prepare, initargs=(variables,)
        )

    def __call__(self, function: Callable[..., T], *arguments: Any) -> T:
        """What ``function`` gives in that process."""
        return self._pool.submit(function, *arguments).result()

    def close(self) -> None:
        """End the process."""
        self._pool.shutdown()


class Context:
    """What every benchmark is given.

    Attributes
    ----------
    size
        ``full``: the study's; ``quick``: all benchmarks end in five minutes on two quiet cores; ``smoke``: to
        see that they run.
    archive
        Images laid out like CINIC-10, or None for the built-in digits.
    study, keras
        The two sides.
    """

    def __init__(self, *, size: Size = "quick", archive: Path | None = None) -> None:
        self.size = size
        self.archive = archive
        self.study = self.fresh_study()
        self.keras = Side(environment.FOUND | {"TF_CPP_MIN_LOG_LEVEL": "3"})

    def fresh_study(self) -> Side:
        """Another process with the study's environment; its caller closes it."""
        return Side(dict(os.environ))

    def pick(self, *, smoke: T, quick: T, full: T) -> T:
        """The one for this size."""
        return {"smoke": smoke, "quick": quick, "full": full}[self.size]

    def __enter__(self) -> Context:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.study.close()
        self.keras.close()


def medians(rounds: int, *works: Callable[[], float]) -> list[float]:
    """The median of each work's seconds over rounds in which all of them take turns."""
    seconds = [[work() for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*seconds, strict=True)]


def _prepare(by: dict[str, str]) -> None:
    environment.replace(os.environ, by)
