"""A job for workers that needs no backend."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from study.executors.dask_worker import Order


@dataclass(frozen=True)
class Digests:
    """SHA-256 of every file of the order's folders, after a while; with the process that made them."""

    seconds: float = 0.0

    def __call__(self, order: Order) -> tuple[int, dict[str, str]]:
        time.sleep(self.seconds)
        return os.getpid(), digests(order.folders)


def digests(folders: object) -> dict[str, str]:
    """SHA-256 of every file of folders, by path."""
    return {
        path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(Path(folder).iterdir())
    }
