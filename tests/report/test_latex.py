"""Plain text as LaTeX."""

from __future__ import annotations

import re

import pytest
from synthetic_study import HOSTILE

from study.report import latex
from study.report.exhibits import Column, NumberTable, cells, name, number
from study.report.macros import Macros


@pytest.mark.parametrize("text", [*HOSTILE, "100 % & more_#1", "{x}^2~$y$\\"])
def test_no_active_character_is_left(text: str) -> None:
    bare = re.sub(r"\\[a-zA-Z]+(\{\})?|\\[{}$&#%_]", "", latex.escape(text))
    assert not re.search(r"[\\{}$&#%_^~]", bare)


def test_escaping_is_done_once() -> None:
    once = latex.escape("a_b")
    assert latex.escape(once) == once
    assert isinstance(once, latex.Tex)


def test_long_words_may_break_and_short_ones_may_not() -> None:
    assert latex.escape("inconclusive") == "inconclusive"
    assert r"\allowbreak{}" in latex.escape("x" * 30)
    assert latex.escape("x" * 30).replace(r"\allowbreak{}", "") == "x" * 30


def test_letters_that_pdftex_lacks() -> None:
    assert latex.foreign("żółw − Ω网 Ω") == ("Ω", "网")
    assert latex.code_points("Ω网") == ("03A9", "7F51")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("−0.42", r"\num{-0.42}"), ("+0.42", r"\num{+0.42}"), ("1,797", r"\num{1797}"), ("–", r"\textendash{}")],
)
def test_numbers_go_through_siunitx(text: str, expected: str) -> None:
    assert latex.num(text) == expected


def test_columns_fill_the_line_and_long_names_do_not_push_numbers() -> None:
    columns = (*(Column(title, "text") for title in ("Model", "Against", "Over")), Column("Interval"))
    rows = cells([[*(name(letter * 200) for letter in "abc"), number("[+11.11, +22.22]", 1.0)]])
    form = latex.column_format(NumberTable("t", "T", "c", columns, rows, ""))
    shares = [float(share) for share in re.findall(r"p\{([\d.]+)\\dimexpr", form)]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert shares[3] * 67 >= 7


def test_a_date_is_no_number() -> None:
    macros = Macros()
    said = macros.change("Date: 2026-02-03, 3 runs.", "verification/1")
    assert said == r"Date: 2026-\allowbreak{}02-\allowbreak{}03, \studynumber{verification/1/1} runs."
    assert macros.texts[0].numbers == (("verification/1/1", "3"),)
