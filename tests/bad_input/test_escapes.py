"""Names of a data set stand in both faces of the report as text, never as markup or commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_tree import CLASSES

from study import params
from study.pipeline import paths
from study.report.outline import report
from study.report.render import render_html, render_tex
from study.stages.report import inputs

SCRIPT, COMMAND, _ = CLASSES


@pytest.fixture(scope="module")
def faces(made: Path) -> tuple[str, str]:
    """HTML and LaTeX of the report of a data set whose classes are called like markup."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        written = report(*inputs(params.load(paths.PARAMS)))
        return render_html(written, paths.TEMPLATES), render_tex(written, paths.TEMPLATES)[0]


def test_html(faces: tuple[str, str]) -> None:
    html, _ = faces
    assert SCRIPT not in html
    assert "&lt;script&gt;alert(1)&lt;" in html
    assert "a_b%&amp;\\input{x}" in html


def test_latex(faces: tuple[str, str]) -> None:
    _, tex = faces
    assert COMMAND not in tex
    assert "\\input{x}" not in tex
    assert r"a\_\allowbreak{}b\%\&" in tex or r"a\_b\%\&" in tex
