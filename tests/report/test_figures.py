"""Figures: fixed marks, honest numbers, equal bytes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from built_report import Built, inputs
from synthetic_study import ROOT, small, study

from study.report.plots import style
from study.report.plots.intervals import Estimate, Line, Scale, estimates, intervals
from study.report.sections import factors

DRAWN = """
import hashlib, sys
from study.report.plots.intervals import Estimate, Line, Scale, intervals
from study.report.plots.style import drawing, marks
from functools import partial
shown = [Estimate("x", 1.0, 0.5, 2.0, "a", "a"), Estimate("y", 1.5, 1.0, 2.5, "b", "b")]
lines = [Line("x", "First"), Line("y", "Second, 50 % & $more$")]
draw = partial(intervals, shown, lines, marks(["a", "b"]), Scale("Accuracy, %"))
made = drawing(draw, "figure")
print(hashlib.sha256(made.wide.encode() + made.narrow.encode() + made.pdf).hexdigest())
"""
HOSTILE_RC = """
backend: tkagg
font.family: serif
font.size: 31
text.usetex: True
svg.fonttype: path
svg.hashsalt: other
figure.dpi: 37
savefig.dpi: 41
savefig.bbox: tight
axes.grid: False
axes.formatter.use_locale: True
lines.linewidth: 9
path.simplify: False
pdf.compression: 0
figure.autolayout: True
"""


def test_one_more_backbone_changes_no_mark() -> None:
    few, more = style.marks(["a", "b"]), style.marks(["a", "b", "c"])
    assert {model: more[model] for model in few} == few
    many = style.marks([str(index) for index in range(40)])
    assert len(set(many.values())) == 40


def test_names_are_cut_in_the_middle_and_missing_letters_are_boxes() -> None:
    assert style.shorten("efficientnet-lite0", 18) == "efficientnet-lite0"
    assert len(style.shorten("x" * 50, 20)) == 20
    assert style.shorten("网a", 5) == "□a"


def test_figures_draw_the_numbers_of_the_table() -> None:
    made = inputs(study(small(backbones=["only"], seeds=3), seed=2))
    rows = factors.compared(made, "dropout")
    shown = estimates(rows, "level", value="diff", panel="model")
    with style.style():
        drawn = intervals(shown, [Line("0.3", "0.3")], style.marks(["only"]), Scale("points"))
    (container,) = drawn.axes[0].containers
    ((low, _), (high, _)) = container.lines[2][0].get_segments()[0]
    row = rows.iloc[0]
    assert (low, high) == (pytest.approx(100 * row["ci_low"]), pytest.approx(100 * row["ci_high"]))


def test_a_value_beyond_the_axis_stands_at_its_end_with_its_number() -> None:
    shown = [Estimate("x", -21.3, -22.0, -20.0, "a", "a"), Estimate("y", 1.0, 0.5, 1.5, "a", "a")]
    scale = Scale("points", centre=0.0, reach=4.0)
    with style.style():
        drawn = intervals(shown, [Line("x", "x"), Line("y", "y")], style.marks(["a"]), scale)
    axes = drawn.axes[0]
    assert axes.get_xlim() == (-4.0, 4.0)
    assert [text.get_text() for text in axes.texts] == ["−21.3"]
    assert len(axes.containers) == 1


def test_the_verdict_picks_the_mark() -> None:
    verdicts = ("different", "different but trivial", "equivalent", "inconclusive")
    shown = [Estimate(one, 1.0, 0.5, 1.5, "a", "a", one) for one in verdicts]
    with style.style():
        drawn = intervals(shown, [Line(one, one) for one in verdicts], style.marks(["a"]), Scale("points"))
    marks = [container.lines[0] for container in drawn.axes[0].containers]
    looks = [(mark.get_marker(), mark.get_markerfacecolor() != "none") for mark in marks]
    assert looks == [("o", True), ("D", True), ("s", False), ("o", False)]


def test_svg_has_no_date_no_font_file_and_ids_of_its_own(plain: Built) -> None:
    seen: set[str] = set()
    for slug, made in plain.drawings.items():
        drawn = made.wide + made.narrow
        ids = re.findall(r'\bid="([^"]+)"', drawn)
        assert len(ids) == len(set(ids))
        assert not seen & set(ids)
        seen |= set(ids)
        assert all(one.startswith(f"{slug}-") for one in ids)
        assert "<metadata" not in drawn
        assert "<style" not in drawn
        assert "font-family" not in drawn
        assert not re.search("#[0-9a-f]{6}\\b", drawn)
        used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', drawn))
        assert used == set(ids)
        assert "http" not in drawn.replace("http://www.w3.org/", "")


def test_pdf_has_no_date(plain: Built) -> None:
    for made in plain.drawings.values():
        assert made.pdf.startswith(b"%PDF")
        assert b"/CreationDate" not in made.pdf
        assert b"/ModDate" not in made.pdf


def test_last_digits_which_differ_between_machines_change_no_byte_of_a_page() -> None:
    def drawn(noise: float) -> style.Drawing:
        values = [0.1 * place * (1 + noise * (-1) ** place) for place in range(1, 8)]
        shown = [
            Estimate(str(place), value, value / 2, 2 * value, model, model)
            for place, value in enumerate(values)
            for model in ("a", "b", "c")
        ]
        lines = [Line(str(place), str(place)) for place in range(7)]
        scale = Scale("ratio", log=True, centre=1.0, ticks=(0.1, 1.0, 10.0))
        return style.drawing(partial(intervals, shown, lines, style.marks(["a", "b", "c"]), scale), "noisy")

    here, elsewhere = drawn(0.0), drawn(1e-13)
    assert here.wide == elsewhere.wide
    assert here.narrow == elsewhere.narrow


def test_no_setting_of_a_person_changes_a_figure(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text(HOSTILE_RC, encoding="utf-8")

    def drawn(**other: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **other}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", DRAWN], env=environment, cwd=tmp_path, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    (tmp_path / "empty").write_text("", encoding="utf-8")
    usual = drawn(MATPLOTLIBRC=str(tmp_path / "empty"))
    assert drawn() == usual
    hostile = str(tmp_path / "matplotlibrc")
    assert drawn(MATPLOTLIBRC=hostile, TZ="Asia/Tokyo", LC_ALL="POSIX", SOURCE_DATE_EPOCH="1") == usual
