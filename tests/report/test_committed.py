"""The committed report is the one that the committed tables give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from synthetic_study import ROOT

from study import params
from study.pipeline import paths
from study.report import build
from study.stages.report import inputs


@pytest.mark.slow
def test_the_committed_report_is_that_of_the_committed_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    page = (paths.REPORTS / "report.html").read_text(encoding="utf-8")
    named = re.search(r"<dt>Commit</dt><dd>([0-9a-f]{40})</dd>", page)
    assert named
    read = inputs(params.load(paths.PARAMS))
    dated = re.search(r"<dt>Date of the commit</dt><dd>([0-9-]{10})</dd>", page)
    assert dated
    told = {"commit": named[1], "date": dated[1], "dirty": False}
    then = read.provenance.model_copy(update=told)
    build(read.model_copy(update={"provenance": then}), templates=paths.templates(), out=tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) > 3
    figures = {path.relative_to(ROOT / "reports") for path in (ROOT / "reports/figures").iterdir()}
    assert figures == {path for path in made if path.parts[0] == "figures"}
    changed = [path for path in made if (tmp_path / path).read_bytes() != (paths.REPORTS / path).read_bytes()]
    assert changed == []
