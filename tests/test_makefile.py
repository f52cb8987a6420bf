"""The make commands say what is missing in one line, and repair an environment that was cut short."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UNKNOWN = f"nothing-like-it==1.0 --hash=sha256:{'0' * 64}\n"
TOOLS = ("sh", "sed", "awk", "rm", "touch", "sleep", "kill", "git", "find", "dirname")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A git work tree with one commit, the Makefile, and a lock without packages."""
    return started(tmp_path / "a clone")


def started(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
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
    return {**ours, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "UV_OFFLINE": "1", **changes}


def make(
    folder: Path, *words: str, lock: str = "empty.lock", path: str | None = None, **changes: str
) -> subprocess.CompletedProcess[str]:
    environment = outside_make(PATH=path or os.environ["PATH"], **changes)
    command = [shutil.which("make") or "make", *words, f"PYTHON={sys.executable}"]
    if lock:
        command.append(f"LOCK={lock}")
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


def test_report_mends_what_a_full_disk_cut_short_before_dvc_reads_it(clone: Path) -> None:
    shown = make(clone, "--dry-run", "report").stdout
    assert 0 < shown.index("-m study unlock") < shown.index("-m dvc repro")


def test_a_folder_without_git_is_one_line(clone: Path) -> None:
    shutil.rmtree(clone / ".git")
    assert first_error(make(clone, "env")).startswith(
        "git: expected a git clone, received a folder without git;"
    )
    assert not (clone / ".venv").exists()


def test_a_clone_of_another_owner_is_told_in_the_words_of_git(clone: Path) -> None:
    message = first_error(make(clone, "env", GIT_TEST_ASSUME_DIFFERENT_OWNER="1"))
    assert message.startswith(
        "git: expected a clone that git reads, received fatal: detected dubious ownership"
    )
    assert message.endswith(f"git config --global --add safe.directory '{clone}'")


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
    lock = clone / "empty.lock"
    lock.write_text(UNKNOWN)
    failed = make(clone, "env")
    assert failed.returncode != 0
    assert "nothing-like-it" in failed.stderr
    assert not (clone / ".venv").exists()

    lock.write_text("# nothing\n")
    made = make(clone, "env")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("Making .venv from empty.lock: about ")
    assert (clone / ".venv" / "installed-empty.lock").exists()

    again = make(clone, "env")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with an environment; a file of its own tells it from another."""
    folder = started(tmp_path_factory.mktemp("made"))
    assert make(folder, "env").returncode == 0
    (folder / ".venv" / "the first").touch()
    return folder


def is_whole(folder: Path) -> bool:
    python = folder / ".venv" / "bin" / "python"
    return subprocess.run([python, "-m", "pip", "--version"], check=False).returncode == 0


def test_an_environment_stays_where_the_lock_is_only_newer(made: Path) -> None:
    (made / "empty.lock").touch()
    again = make(made, "env")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert (made / ".venv" / "the first").exists()


def test_an_environment_stays_until_that_of_another_lock_is_whole(made: Path) -> None:
    lock = made / "empty.lock"
    lock.write_text(UNKNOWN)
    failed = make(made, "env")
    assert failed.returncode != 0
    assert "The present one is of another empty.lock or Python; it stays until" in failed.stdout
    assert (made / ".venv" / "the first").exists()
    assert is_whole(made)

    lock.write_text("# nothing else\n")
    assert make(made, "env").returncode == 0
    assert not (made / ".venv" / "the first").exists()
    assert is_whole(made)
    (made / ".venv" / "the first").touch()

    stamp = made / ".venv" / "installed-empty.lock"
    stamp.write_text(stamp.read_text().rpartition(" ")[0] + " 99\n")
    assert make(made, "env").stdout.startswith("Making .venv from empty.lock")
    assert not (made / ".venv" / "the first").exists()
    (made / ".venv" / "the first").touch()
    assert sorted(path.name for path in made.glob(".venv*")) == [".venv"]


def test_an_environment_comes_back_where_the_next_is_interrupted(made: Path) -> None:
    (made / "empty.lock").write_text("# another\n")
    command = ["make", "env", f"PYTHON={sys.executable}", "LOCK=empty.lock"]
    making = subprocess.Popen(
        command, cwd=made, env=outside_make(), stdout=subprocess.DEVNULL, start_new_session=True
    )
    until((made / ".venv" / "unfinished").exists)
    os.killpg(making.pid, signal.SIGINT)
    assert making.wait() != 0
    assert (made / ".venv" / "the first").exists()
    assert is_whole(made)
    assert sorted(path.name for path in made.glob(".venv*")) == [".venv"]


@pytest.fixture
def locks(clone: Path) -> tuple[Path, Path]:
    """The locks of a report and of the tests, which are what make takes unless told otherwise."""
    folder = clone / "requirements"
    folder.mkdir()
    (folder / "report.lock").write_text("# what a report needs\n")
    (folder / "dev.lock").write_text("# and more\n")
    return folder / "report.lock", folder / "dev.lock"


def test_an_environment_of_a_report_grows_into_that_of_the_tests(
    clone: Path, locks: tuple[Path, Path]
) -> None:
    for_report, for_tests = ("requirements/report.lock", "requirements/dev.lock")
    report, dev = locks
    assert make(clone, "env", lock="").stdout.startswith("Making .venv from requirements/report.lock")
    (clone / ".venv" / "the first").touch()

    dev.write_text(UNKNOWN)
    assert make(clone, "env", lock=for_tests).returncode != 0
    assert make(clone, "env", lock=for_report).stdout == ""

    dev.write_text("# and more\n")
    grown = make(clone, "env", lock=for_tests)
    assert grown.stdout.startswith("Adding to .venv what requirements/dev.lock has more")
    for lock in (for_report, for_tests):
        again = make(clone, "env", lock=lock)
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert (clone / ".venv" / "the first").exists()

    report.write_text("# what a report now needs\n")
    assert make(clone, "env", lock=for_tests).stdout == ""
    assert make(clone, "env", lock=for_report).stdout.startswith("Making .venv from requirements/report.lock")
    assert not (clone / ".venv" / "the first").exists()


@pytest.mark.usefixtures("locks")
@pytest.mark.parametrize(("command", "lock"), [("report", "report"), ("paper", "report"), ("test", "dev")])
def test_each_command_takes_the_lock_that_it_needs(clone: Path, command: str, lock: str) -> None:
    shown = make(clone, "--dry-run", command, lock="")
    assert f"Making .venv from requirements/{lock}.lock" in shown.stdout


def test_an_environment_that_somebody_else_made_is_left_alone(clone: Path) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv" / "mine").touch()
    message = first_error(make(clone, "env"))
    assert message == ".venv: expected an environment that make has made, received another; move it away"
    assert (clone / ".venv" / "mine").exists()


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert happened()


def test_a_killed_install_and_a_lost_python_are_repaired(clone: Path) -> None:
    command = ["make", "env", f"PYTHON={sys.executable}", "LOCK=empty.lock"]
    killed = subprocess.Popen(
        command, cwd=clone, env=outside_make(), stdout=subprocess.DEVNULL, start_new_session=True
    )
    python, pip = clone / ".venv" / "bin" / "python", clone / ".venv" / "bin" / "pip"
    until(python.exists)
    os.killpg(killed.pid, signal.SIGKILL)
    assert killed.wait() != 0
    assert not pip.exists()
    assert make(clone, "env").returncode == 0
    assert pip.exists()

    python.unlink()
    assert make(clone, "env").stdout.startswith("Making .venv from empty.lock")
    assert python.exists()
