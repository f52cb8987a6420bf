"""The make commands say what is missing in one line, and repair an environment that was cut short."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "sed", "awk", "rm", "touch", "sleep", "kill", "git", "find", "dirname")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A git work tree with one commit, the Makefile, and a lock without packages."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "empty.lock").write_text("# nothing\n")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "start")
    return folder


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


def outside_make(**changes: str) -> dict[str, str]:
    """The environment as it is when no make runs these tests, and without a package index."""
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "GIT_"))
    }
    return {**ours, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", **changes}


def make(folder: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = outside_make(PATH=path or os.environ["PATH"])
    command = [shutil.which("make") or "make", *words, f"PYTHON={sys.executable}", "LOCK=empty.lock"]
    if any(word.startswith("PYTHON=") for word in words):
        command.remove(f"PYTHON={sys.executable}")
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def first_error(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode != 0, result.stdout
    first, *others = result.stderr.splitlines()
    assert [line for line in others if not line.startswith("make:")] == []
    return first


def test_help_is_the_default_and_lists_every_command() -> None:
    shown = make(ROOT).stdout
    commands = [line.split()[1] for line in shown.splitlines()]
    assert commands[:5] == ["help", "report", "test", "paper", "lint"]
    assert all(len(line) > 20 for line in shown.splitlines())


@pytest.mark.parametrize("cut", ["", '{"read": {'])
def test_a_lock_that_was_cut_short_is_removed_and_another_stays(clone: Path, cut: str) -> None:
    lock = clone / ".dvc/tmp/rwlock"
    assert make(clone, "unlock").returncode == 0
    lock.parent.mkdir(parents=True)
    lock.write_text('{"read": {}, "write": {}}')
    assert make(clone, "unlock").stdout == ""
    assert lock.exists()
    lock.write_text(cut)
    assert "cut short" in make(clone, "unlock").stdout
    assert not lock.exists()


@pytest.mark.parametrize("kept", [0, 10, 500, 20_000, None])
def test_a_lock_file_that_dvc_refuses_is_removed_and_another_stays(clone: Path, kept: int | None) -> None:
    """So many bytes of it, or all."""
    subprocess.run([sys.executable, "-m", "dvc", "init", "--quiet"], cwd=clone, check=True)
    (clone / ".venv").symlink_to(sys.prefix)
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, clone)
    lock = clone / "dvc.lock"
    lock.write_bytes((ROOT / "dvc.lock").read_bytes()[:kept])
    is_refused = not has_status(clone)
    told = make(clone, "unlock")
    assert told.returncode == 0
    assert ("dvc.lock: cut short" in told.stdout) == is_refused == (not lock.exists())
    assert is_refused or kept not in (0, 10)
    assert not is_refused or kept is not None
    assert has_status(clone)


def test_a_lock_file_stays_where_dvc_cannot_read_it_for_another_reason(clone: Path) -> None:
    """Here there is no folder of DVC's."""
    (clone / ".venv").symlink_to(sys.prefix)
    (clone / "dvc.lock").write_text("")
    assert make(clone, "unlock").stdout == ""
    assert (clone / "dvc.lock").exists()


def has_status(folder: Path) -> bool:
    """Whether DVC reads the pipeline's files."""
    command = [sys.executable, "-m", "dvc", "status"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "changed deps" in done.stdout or "deleted" in done.stdout


def test_a_lock_stays_where_there_is_no_python_to_read_it(clone: Path) -> None:
    lock = clone / ".dvc/tmp/rwlock"
    lock.parent.mkdir(parents=True)
    lock.write_text("{}")
    told = first_error(make(clone, "unlock", "PYTHON=python-that-is-not-there"))
    assert told.startswith("PYTHON: expected")
    assert lock.exists()


def test_a_folder_without_git_is_one_line(clone: Path) -> None:
    shutil.rmtree(clone / ".git")
    assert first_error(make(clone, "env")).startswith(
        "git: expected a git clone, received a folder without git;"
    )
    assert not (clone / ".venv").exists()


def test_a_repository_without_commit_is_one_line(clone: Path) -> None:
    shutil.rmtree(clone / ".git")
    git(clone, "init", "--quiet")
    assert first_error(make(clone, "env")).startswith("git: expected at least one commit, received none;")


def test_no_git_is_one_line(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found and tool != "git":
            (tools / tool).symlink_to(found)
    message = first_error(make(clone, "env", path=str(tools)))
    assert message == "git: expected the command git, received none; install git"


def test_no_python_is_one_line(clone: Path) -> None:
    message = first_error(make(clone, "env", "PYTHON=python3.999"))
    assert message == "PYTHON: expected Python 3.11, 3.12 or 3.13, received no command python3.999"


@pytest.mark.parametrize("version", ["3, 10, 4", "3, 14, 0", "2, 7, 18"])
def test_another_python_is_one_line(clone: Path, tmp_path: Path, version: str) -> None:
    other = tmp_path / "python-other"
    other.write_text(
        f'#!/bin/sh\nshift\nexec {sys.executable} -c "import sys; sys.version_info = ({version})\n$1"\n'
    )
    other.chmod(0o755)
    message = first_error(make(clone, "env", f"PYTHON={other}"))
    dotted = version.replace(", ", ".")
    assert message.startswith(
        f"PYTHON: expected Python 3.11, 3.12 or 3.13, received {dotted}; name another as in"
    )


def test_a_python_without_ensurepip_is_one_line(clone: Path, tmp_path: Path) -> None:
    other = tmp_path / "python-other"
    other.write_text(
        f"#!/bin/sh\nshift\nexec {sys.executable} -c \"import sys; sys.modules['ensurepip'] = None\n$1\"\n"
    )
    other.chmod(0o755)
    message = first_error(make(clone, "env", f"PYTHON={other}"))
    assert message.startswith(
        "PYTHON: expected the modules venv and ensurepip, received a Python without them;"
    )


def test_an_install_that_fails_is_begun_again(clone: Path) -> None:
    lock, left_over = clone / "empty.lock", clone / ".venv" / "left-over"
    lock.write_text(f"nothing-like-it==1.0 --hash=sha256:{'0' * 64}\n")
    failed = make(clone, "env")
    assert failed.returncode != 0
    assert "nothing-like-it" in failed.stderr
    assert not list((clone / ".venv").glob("installed-*"))

    left_over.touch()
    lock.write_text("# nothing\n")
    made = make(clone, "env")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("Making .venv from empty.lock: about ")
    assert (clone / ".venv" / "installed-empty.lock").exists()
    assert not left_over.exists()

    again = make(clone, "env")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_a_killed_install_and_a_lost_python_are_repaired(clone: Path) -> None:
    command = ["make", "env", f"PYTHON={sys.executable}", "LOCK=empty.lock"]
    killed = subprocess.Popen(
        command, cwd=clone, env=outside_make(), stdout=subprocess.DEVNULL, start_new_session=True
    )
    python, pip = clone / ".venv" / "bin" / "python", clone / ".venv" / "bin" / "pip"
    deadline = time.monotonic() + 60
    while not python.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    assert killed.wait() != 0
    assert not pip.exists()
    assert make(clone, "env").returncode == 0
    assert pip.exists()

    python.unlink()
    assert make(clone, "env").stdout.startswith("Making .venv from empty.lock")
    assert python.exists()
