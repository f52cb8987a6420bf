"""Figures: fixed marks, honest places, equal bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from built_report import Built
from synthetic_study import small, study

from study.report import effects, figures, pictures, style
from study.report.conventions import Conventions


def test_one_more_backbone_changes_no_mark() -> None:
    few, more = style.marks(["a", "b"]), style.marks(["a", "b", "c"])
    assert {model: more[model] for model in few} == few
    many = style.marks([str(index) for index in range(40)])
    assert len(set(many.values())) == 40


@pytest.mark.parametrize(
    ("levels", "ordered", "log", "places", "true"),
    [
        (["0.001", "0.01", "0.1"], True, True, [-3, -2, -1], True),
        (["0.3", "0.5", "0.7"], True, False, [0.3, 0.5, 0.7], True),
        (["10", "100", "all"], True, True, [1, 2, 3], True),
        (["10", "990", "all"], True, True, [0, 1, 2], False),
        (["0", "0.001"], True, True, [0, 1], False),
        (["none", "zoom"], False, False, [0, 1], True),
        (["0.5"], True, False, [0], False),
    ],
)
def test_levels_stand_at_their_true_distance_where_there_is_room(
    levels: Sequence[str], ordered: bool, log: bool, places: list[float], true: bool
) -> None:
    made = figures.level_places(levels, ordered=ordered, log=log, largest=1000, models=3)
    assert made == (pytest.approx(places), true)


def test_names_are_cut_in_the_middle_and_missing_letters_are_boxes() -> None:
    assert style.shorten("efficientnet-lite0", 18) == "efficientnet-lite0"
    assert len(style.shorten("x" * 50, 20)) == 20
    assert style.shorten("网a", 5) == "□a"


def test_figures_draw_the_numbers_of_the_table() -> None:
    values = small(backbones=["only"], seeds=3)
    made = study(values, seed=2).tables
    levels = made["levels"][made["levels"]["factor"] == "dropout"]
    rows = made["comparisons"].query("factor == 'dropout' and metric == 'test_accuracy'")
    drawn = effects.forest(
        rows, [("0.3", "0.3"), ("0.5", "0.5")], style.marks(["only"]), margin=0.005, reference="0.5"
    )
    axes = drawn.axes[0]
    ((bar,),) = [container.lines[2] for container in axes.containers]
    ((low, _), (high, _)) = bar.get_segments()[0]
    row = rows.iloc[0]
    assert (low, high) == (pytest.approx(100 * row["ci_low"]), pytest.approx(100 * row["ci_high"]))
    conventions = Conventions.of(values.model_dump())
    assert pictures.forest("dropout", levels, rows, conventions).alt


def test_svg_has_no_date_no_font_file_and_ids_of_its_own(plain: Built) -> None:
    seen: set[str] = set()
    for picture in plain.model.pictures:
        drawn = picture.svg + picture.narrow
        ids = re.findall(r'\bid="([^"]+)"', drawn)
        assert len(ids) == len(set(ids))
        assert not seen & set(ids)
        seen |= set(ids)
        assert "<metadata" not in drawn
        assert "<style" not in drawn
        assert "font-family" not in drawn
        assert not re.search("#[0-9a-f]{6}\\b", drawn)
        used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', drawn))
        assert used <= set(ids)
        assert "http" not in drawn.replace("http://www.w3.org/", "")


def test_pdf_has_no_date(plain: Built) -> None:
    for picture in plain.model.pictures:
        assert picture.pdf.startswith(b"%PDF")
        assert b"/CreationDate" not in picture.pdf
        assert b"/ModDate" not in picture.pdf
