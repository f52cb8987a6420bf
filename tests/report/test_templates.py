"""Templates hold loops and slots: no data and no logic."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest
from built_report import Built
from synthetic_study import ROOT

from study.report import render

FILES = sorted((ROOT / "templates").rglob("*.j2"))
LOOP = r"for \w+(, \w+)? in [\w.]+(\|zip\(\w+\))?"
INCLUDE = r'include ("[\w./]+"|"partials/" ~ block\.kind ~ "\.(html|tex)\.j2")'
STATEMENT = re.compile(rf"({LOOP}|endfor|{INCLUDE}|if [\w.]+|endif)")
SLOT = re.compile(r"[\w.]+(\|\w+(\([\w.]+\))?)?")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", FILES, ids=names(FILES))
def test_only_loops_and_slots(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    statements = re.findall(r"(?:\{%|<%)-?\s*(.*?)\s*-?(?:%\}|%>)", text)
    slots = re.findall(r"(?:\{\{|<<)\s*(.*?)\s*(?:\}\}|>>)", text)
    assert [one for one in statements if not STATEMENT.fullmatch(one)] == []
    assert [one for one in slots if not SLOT.fullmatch(one)] == []


WITH_TEXT = [path for path in FILES if path.name != "preamble.tex.j2"]
"""The preamble has lengths and no text."""


@pytest.mark.parametrize("path", WITH_TEXT, ids=names(WITH_TEXT))
def test_no_digit_is_data(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"(\{\{|<<|\{%|<%).*?(\}\}|>>|%\}|%>)", "", text)
    text = re.sub(r"<[^>]*>", "", text) if ".html" in path.name else re.sub(r"#\d|\[\d\]", "", text)
    assert not re.search(r"\d", text)


def test_a_value_that_the_model_lacks_is_an_error(tmp_path: Path, plain: Built) -> None:
    (tmp_path / "report.html.j2").write_text("{{ report.nothing }}", encoding="utf-8")
    with pytest.raises(jinja2.UndefinedError):
        render.render_html(plain.model, tmp_path)
