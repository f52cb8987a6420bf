"""Figures with their captions and alternative texts, chosen from the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from study.report import effects, figures, numbers, sentences, style
from study.report.conventions import Conventions, n_of
from study.report.exhibits import Picture, csv_file
from study.report.labels import (
    SOURCE_COMPARISONS,
    SOURCE_CURVES,
    SOURCE_ENSEMBLES,
    factor_title,
    factor_words,
    level_title,
    method_title,
)
from study.report.rows import highest, lowest, records
from study.report.style import Mark

_LOG_FACTORS = ("lr", "batch_size", "images_per_class")
_RUN = ("run", "model", "setting", "replicate", "status", "test_accuracy")
NOT_ZERO = "The accuracy axis does not begin at zero."
_BAR = "Points: single replicates. Marks with bars: mean and"


def curves(factor: str, levels: pd.DataFrame, rows: pd.DataFrame, conventions: Conventions) -> Picture:
    """Accuracy over the epochs at every level; ``rows`` are those of ``curves`` of the factor, accuracy."""
    shown = rows[rows["curve"].isin(["train", "valid"])]
    counterparts = SOURCE_CURVES.get(factor, {})
    named = [
        f"{level_title(factor, level)}: {counterparts[level]}"
        for level in levels["level"]
        if level in counterparts
    ]
    caption = (
        f"A panel a level, backbone below backbone; dashed: training images, solid: validation images. "
        f"Lines: means over {n_of(shown)}; bands: {conventions.level} t interval "
        f"of the mean over replicates. {NOT_ZERO} All panels share it. Figures of the source: "
        f"{'; '.join(named) or 'none'}."
    )
    last = shown[(shown["epoch"] == shown["epoch"].max()) & (shown["curve"] == "valid")]
    draw = partial(figures.curves, shown, _titled(factor, levels), style.marks(conventions.backbones))
    alt = (
        f"Curves of training and validation accuracy by {factor_words(factor)}. After the last "
        f"epoch the mean validation accuracy is {_span(factor, last)}"
    )
    return picture(
        f"curves-{factor}", f"{factor_title(factor)}: learning curves", caption, alt, draw, means=shown
    )


def comparison(
    factor: str,
    levels: pd.DataFrame,
    rows: pd.DataFrame,
    results: pd.DataFrame,
    conventions: Conventions,
    *,
    largest_class: float,
) -> Picture:
    """Test accuracy across levels; ``rows`` of ``summary`` of the factor: explore, test, accuracy."""
    ordered = factor != "augmentation"
    log = factor in _LOG_FACTORS
    single = results[results["phase"] == "explore"].merge(levels[["setting", "level"]], on="setting")
    places, true = figures.level_places(
        list(levels["level"]),
        ordered=ordered,
        log=log,
        largest=largest_class,
        models=len(conventions.backbones),
    )
    scale = "" if not ordered else (" (log scale)" if log else "") if true else " (levels evenly spaced)"
    caption = (
        f"{_BAR} {conventions.level} t interval over {n_of(rows)}, "
        f"explore phase. Backbones stand side by side at each level. {NOT_ZERO} Figure "
        f"{SOURCE_COMPARISONS.get(factor, '–')} of "
        "the source."
    )
    if factor == "images_per_class" and "all" in set(levels["level"]):
        caption += f" All: {numbers.count(int(largest_class))} images in the largest class."
    alt = f"Mean test accuracy by {factor_words(factor)}: {_span(factor, rows)}"
    draw = partial(
        figures.comparison,
        rows,
        single,
        _titled(factor, levels),
        places,
        style.marks(conventions.backbones),
        axis_title=f"{factor_title(factor)}{scale}",
        ordered=ordered,
    )
    title = f"{factor_title(factor)}: test accuracy across levels"
    points = single[["level", *_RUN]]
    return picture(f"comparison-{factor}", title, caption, alt, draw, means=rows, replicates=points)


def forest(factor: str, levels: pd.DataFrame, rows: pd.DataFrame, conventions: Conventions) -> Picture:
    """Differences to the reference; ``rows`` are those of ``comparisons`` of the factor, test accuracy."""
    reference = level_title(factor, str(rows["reference_level"].iloc[0]))
    caption = (
        f"Marks with bars: mean difference and its {conventions.level} t interval over "
        f"{n_of(rows)}, paired, explore phase. Shaded: the margin of "
        f"equivalence, {conventions.margin_points} either side of zero."
    )
    draw = partial(
        effects.forest,
        rows,
        [(level, level_title(factor, level)) for level in levels["level"]],
        style.marks(conventions.backbones),
        margin=conventions.margin,
        reference=f"the reference ({reference})",
    )
    alt = sentences.factor(factor, rows, conventions)
    title = f"{factor_title(factor)}: differences to the reference"
    return picture(f"forest-{factor}", title, caption, alt, draw, means=rows)


def confirmed(best: pd.DataFrame, results: pd.DataFrame, conventions: Conventions) -> Picture:
    """Confirmed test accuracy of each backbone."""
    single = results[results["phase"] == "confirm"].rename(columns={"model": "name"})
    models = [model for model in conventions.backbones if model in set(best["model"])]
    draw = partial(
        effects.dots,
        best.rename(columns={"model": "name"}),
        single,
        style.marks(conventions.backbones),
        dict(zip(models, models, strict=True)),
    )
    caption = (
        f"Selected settings, confirm phase. {_BAR} {conventions.level} t interval over "
        f"{n_of(best)}. {NOT_ZERO}"
    )
    alt = sentences.leader(best, conventions)
    title = "Confirmed test accuracy of each backbone"
    points = results.loc[results["phase"] == "confirm", list(_RUN)]
    return picture("confirmed", title, caption, alt, draw, means=best, replicates=points)


def ensembles(rows: pd.DataFrame, runs: pd.DataFrame, conventions: Conventions) -> tuple[Picture, Picture]:
    """Test accuracy of the ways to combine, and their differences to the best single model."""
    ordered = rows.sort_values(["mean", "method"], ascending=[False, True])
    titles = {str(method): method_title(str(method)) for method in ordered["method"]}
    marks = _method_marks(rows, conventions)
    n = n_of(rows)
    draw = partial(
        effects.dots,
        rows.rename(columns={"method": "name"}),
        runs.rename(columns={"method": "name"}).assign(status="ok"),
        marks,
        titles,
    )
    caption = (
        f"{_BAR} {conventions.level} t interval over {n}, confirm phase. {NOT_ZERO} Figure "
        f"{SOURCE_ENSEMBLES} of "
        "the source."
    )
    alt = " ".join(sentences.ensembles(rows, len(conventions.backbones), conventions))
    title = "Test accuracy of the ensembles"
    first = picture("ensembles-accuracy", title, caption, alt, draw, means=rows, replicates=runs)
    combined = rows[rows["method"] != "single"].rename(columns={"method": "name"})
    gain = combined.drop(columns=["ci_low", "ci_high"]).rename(
        columns={"diff_ci_low": "ci_low", "diff_ci_high": "ci_high"}
    )
    second = picture(
        "ensembles-gain",
        "Ensembles against the best single model",
        f"Marks with bars: mean difference and its {conventions.level} t interval over {n}, paired, confirm "
        f"phase. Shaded: the margin of equivalence, {conventions.margin_points} either side of zero.",
        alt,
        partial(effects.gains, gain, marks, titles, margin=conventions.margin),
        means=rows,
    )
    return first, second


def _method_marks(rows: pd.DataFrame, conventions: Conventions) -> Mapping[str, Mark]:
    single = str(rows["best_single"].iloc[0])
    combined = [str(method) for method in rows["method"] if method != "single"]
    of_backbones = style.marks(conventions.backbones)
    plain = {
        method: Mark(style.INK, marker) for method, marker in zip(combined, style.MARKERS * 9, strict=False)
    }
    return {**plain, "single": of_backbones.get(single, Mark(style.SOFT, "o"))}


def _titled(factor: str, levels: pd.DataFrame) -> Sequence[tuple[str, str]]:
    return [
        (row["level"], level_title(factor, row["level"]) + ("\n(reference)" if row["is_reference"] else ""))
        for row in records(levels)
    ]


def _span(factor: str, rows: pd.DataFrame) -> str:
    known = rows[rows["mean"].notna()]
    if known.empty:
        return "not known."
    top, bottom = highest(known, "mean"), lowest(known, "mean")
    return (
        f"highest for {top['model']} at {level_title(factor, top['level'])} ({numbers.percent(top['mean'])} "
        f"%) and lowest for {bottom['model']} at {level_title(factor, bottom['level'])} "
        f"({numbers.percent(bottom['mean'])}{numbers.PERCENT})."
    )


def picture(
    slug: str, title: str, caption: str, alt: str, draw: Callable[..., Figure], **rows: pd.DataFrame
) -> Picture:
    """``rows`` are those drawn: ``means`` in the file of the figure's name, others named after it."""
    slug = slug.replace("_", "-")
    files = tuple(csv_file(slug if of == "means" else f"{slug}-{of}", frame) for of, frame in rows.items())
    return Picture(slug, title, caption, alt, draw, files)
