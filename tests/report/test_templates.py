"""Templates hold loops and slots: no data and no logic."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest
from built_report import Built
from synthetic_study import ROOT

from study.report.render.html import render_html

FILES = sorted((ROOT / "templates").rglob("*.j2"))
LOOP = r"for \w+(, \w+)? in [\w.]+(\|zip\(\w+\))?"
INCLUDE = r'include ("[\w./]+"|"partials/" ~ block\.kind ~ "\.(html|tex)\.j2")'
STATEMENT = re.compile(rf"({LOOP}|endfor|{INCLUDE}|if [\w.]+|else|endif)")
SLOT = re.compile(r"(\"report.(css|js)\"|[\w.]+)(\|\w+(\([\w.]+\))?)?")


def test_only_loops_and_slots() -> None:
    other = {}
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        statements = re.findall(r"(?:\{%|<%)-?\s*(.*?)\s*-?(?:%\}|%>)", text)
        slots = re.findall(r"(?:\{\{|<<)\s*(.*?)\s*(?:\}\}|>>)", text)
        other[path.name] = [one for one in statements if not STATEMENT.fullmatch(one)]
        other[path.name] += [one for one in slots if not SLOT.fullmatch(one)]
    assert {name: found for name, found in other.items() if found} == {}


WITH_TEXT = [path for path in FILES if path.name != "preamble.tex.j2"]
"""The preamble has lengths and no text."""


def test_no_digit_is_data() -> None:
    found = {}
    for path in WITH_TEXT:
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"(\{\{|<<|\{%|<%).*?(\}\}|>>|%\}|%>)", "", text)
        text = re.sub(r"<[^>]*>", "", text) if ".html" in path.name else re.sub(r"#\d|\[\d\]", "", text)
        found[path.name] = re.findall(r"\d+", text)
    assert {name: digits for name, digits in found.items() if digits} == {}


def test_a_value_that_the_model_lacks_is_an_error(tmp_path: Path, plain: Built) -> None:
    for name in ("report.css", "report.js"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "report.html.j2").write_text("{{ report.nothing }}", encoding="utf-8")
    with pytest.raises(jinja2.UndefinedError):
        render_html(plain.model, plain.drawings, tmp_path)
