"""The watch sees what a process takes of its own and what it maps."""

import mmap
import time

import numpy as np

from benchmarks import memory

MEGABYTES = 64 * 2**20


def test_own_memory_and_mapped_files_are_told_apart(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * MEGABYTES)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        with memory.Watch() as watch:
            time.sleep(0.2)
        before = watch.largest
        with memory.Watch() as watch:
            np.frombuffer(mapped, np.uint8).sum()
            own = np.ones(MEGABYTES, np.uint8)
            time.sleep(0.2)
    assert watch.largest.mapped - before.mapped > 0.9 * MEGABYTES
    assert watch.largest.own - before.own > 0.9 * own.nbytes


def test_runs_of_both_kinds_are_measured():
    for augmentation in ("none", "cutmix"):
        assert memory.train(300, 2, augmentation).own > 0
