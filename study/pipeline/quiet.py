"""Keeps what TensorFlow writes while it is imported off the terminal.

Its first lines are written by C++ before it reads ``TF_CPP_MIN_LOG_LEVEL``. So standard error is collected
while TensorFlow or Keras is imported, and given on without the lines that ``_CHATTER`` knows.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_IMPORTED = ("tensorflow", "keras")
_CHATTER = re.compile(rb"WARNING: All log messages before absl::Init.*|I\d{4} .* port\.cc:\d+\].*")


class Quiet(MetaPathFinder):
    """Finds the packages of ``_IMPORTED`` as ever, and loads them with standard error collected."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of one of these packages, with a loader that collects; None for any other."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname in _IMPORTED else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Collecting(spec.loader)
        return spec


class _Collecting(Loader):
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with without_chatter():
            self._loader.exec_module(module)


@contextmanager
def without_chatter() -> Iterator[None]:
    """Standard error, that of C++ as well, comes when the block ends, without the lines of ``_CHATTER``."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    with tempfile.TemporaryFile() as collected:
        os.dup2(collected.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            collected.seek(0)
            for line in collected:
                if not _CHATTER.fullmatch(line.rstrip(b"\n")) and line.strip():
                    os.write(2, line)


def install() -> None:
    """Import TensorFlow and Keras quietly from now on."""
    if not any(isinstance(finder, Quiet) for finder in sys.meta_path):
        sys.meta_path.insert(0, Quiet())
