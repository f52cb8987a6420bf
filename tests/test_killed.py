"""The pipeline, ended at random moments in several ways, goes on from there to the same bytes.

``STUDY_KILLS=50 python -m pytest -n 2 tests/test_killed.py`` tries fifty moments; the suite tries a few.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from clone import NUMBERS, REPORT, Clone, differing

from study.training.store import RunStore

N_KILLS = int(os.environ.get("STUDY_KILLS", "2"))
WAYS = ("SIGKILL", "full disk", "SIGINT", "memory limit")
PAST_THE_END = 1.1
"""Of the seconds that the study takes; a moment past its end finds it ended, and the second run idle."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The study of one backbone, which nothing ended."""
    return Clone.ran(tmp_path_factory.mktemp("whole"), n_backbones=1)


@pytest.mark.parametrize("number", range(N_KILLS))
def test_a_study_that_was_ended_goes_on_to_the_same_bytes(whole, tmp_path, number, record_property):
    moment = np.random.default_rng(number)
    way = WAYS[number % len(WAYS)]
    with small_disk(tmp_path / "ended", moment, full=way == "full disk") as (folder, more_space):
        other = Clone(folder, n_backbones=1)
        output = end(other, way, moment, longest=PAST_THE_END * whole.seconds)
        record_property("ended", f"{way} in {last_stage(output)}")
        assert way != "full disk" or "Traceback" not in output
        more_space()
        store = RunStore(folder / ".study" / "runs")
        kept = {entry.path: entry.path.stat().st_mtime_ns for entry in store.entries()}
        assert all(entry.inputs is not None for entry in store.entries())
        if way == "full disk":
            (folder / ".venv").symlink_to(sys.prefix)
            subprocess.run(["make", "--silent", "unlock"], cwd=folder, check=True)
        other.dvc("repro")
        assert {path: path.stat().st_mtime_ns for path in kept} == kept
        assert differing(other.bytes_of(*NUMBERS), whole.bytes_of(*NUMBERS)) == []
        assert other.bytes_of(*REPORT).keys() == whole.bytes_of(*REPORT).keys()
        assert left_over(folder) == []


def last_stage(output: str) -> str:
    """The stage that ran last, as DVC names it."""
    return ["none", *re.findall(r"^Running stage '(.+)':$", output, re.MULTILINE)][-1]


def end(other: Clone, way: str, moment: np.random.Generator, *, longest: float) -> str:
    """Run the pipeline until it is ended; what it printed."""
    limit = int(moment.uniform(1e9, 6e9))
    process = subprocess.Popen(
        other.command("repro"),
        cwd=other.folder,
        env=other.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    if way == "memory limit":
        resource.prlimit(process.pid, resource.RLIMIT_AS, (limit, limit))
    seconds = moment.uniform(1, longest) if way.startswith("SIG") else None
    try:
        return process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.Signals[way])
        output = process.communicate(timeout=120)[0]
    wait_for_the_group(process.pid)
    return output


def wait_for_the_group(group: int) -> None:
    deadline = time.monotonic() + 60
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.1)


@contextmanager
def small_disk(folder: Path, moment: np.random.Generator, *, full: bool) -> Iterator[tuple[Path, object]]:
    """A folder, on a disk of its own that is too small for the study where ``full``."""
    folder.mkdir()
    if not full:
        yield folder, lambda: None
        return
    megabytes = moment.integers(8, 120)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a disk in memory")
    try:
        yield folder, lambda: subprocess.run(["mount", "-o", "remount,size=2g", str(folder)], check=True)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def left_over(folder: Path) -> list[str]:
    """Half-written files and folders in the pipeline's own places."""
    return [
        str(path.relative_to(folder))
        for place in ("data", "reports", ".study")
        for path in (folder / place).rglob(".*.part")
    ]
