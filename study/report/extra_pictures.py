"""Pictures of variation, choice, classes and published numbers: drawing, caption, alternative text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from study.report import effects, numbers, panels, remarks, sentences, style
from study.report.conventions import Conventions, n_of
from study.report.exhibits import Picture
from study.report.labels import factor_title, level_title, setting_words
from study.report.panels import Line, Scale
from study.report.pictures import NOT_ZERO, picture
from study.report.rows import records

_MOST_CLASSES = 30
"""More do not fit a grid of confusions."""
_FACTOR_LEVEL = ["factor", "level"]


def equivalence(levels: pd.DataFrame, rows: pd.DataFrame, conventions: Conventions) -> Picture:
    """Every comparison with the reference against the margin; rows of ``comparisons``, test accuracy."""
    margin = 100 * conventions.margin
    shown = rows.assign(value=100 * rows["diff"], low=100 * rows["ci_low"], high=100 * rows["ci_high"])
    reach = float(shown[["value", "low", "high"]].abs().max().max())
    ticks = [one for one in (0.5, 2.0, 10.0, 50.0) if margin <= one <= max(reach, 2.0)]
    scale = Scale(
        "Test accuracy minus that of the reference, points (linear within the margin, logarithmic beyond)",
        "symlog",
        0.0,
        (-margin, margin),
        near=margin,
        ticks=(*(-one for one in reversed(ticks)), 0.0, *ticks),
    )
    draw = partial(
        panels.lines, shown, _lines(levels, rows), _FACTOR_LEVEL, style.marks(conventions.backbones), scale
    )
    caption = (
        f"Marks with bars: mean difference and its {conventions.level} t interval over {n_of(rows)}, paired, "
        f"explore phase. Shaded: the margin of equivalence, {conventions.margin_points} either side of zero. "
        "A bar inside the shade is equivalent; the test asks it of the interval with twice the level alpha "
        "only, which is narrower. The mark is the verdict after Holm's correction."
    )
    alt = sentences.certainty(rows, conventions)
    return picture("equivalence", "All differences against the margin", caption, alt, draw, means=rows)


def steadiness(levels: pd.DataFrame, rows: pd.DataFrame, conventions: Conventions) -> Picture:
    """Spread at each level over the spread at the reference; rows of ``steadiness_levels``."""
    shown = rows.assign(value=rows["ratio"], low=rows["ratio_ci_low"], high=rows["ratio_ci_high"])
    scale = Scale(
        "SD over that of the reference (log scale)", "log", 1.0, ticks=(0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
    )
    draw = partial(
        panels.lines, shown, _lines(levels, rows), _FACTOR_LEVEL, style.marks(conventions.backbones), scale
    )
    caption = (
        f"SD of test accuracy over {n_of(rows)} at each level, over that at the reference, explore phase. "
        f"Bars: {conventions.level} interval of Pitman and Morgan for paired replicates, not corrected."
    )
    alt = remarks.spread_of_levels(rows)
    return picture("steadiness", "Spread at each level", caption, alt, draw, means=rows)


def sources(rows: pd.DataFrame, conventions: Conventions) -> Picture:
    """Spread that each source of randomness makes alone; rows of ``variance_sources``."""
    shown = rows.assign(value=100 * rows["sd"], low=100 * rows["sd_ci_low"], high=100 * rows["sd_ci_high"])
    ordered = rows.groupby("setting", sort=False)["source"].unique()
    known = [(str(setting), str(source)) for setting, of in ordered.items() for source in of]
    lines = [
        Line((setting, source), remarks.SOURCE_TITLES.get(source, source), setting_words(setting))
        for setting, source in known
    ]
    draw = partial(
        panels.lines,
        shown,
        lines,
        ["setting", "source"],
        style.marks(conventions.backbones),
        Scale("SD of test accuracy, points"),
    )
    caption = (
        f"SD over {n_of(rows)} of runs in which one source of randomness varies alone. Bars: "
        f"{conventions.level} chi-square interval of the SD."
    )
    alt = remarks.sources(rows)
    return picture("variance-sources", "Sources of the spread", caption, alt, draw, means=rows)


def expected_best(rows: pd.DataFrame, conventions: Conventions) -> Picture:
    """Accuracy of the best of so many settings; rows of ``expected_best``."""
    draw = partial(
        panels.growth, rows, style.marks(conventions.backbones), axis_title="Settings tried, each once"
    )
    caption = (
        "What trying so many settings once and keeping the best on validation may be expected to give "
        f"[@dodge]: its validation accuracy and its test accuracy. Lines: means over {n_of(rows)}; bands: "
        f"{conventions.level} t interval of the mean. The gap between the lines is not optimism alone: the "
        f"splits differ too. {NOT_ZERO}"
    )
    alt = remarks.expected_best(rows)
    return picture("expected-best", "Expected best accuracy", caption, alt, draw, means=rows)


def per_class(rows: pd.DataFrame, conventions: Conventions) -> Picture:
    """Confirmed accuracy on each class; rows of ``per_class``."""
    shown = rows.assign(value=100 * rows["mean"], low=100 * rows["ci_low"], high=100 * rows["ci_high"])
    lines = [Line((name,), name) for name in dict.fromkeys(rows["class"])]
    draw = partial(
        panels.lines, shown, lines, ["class"], style.marks(conventions.backbones), Scale("Test accuracy, %")
    )
    caption = (
        f"Selected settings, confirm phase. Marks with bars: mean and {conventions.level} t interval over "
        f"{n_of(rows)}. {NOT_ZERO}"
    )
    return picture("per-class", "Test accuracy by class", caption, remarks.classes(rows), draw, means=rows)


def confusion(rows: pd.DataFrame, conventions: Conventions) -> Picture | None:
    """Classes taken for others; none where there are too many classes for a grid."""
    names = list(dict.fromkeys(rows["true"]))
    if len(names) > _MOST_CLASSES:
        return None
    wrong = rows.loc[rows["true"] != rows["predicted"], "share"]
    darkest = numbers.percent(float(wrong.max()) if len(wrong) else 0.0, 1)
    draw = partial(panels.confusion, rows, names, style.marks(conventions.backbones))
    caption = (
        "Of the test images of a class (row), the percentage taken for each class (column), mean over "
        f"{n_of(rows)}, confirm phase, without an interval; below half a percent nothing is written. Shade: "
        f"errors alone, the darkest is {darkest}{numbers.PERCENT}; right answers stand bold on the "
        "diagonal."
    )
    return picture("confusion", "Confusion of classes", caption, remarks.confusion(rows), draw, means=rows)


def reliability(rows: pd.DataFrame, conventions: Conventions) -> Picture:
    """How often predictions of some probability are right; rows of ``reliability``."""
    draw = partial(panels.reliability, rows, style.marks(conventions.backbones))
    caption = (
        "Confirmed test predictions in bins of equal width by the probability of the predicted class "
        "[@guo]. Dotted: as often right as sure; below it, too sure. Bars end at the axes. Area of a "
        f"mark: share of the images. Bars: {conventions.level} t interval over {n_of(rows)}."
    )
    alt = remarks.calibration(rows)
    return picture("reliability", "Calibration", caption, alt, draw, means=rows)


def published(rows: pd.DataFrame, titles: dict[str, str], conventions: Conventions) -> Picture | None:
    """The source's accuracies against prediction intervals; none where none can be tested."""
    known = rows[rows["low"].notna()]
    if known.empty:
        return None
    caption = (
        f"Bars: {conventions.level} prediction interval of one more run, from {n_of(known)}; diamonds: the "
        f"source's numbers, each from one run. {NOT_ZERO}"
    )
    draw = partial(effects.published, known, titles)
    return picture("published", "Published accuracies", caption, remarks.published(rows), draw, means=known)


def _lines(levels: pd.DataFrame, rows: pd.DataFrame) -> Sequence[Line]:
    there = set(zip(rows["factor"], rows["level"], strict=True))
    return [
        Line(
            (row["factor"], row["level"]),
            level_title(row["factor"], row["level"]),
            factor_title(row["factor"]),
        )
        for row in records(levels)
        if (row["factor"], row["level"]) in there
    ]
