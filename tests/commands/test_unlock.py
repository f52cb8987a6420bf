"""Files of DVC's own that were cut short are mended; those with another fault stay as they are."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from study.commands.unlock import without_last_stage

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "dvc.lock").read_bytes()
STAGES = [found.start() for found in re.finditer(rb"^  \S", LOCK, re.MULTILINE)]
CONFLICT = "expected one version of it, received a merge conflict"
REFUSED = "expected a file that this version of DVC reads"
SIDES = b"<<<<<<< HEAD\n      md5: aa\n=======\n      md5: bb\n>>>>>>> other\n"


@pytest.fixture
def clone(tmp_path):
    """A repository of DVC's with the pipeline's files, but for dvc.lock."""
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run([sys.executable, "-m", "dvc", "init", "--quiet"], cwd=tmp_path, check=True)
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def unlock(folder):
    return subprocess.run(
        [sys.executable, "-m", "study", "unlock"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def has_status(folder):
    """Whether DVC reads the pipeline's files."""
    command = [sys.executable, "-m", "dvc", "status"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "changed deps" in done.stdout or "deleted" in done.stdout


@pytest.mark.parametrize("kept", [0, 10, 500, 20_000, None])
def test_a_lock_file_that_was_cut_short_keeps_its_whole_stages(clone, kept):
    """So many bytes of it, or all."""
    lock = clone / "dvc.lock"
    lock.write_bytes(LOCK[:kept])
    is_refused = not has_status(clone)
    told = unlock(clone)
    assert told.returncode == 0, told.stderr
    assert has_status(clone)
    assert is_refused == told.stderr.startswith("dvc.lock: its end was cut off;")
    if is_refused:
        assert (clone / "dvc.lock.broken").read_bytes() == LOCK[:kept]
    whole = (
        max([start for start in STAGES if start < kept][1:], default=0) if is_refused else len(LOCK[:kept])
    )
    assert (lock.read_bytes() if lock.exists() else b"") == LOCK[:whole]
    assert is_refused or kept not in (0, 10)
    assert not is_refused or kept is not None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            LOCK[: STAGES[2]] + SIDES + LOCK[STAGES[2] :],
            CONFLICT,
        ),
        (LOCK[: STAGES[-1] + 90] + SIDES, CONFLICT),
        (LOCK.replace(b"schema: '2.0'", b"schema: '3.0'"), "received invalid schema version"),
        (b"schema: '3.0'\nstages:\n  data:\n    made: 1\n", "received "),
        (
            LOCK[: STAGES[2]] + b"\x00\x00" + LOCK[STAGES[2] :],
            REFUSED,
        ),
        (b"\x00" * 5000, REFUSED),
        (LOCK.replace(b"md5", b"md 5: :", 3), REFUSED),
    ],
    ids=["conflict", "conflict at the end", "newer", "newer with one stage", "zeros", "all zeros", "edited"],
)
def test_a_lock_file_with_another_fault_stays_and_is_one_line(clone, content, message):
    lock = clone / "dvc.lock"
    lock.write_bytes(content)
    told = unlock(clone)
    assert told.returncode == 1
    assert len(told.stderr.splitlines()) == 1
    assert told.stderr.startswith("dvc.lock: ")
    assert message in told.stderr
    assert lock.read_bytes() == content
    assert not (clone / "dvc.lock.broken").exists()


def test_a_lock_file_that_may_not_be_read_stays(clone):
    """A folder cannot be read as a file, whoever runs the tests."""
    (clone / "dvc.lock").mkdir()
    told = unlock(clone)
    assert told.returncode == 1
    assert told.stderr == "dvc.lock: expected to read or write, received is a directory\n"
    assert (clone / "dvc.lock").is_dir()


def test_a_folder_without_dvc_is_left_alone(tmp_path):
    (tmp_path / "dvc.lock").write_text("")
    told = unlock(tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert (tmp_path / "dvc.lock").exists()


def test_every_cut_keeps_the_stages_before_it():
    for kept in range(0, len(LOCK), 97):
        whole = without_last_stage(LOCK[:kept])
        assert LOCK.startswith(whole)
        assert whole == b"" or whole[-1:] == b"\n"


@pytest.mark.parametrize("cut", ["", '{"read": {'])
def test_a_rwlock_that_was_cut_short_is_removed_and_another_stays(clone, cut):
    lock = clone / ".dvc/tmp/rwlock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text('{"read": {}, "write": {}}')
    assert unlock(clone).stderr == ""
    assert lock.exists()
    lock.write_text(cut)
    assert "cut short" in unlock(clone).stderr
    assert not lock.exists()


def test_a_rwlock_that_dvc_is_writing_stays(clone):
    from dvc.lock import make_lock

    lock = clone / ".dvc/tmp/rwlock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text("")
    with make_lock(str(lock.with_suffix(".lock")), tmp_dir=str(lock.parent)):
        told = unlock(clone)
    assert told.returncode == 0, told.stderr
    assert lock.exists()
