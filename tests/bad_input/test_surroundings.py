"""A machine on which something is missing: git, room, a backend, DVC's folder or cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from changes import parameter
from rows import ANY, ask, contents, fits
from small_tree import ROOT, write_images

from study import params
from study.pipeline import provenance
from study.runs import stored

LITE = "efficientnet-lite0"
Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
AS_ROOT = os.geteuid() == 0


def told(command: str, says: str, tree: Path, capsys: Capture, monkeypatch: Patch) -> None:
    before = contents(tree)
    line = ask(command, capsys, monkeypatch).line
    assert fits(says, line), f"expected {says}\nreceived {line}"
    assert contents(tree) == before


def test_no_git_repository(tree: Path, capsys: Capture, monkeypatch: Patch) -> None:
    shutil.rmtree(".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tree.parent))
    says = f"git log: expected a git clone with a commit, received fatal: not a git repository {ANY}"
    told("report", says, tree, capsys, monkeypatch)


def test_a_clone_of_another_owner(tree: Path, capsys: Capture, monkeypatch: Patch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    says = (
        f"git log: expected a git clone with a commit, received fatal: detected dubious ownership {ANY} "
        f"git config --global --add safe.directory {tree}"
    )
    told("report", says, tree, capsys, monkeypatch)


def test_no_commit(tree: Path, capsys: Capture, monkeypatch: Patch) -> None:
    shutil.rmtree(".git")
    subprocess.run(["git", "init", "-q", "--template="], check=True)
    says = f"git log: expected a git clone with a commit, received fatal: {ANY} does not have any commits yet"
    told("report", says, tree, capsys, monkeypatch)


def test_a_commit_without_the_study(tree: Path, capsys: Capture, monkeypatch: Patch) -> None:
    shutil.rmtree(".git")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "init", "-q", "--template="], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "nothing"], check=True)
    says = "git: expected a commit that holds the study, received none; run git commit first"
    told("report", says, tree, capsys, monkeypatch)


def test_no_git(tree: Path, capsys: Capture, monkeypatch: Patch) -> None:
    monkeypatch.setenv("PATH", str(tree))
    told("report", "git: expected the command git, received none; install git", tree, capsys, monkeypatch)


@pytest.mark.usefixtures("tree")
def test_every_run_of_a_study_is_planned() -> None:
    kept = stored.kept(stored.planned_keys(params.load(Path("params.yaml"))))
    assert len(kept) > 10
    assert {one.state for one in kept} == {stored.PLANNED}


def test_a_needed_file_that_git_does_not_track(tree: Path) -> None:
    subprocess.run(["git", "config", "status.showUntrackedFiles", "no"], check=True)
    assert not provenance.commit()["dirty"]
    (tree / "templates" / "mine.html.j2").write_text("a", encoding="utf-8")
    assert provenance.commit()["dirty"]


@pytest.mark.parametrize("command", ["select", f"train {LITE}", "study plan --no-time", "study verify"])
@pytest.mark.parametrize("name", ["torch", "tensorflow-cpu", ""])
def test_a_backend_without_a_trainer(
    name: str, command: str, tree: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", name)
    says = f"KERAS_BACKEND: expected tensorflow or jax, received {name or 'nothing'}"
    told(command, says, tree, capsys, monkeypatch)


@pytest.mark.parametrize(
    ("command", "file", "says"),
    [
        ("data", "data", "data: expected to read or write, received {any}"),
        (
            "select",
            "reports/selection.json",
            "reports/{any}: expected to read or write, received is a directory",
        ),
        (
            "study paper --out params.yaml/a.tar.gz",
            "",
            "params.yaml: expected to read or write, received {any}",
        ),
    ],
)
def test_a_place_that_cannot_be_written(
    command: str, file: str, says: str, tree: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    if file == "data":
        shutil.rmtree("data")
        Path("data").write_bytes(b"")
    elif file:
        Path(file).unlink()
        Path(file, "x").mkdir(parents=True)
    else:
        for name in ("report.tex", "report-numbers.tex"):
            Path("reports", name).write_text("a", encoding="utf-8")
    told(command, says.replace("{any}", ANY), tree, capsys, monkeypatch)


@pytest.mark.skipif(AS_ROOT, reason="root may write where nobody else may")
def test_a_folder_without_permission(tree: Path, capsys: Capture, monkeypatch: Patch) -> None:
    Path("reports").chmod(0o500)
    says = f"reports/{ANY}: expected to read or write, received permission denied"
    told("select", says, tree, capsys, monkeypatch)
    Path("reports").chmod(0o700)


@pytest.mark.skipif(not AS_ROOT, reason="only root may mount a small disk")
def test_a_full_disk(tree: Path, capsys: Capture, monkeypatch: Patch) -> None:
    small = Path("small")
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20k", "tmpfs", "small"], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        write_images(tree / "larger", seed=2)
        parameter("dataset", "larger")()
        shutil.move("data", "before")
        Path("data").symlink_to("small")
        says = f"{ANY}: expected to write, received no space left on device; make room and run the same command again"
        told("data", says, tree, capsys, monkeypatch)
    finally:
        subprocess.run(["umount", "small"], check=True)


def dvc(*words: str) -> tuple[int, str]:
    """What DVC says in the present folder: its exit code, and its words on one line."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *words],
        env={**os.environ, "DVC_NO_ANALYTICS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join(done.stderr.split())


def test_dvc_not_initialised(tree: Path) -> None:
    shutil.copy(ROOT / "dvc.yaml", tree)
    code, said = dvc("repro")
    assert code != 0
    assert "you are not inside of a DVC repository" in said
    assert "Traceback" not in said


def test_a_cache_that_is_not_there(tree: Path) -> None:
    shutil.copytree(ROOT / ".dvc", ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    for name in ("dvc.yaml", "dvc.lock"):
        shutil.copy(ROOT / name, tree)
    shutil.rmtree("data")
    code, said = dvc("checkout", "data")
    assert code != 0
    assert "Traceback" not in said
    assert "data/dataset Is your cache up to date?" in said
    assert not Path("data/dataset").exists()


@pytest.mark.parametrize("command", ["study.stages.features", "study.stages.select", "study"])
def test_too_little_memory_to_load_the_libraries(command: str) -> None:
    """OpenBLAS would ask for it for ever."""
    limited = f"ulimit -v 1600000; exec {sys.executable} -m {command}"
    done = subprocess.run(
        ["sh", "-c", limited], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    says = "memory: expected at least 2 GB of address space (ulimit -v), received 1.6 GB\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", says)
