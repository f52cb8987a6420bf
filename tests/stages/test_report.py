"""The PDF beside the report: there where TeX is, never an old one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from study.stages.report import typeset

GOOD = r"\documentclass{article}\begin{document}\input{report-numbers}\end{document}"
NO_TEX = pytest.mark.skipif(shutil.which("latexmk") is None, reason="latexmk is not installed")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "report.tex").write_text(GOOD, encoding="utf-8")
    (tmp_path / "report-numbers.tex").write_text("one", encoding="utf-8")
    (tmp_path / "report.pdf").write_bytes(b"old")
    return tmp_path


@NO_TEX
def test_a_pdf_where_tex_is(reports: Path) -> None:
    typeset(reports)
    assert (reports / "report.pdf").read_bytes().startswith(b"%PDF")
    assert {path.name for path in reports.iterdir()} == {"report.tex", "report-numbers.tex", "report.pdf"}


@NO_TEX
def test_no_old_pdf_where_tex_fails(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (reports / "report.tex").write_text(r"\undefined", encoding="utf-8")
    typeset(reports)
    assert not (reports / "report.pdf").exists()
    assert "latexmk gave no PDF" in " ".join(capsys.readouterr().err.split())


def test_no_old_pdf_where_tex_is_not(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(reports))
    typeset(reports)
    assert not (reports / "report.pdf").exists()
