"""The watch sees what a process takes of its own and what it maps."""

import mmap
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from benchmarks import memory

MEGABYTES = 64 * 2**20


def taken(path):
    """What a new process, whose allocator has nothing to give again, takes of its own and maps."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        with memory.Watch() as watch:
            time.sleep(0.2)
        before = watch.largest
        with memory.Watch() as watch:
            np.frombuffer(mapped, np.uint8).sum()
            own = np.ones(MEGABYTES, np.uint8)
            time.sleep(0.2)
    return own.nbytes, watch.largest.mapped - before.mapped, watch.largest.own - before.own


def test_own_memory_and_mapped_files_are_told_apart(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * MEGABYTES)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        n_bytes, mapped, own = process.submit(taken, path).result()
    assert mapped > 0.9 * MEGABYTES
    assert own > 0.9 * n_bytes


def test_runs_of_both_kinds_are_measured():
    for augmentation in ("none", "cutmix"):
        assert memory.train(300, 2, augmentation).own > 0
