"""Names of a data set stand in both faces of the report as text, never as markup or commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from changes import parameter
from small_tree import CLASSES

from study import params
from study.pipeline import paths
from study.report.build import draw
from study.report.plots.style import Drawing
from study.report.render.html import render_html
from study.report.render.latex import render_tex
from study.report.sections import report
from study.stages.report import inputs

SCRIPT, COMMAND, _ = CLASSES


@pytest.fixture(scope="module")
def faces(made: Path) -> tuple[str, str]:
    """HTML and LaTeX of the report of a data set whose classes are called like markup."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        written = report(inputs(params.load(paths.PARAMS)))
        page = render_html(written, draw(written.pictures), paths.templates())
        return page, render_tex(written, paths.templates())[0]


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


@pytest.mark.usefixtures("tree")
def test_the_report_names_an_address_without_what_may_be_secret() -> None:
    parameter("dataset", "https://me:secret@example.org/set.tar.gz?token=secret")()
    parameter("dataset_mirrors", "['https://me:secret@example.com/set.tar.gz']")()
    written = report(inputs(params.load(paths.PARAMS)))
    none = {picture.slug: Drawing("", "", b"") for picture in written.pictures}
    html = render_html(written, none, paths.templates())
    assert "https://example.org/set.tar.gz" in html
    assert "https://example.com/set.tar.gz" in html
    assert "secret" not in html
