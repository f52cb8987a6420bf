"""Plain text as LaTeX."""

from __future__ import annotations

import re

import pytest
from synthetic_study import HOSTILE

from study.report.document import Column, Table
from study.report.render import tex
from study.report.render.latex import column_format
from study.report.render.macros import Macros
from study.report.tables import name, number


@pytest.mark.parametrize("text", [*HOSTILE, "100 % & more_#1", "{x}^2~$y$\\"])
def test_no_active_character_is_left(text: str) -> None:
    bare = re.sub(r"\\[a-zA-Z]+(\{\})?|\\[{}$&#%_]", "", tex.escape(text))
    assert not re.search(r"[\\{}$&#%_^~]", bare)


def test_escaping_is_done_once() -> None:
    once = tex.escape("a_b")
    assert tex.escape(once) == once
    assert isinstance(once, tex.Tex)


@pytest.mark.parametrize(
    "word", ["inconclusive", "configuration,", "(hyperparameters).", "Wahrscheinlichkeit;"]
)
def test_words_are_left_to_the_hyphenation_of_tex(word: str) -> None:
    assert tex.escape(word) == word


@pytest.mark.parametrize("name", ["x" * 40, "0123456789abcdef0123", "net0123456789"])
def test_hashes_and_long_names_may_break(name: str) -> None:
    assert r"\allowbreak{}" in tex.escape(name)
    assert tex.escape(name).replace(r"\allowbreak{}", "") == name


def test_letters_that_pdftex_lacks() -> None:
    assert tex.foreign("żółw − Ω网 Ω") == ("Ω", "网")
    assert tex.code_points("Ω网") == ("03A9", "7F51")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("−0.42", r"\num{-0.42}"), ("+0.42", r"\num{+0.42}"), ("1,797", r"\num{1797}"), ("–", r"\textendash{}")],
)
def test_numbers_go_through_siunitx(text: str, expected: str) -> None:
    assert tex.num(text) == expected


def test_columns_fill_the_line_and_long_names_do_not_push_numbers() -> None:
    columns = (*(Column(title, "text") for title in ("Model", "Against", "Over")), Column("Interval"))
    rows = ((*(name(letter * 200) for letter in "abc"), number("[+11.11, +22.22]", 1.0)),)
    form = column_format(Table("t", "T", "c", columns, rows, ""))
    shares = [float(share) for share in re.findall(r"p\{([\d.]+)\\dimexpr", form)]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert shares[3] * 67 >= 7


def test_a_date_is_no_number() -> None:
    macros = Macros()
    said = macros.change("Date: 2026-02-03, 3 runs.", "verification/1")
    assert said == r"Date: 2026-\allowbreak{}02-\allowbreak{}03, \studynumber{verification/1/1} runs."
    assert macros.texts[0].numbers == (("verification/1/1", "3"),)
