"""The commit that the report names, and whether the code differs from it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from study import files
from study.pipeline import paths, provenance


def git(*words: str) -> str:
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
    done = subprocess.run(["git", *names, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(name: str, text: str) -> str:
    """Commit a file; gives the commit."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    git("add", "--all")
    git("commit", "-q", "-m", name)
    return git("rev-parse", "HEAD")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two commits of code."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q", "--template=")
    Path("params.yaml").write_text("lr: 0.0005\n", encoding="utf-8")
    commit("study/a.py", "1")
    commit("study/b.py", "1")
    return folder


def report() -> None:
    """What the report stage writes of the commit, committed by the person who ran it."""
    files.write_json(paths.SOURCE_JSON, {"source": [provenance.committed()]})
    commit("reports/report.html", "x")


@pytest.mark.parametrize("name", ["params.yaml", "dvc.lock", "reports/report.html", "notes.txt"])
def test_only_code_makes_the_code_another(project: Path, name: str) -> None:
    commit("reports/report.html", "x")
    (project / name).write_text("other", encoding="utf-8")
    assert not provenance.commit()["dirty"]
    (project / "study/a.py").write_text("2", encoding="utf-8")
    assert provenance.commit()["dirty"]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_names_the_same_commit(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    code = git("rev-parse", "HEAD")
    report()
    commit("notes.txt", "more")
    named = provenance.commit()
    assert named["commit"] == code
    shallow = tmp_path / "shallow"
    git("clone", "-q", "--depth", str(depth), f"file://{project}", str(shallow))
    monkeypatch.chdir(shallow)
    assert git("log", "-1", "--format=%H", "--", "study") != code
    assert provenance.commit() == named


def test_a_shallow_clone_of_other_code_names_a_commit_that_has_it(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report()
    newer = commit("study/a.py", "3")
    shallow = tmp_path / "shallow"
    git("clone", "-q", "--depth", "1", f"file://{project}", str(shallow))
    monkeypatch.chdir(shallow)
    assert provenance.commit()["commit"] == newer


def test_a_damaged_record_of_the_commit_is_not_believed(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write_json(paths.SOURCE_JSON, {"source": [provenance.committed()]})
    text = paths.SOURCE_JSON.read_text(encoding="utf-8")
    last = commit("reports/source.json", text.replace('"date": "2', '"date": "1'))
    shallow = tmp_path / "shallow"
    git("clone", "-q", "--depth", "1", f"file://{project}", str(shallow))
    monkeypatch.chdir(shallow)
    assert provenance.commit()["commit"] == last
