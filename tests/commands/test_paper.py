"""The paper's archive: equal bytes, and it compiles where nothing else of the project is."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from study.commands import paper
from study.files import FileError

ROOT = Path(__file__).resolve().parents[2]
NO_TEX = pytest.mark.skipif(shutil.which("latexmk") is None, reason="latexmk is not installed")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    copy = tmp_path / "reports"
    shutil.copytree(ROOT / "reports", copy, ignore=shutil.ignore_patterns("results", "timings", "*.html"))
    return copy


def test_equal_files_give_equal_bytes(reports: Path) -> None:
    first = paper.bundle(reports)
    for path in reports.rglob("*"):
        os.utime(path, (1, 1))
    (reports / "report.tex").chmod(0o600)
    (reports / "figures" / "of-no-report.pdf").write_bytes(b"%PDF")
    assert paper.bundle(reports) == first
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        members = archive.getmembers()
    names = [member.name for member in members]
    assert names == sorted(names)
    assert {"paper/README.txt", "paper/report.tex", "paper/report-numbers.tex"} <= set(names)
    tables = {f"paper/tables/{path.name}" for path in (reports / "tables").glob("*.csv")}
    assert tables <= set(names)
    assert "paper/figures/of-no-report.pdf" not in names
    assert all(
        (member.mtime, member.uid, member.uname, member.mode) == (0, 0, "", 0o644) for member in members
    )


@NO_TEX
def test_it_compiles_elsewhere(tmp_path: Path) -> None:
    out = tmp_path / "study.tar.gz"
    done = subprocess.run(
        [sys.executable, "-m", "study", "paper", "--out", out], cwd=ROOT, check=True, capture_output=True
    )
    assert str(out).encode() in b"".join(done.stderr.split(b"\n"))
    away = tmp_path / "away"
    with tarfile.open(out) as archive:
        archive.extractall(away, filter="data")
    compiled = subprocess.run(
        ["latexmk", "-pdf", "-interaction=nonstopmode", "-halt-on-error", "report.tex"],
        cwd=away / "paper",
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=180,
    )
    assert compiled.returncode == 0, compiled.stdout[-2000:]
    assert (away / "paper" / "report.pdf").stat().st_size > 100_000
    log = (away / "paper" / "report.log").read_text(encoding="utf-8", errors="replace")
    assert "There were undefined references" not in log


def test_what_is_missing_is_one_line(reports: Path, tmp_path: Path) -> None:
    with pytest.raises(
        FileError, match=r"--out: expected a name that ends in \.tar\.gz, received study\.zip"
    ):
        paper.write(tmp_path / "study.zip", reports)
    figure = min((reports / "figures").glob("*.pdf"))
    figure.unlink()
    with pytest.raises(FileError, match=f"{figure.name}: expected this file, received No such file"):
        paper.write(tmp_path / "study.tar.gz", reports)
    assert not (tmp_path / "study.tar.gz").exists()
    shutil.rmtree(reports / "tables")
    with pytest.raises(FileError, match="tables: expected tables as CSV, received none"):
        paper.bundle(reports)
    (reports / "report.tex").unlink()
    with pytest.raises(FileError, match=r"report\.tex: expected this file"):
        paper.bundle(reports)
