"""Effects of the factors: every level against the reference, learning curves, whether backbones agree."""

from __future__ import annotations

from functools import partial

import pandas as pd

from study.report import format as fmt
from study.report import phrases
from study.report import tables as col
from study.report.document import Block, Bullets, Column, Paragraph, Picture, Section
from study.report.inputs import Inputs
from study.report.phrases import Row, highest, listing, lowest, many, n_of, records
from study.report.plots import curves, style
from study.report.plots.intervals import Line, Scale, dots, estimates, intervals, key
from study.report.sections.best import RUN
from study.tables import definitions

_REACH = 4.0
"""Points around zero that the figure of all differences shows."""
_ORIGINAL_CURVES = {
    "lr": {"0.0001": "4.1", "0.0003": "4.2", "0.0005": "4.3", "0.001": "4.4"},
    "batch_size": {"32": "4.6", "64": "4.7", "128": "4.8"},
    "dropout": {"0.3": "4.10", "0.5": "4.11", "0.7": "4.12"},
    "l1": {"0": "4.14", "0.0001": "4.15", "0.0005": "4.16"},
    "augmentation": {
        "none": "4.18",
        "rotation": "4.19",
        "contrast": "4.20",
        "zoom": "4.21",
        "cutmix": "4.22",
    },
    "images_per_class": {"10": "4.24", "50": "4.25", "200": "4.26"},
}
"""Figures of the original report with the learning curves of one level."""
_ORIGINAL_COMPARISONS = {
    "lr": "4.5",
    "batch_size": "4.9",
    "dropout": "4.13",
    "l1": "4.17",
    "augmentation": "4.23",
    "images_per_class": "4.27",
}
"""Figures of the original report across the levels of a factor."""


def section(inputs: Inputs) -> Section:
    """All differences at a glance, then a part for each factor."""
    rows, interacting = compared(inputs), inputs.tables[definitions.INTERACTION]
    names = list(dict.fromkeys(inputs.tables[definitions.LEVELS]["factor"]))
    blocks: list[Block] = [*inputs.text.blocks("factors/all")]
    if len(rows):
        blocks.append(_all_differences(rows, inputs))
    blocks += [Paragraph(interaction(interacting, inputs)), *_interaction(interacting)]
    blocks.append(Bullets(tuple(said(factor, compared(inputs, factor), inputs) for factor in names)))
    blocks += [_factor(factor, inputs) for factor in names]
    return Section("effects", "Effects", tuple(blocks))


def compared(inputs: Inputs, factor: str = "") -> pd.DataFrame:
    """Comparisons of test accuracy with the reference, of one factor or of all."""
    rows = inputs.tables[definitions.COMPARISONS]
    rows = rows[(rows["metric"] == "test_accuracy") & rows["diff"].notna()]
    return rows[rows["factor"] == factor] if factor else rows


def certainty(inputs: Inputs) -> str:
    """What the comparisons with the reference say, over all factors, and what they could tell at all."""
    known, params = compared(inputs), inputs.params
    if known.empty:
        return "No setting was compared with the reference."
    if int(known["n"].max()) == 1:
        return (
            "One replicate per setting gives no interval, no test and no verdict. Raise seeds in params.yaml."
        )
    text = (
        f"Of {many(len(known), 'comparison')} with the reference over all factors, "
        f"{phrases.tally(known, params)}."
    )
    mde = known["mde"].dropna()
    if mde.empty:
        return text
    return (
        f"{text} Half of them could show {phrases.points(mde.median())} or less on new seeds and images "
        f"with {phrases.power(params)} power after correction."
    )


def said(factor: str, rows: pd.DataFrame, inputs: Inputs) -> str:
    """One factor: how many of its comparisons with the reference came to which verdict, and the extremes.

    ``rows`` are those of ``comparisons`` of this factor, on test accuracy.
    """
    title, known = fmt.factor_title(factor), rows[rows["diff"].notna()]
    if known.empty:
        return f"{title}: no level beside the reference was compared."
    reference = fmt.level_title(factor, str(known["reference_level"].iloc[0]))
    of = f"{many(len(known), 'comparison')} with the reference ({reference})"
    if int(known["n"].max()) == 1:
        extremes = _extremes(factor, known, inputs, of=len(known))
        return f"{title}: one replicate gives no verdict on the {of}. {extremes}".strip()
    extremes = _extremes(factor, known[known["verdict"] == "different"], inputs, of=len(known))
    return f"{title}: of {of}, {phrases.tally(known, inputs.params)}. {extremes}".strip()


def _extremes(factor: str, rows: pd.DataFrame, inputs: Inputs, *, of: int) -> str:
    """The largest gain and loss among ``rows``, which were picked from ``of`` comparisons."""
    gain, loss = rows[rows["diff"] > 0], rows[rows["diff"] < 0]
    found = []
    if len(gain):
        found.append(("gain", highest(gain, "diff")))
    if len(loss):
        found.append(("loss", lowest(loss, "diff")))
    said = [
        f"Largest {what}: {row['model']} at {fmt.level_title(factor, str(row['level']))}, "
        f"{phrases.difference(row, inputs.params)}."
        for what, row in found
    ]
    if said and of > 1:
        said.append("The largest of several is flattered by the choice.")
    return " ".join(said)


def interaction(rows: pd.DataFrame, inputs: Inputs) -> str:
    """For which factors the effect depends on the backbone."""
    if rows.empty:
        return "Whether effects depend on the backbone is not known: that needs two backbones and replicates."
    alpha, n = inputs.params.analysis.alpha, int(rows["n"].min())
    there = rows["p_holm"] < alpha
    least = 2.0 ** (1 - n) * max(int(rows["p_holm"].notna().sum()), 1)
    if least >= alpha and not there.any():
        return (
            f"Whether effects depend on the backbone cannot be shown with {many(n, 'replicate')}: the "
            f"smallest corrected p that the test can reach is {fmt.p_value(min(least, 1.0))}."
        )
    shown, still = (
        listing([fmt.factor_words(one) for one in rows.loc[of, "factor"]]) for of in (there, ~there)
    )
    first = f"On these images the effect of {shown} depends on the backbone." if shown else ""
    second = f"For {still} that was not shown." if still else ""
    return f"{first} {second}".strip()


def _interaction(rows: pd.DataFrame) -> tuple[Block, ...]:
    def largest(row: Row) -> str:
        return f"{row['largest_model']} at {fmt.level_title(str(row['factor']), str(row['largest_level']))}"

    spec = [
        col.words("factor", "Factor", fmt.factor_title, kind="name"),
        col.plain("f", "F", 2),
        col.p("p", "p"),
        col.p("p_holm", "p (Holm)"),
        (Column("Largest deviation", "text"), lambda row: col.name(largest(row))),
        col.points("largest", "Deviation, points"),
        col.N,
    ]
    caption = (
        f"Sign-flip test of replicates, on these images only, explore phase, {n_of(rows)}. Deviation: "
        "of a level of one backbone from what backbone and level give alone."
    )
    return col.table("interaction", "Backbone by factor", caption, rows, spec)


def level_lines(rows: pd.DataFrame, inputs: Inputs) -> list[Line]:
    """A line for each level that ``rows`` have, under the title of its factor."""
    there = set(zip(rows["factor"], rows["level"], strict=True))
    return [
        Line(key(factor, level), fmt.level_title(factor, level), fmt.factor_title(factor))
        for factor, level in inputs.tables[definitions.LEVELS][["factor", "level"]].itertuples(index=False)
        if (factor, level) in there
    ]


def _all_differences(rows: pd.DataFrame, inputs: Inputs) -> Picture:
    margin = 100 * inputs.params.analysis.equivalence_margin
    reach = min(max(_REACH, 2 * margin), 1.1 * float((100 * rows["diff"]).abs().max()) + margin)
    scale = Scale("Test accuracy minus that of the reference, points", centre=0.0, band=(-margin, margin),
                  reach=reach)  # fmt: skip
    draw = partial(
        intervals,
        estimates(rows, ("factor", "level"), value="diff", ends=col.SIMULTANEOUS, panel="model"),
        level_lines(rows, inputs),
        style.marks(inputs.params.backbones),
        scale,
    )
    caption = phrases.differences_caption(rows, "explore", inputs.params)
    caption += " Arrows: differences beyond the axis, with their points."
    return col.picture("equivalence", "All differences to the reference", caption, certainty(inputs), draw,
                   means=rows)  # fmt: skip


def _factor(factor: str, inputs: Inputs) -> Section:
    levels = inputs.tables[definitions.LEVELS]
    levels = levels[levels["factor"] == factor].sort_values("position")
    rows, title = compared(inputs, factor), fmt.factor_title(factor)
    blocks: list[Block] = [_accuracies(factor, levels, inputs)]
    if len(rows):
        blocks += [
            _forest(factor, levels, rows, inputs),
            *_differences(factor, rows, inputs),
            Paragraph(phrases.detectable(rows, inputs.params)),
        ]
    blocks += [*_levels(factor, levels, inputs), *_omnibus(factor, inputs), *_curves(factor, levels, inputs)]
    return Section(f"factor-{factor}".replace("_", "-"), title, tuple(blocks), 2, folded=True)


def _titled(factor: str, levels: pd.DataFrame) -> list[tuple[str, str]]:
    return [
        (
            row["level"],
            fmt.level_title(factor, row["level"]) + (" (reference)" if row["is_reference"] else ""),
        )
        for row in records(levels)
    ]


def _means(factor: str, levels: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """A row a model and level: the test split's columns of ``summary``, and train_mean, valid_mean."""
    rows = inputs.tables[definitions.SUMMARY]
    rows = rows[(rows["factor"] == factor) & (rows["phase"] == "explore") & (rows["metric"] == "accuracy")]
    means = rows[rows["split"] == "test"]
    for split in ("train", "valid"):
        part = rows.loc[rows["split"] == split, ["model", "level", "mean"]]
        means = means.merge(part.rename(columns={"mean": f"{split}_mean"}), on=["model", "level"], how="left")
    models = {model: place for place, model in enumerate(dict.fromkeys(means["model"]))}
    order = {level: place for place, level in enumerate(levels["level"])}
    return means.assign(
        first=means["model"].map(models), second=means["level"].map(order)
    ).sort_values(["first", "second"], kind="stable").drop(columns=["first", "second"])  # fmt: skip


def _accuracies(factor: str, levels: pd.DataFrame, inputs: Inputs) -> Picture:
    means, results = _means(factor, levels, inputs), inputs.tables[definitions.RESULTS]
    runs = results[results["phase"] == "explore"].merge(levels[["setting", "level"]], on="setting")
    runs = runs[["level", *RUN]]
    lost = runs[runs["status"] == "diverged"].groupby("level").size()
    lines = [
        Line(one, f"{title}{f' × {lost[one]} diverged' if one in lost else ''}")
        for one, title in _titled(factor, levels)
    ]
    draw = partial(
        intervals,
        estimates(means, "level", panel="model"),
        lines,
        style.marks(inputs.params.backbones),
        Scale("Test accuracy, %", shared=False),
        points=dots(runs[runs["status"] == "ok"], "level", "test_accuracy", panel="model"),
    )
    caption = phrases.means_caption(means, "explore", inputs.params)
    caption += " Each panel has its own axis, which does not begin at zero."
    if factor in _ORIGINAL_COMPARISONS:
        caption += f" Figure {_ORIGINAL_COMPARISONS[factor]} of the original report."
    if factor == "images_per_class" and "all" in set(levels["level"]):
        caption += f" All: {many(inputs.dataset.largest_class, 'image')} in the largest class."
    alt = f"Mean test accuracy by {fmt.factor_words(factor)}: {_range(factor, means)}"
    title = f"{fmt.factor_title(factor)}: test accuracy across levels"
    return col.picture(f"comparison-{factor}", title, caption, alt, draw, means=means, replicates=runs)


def _forest(factor: str, levels: pd.DataFrame, rows: pd.DataFrame, inputs: Inputs) -> Picture:
    margin = 100 * inputs.params.analysis.equivalence_margin
    reference = fmt.level_title(factor, str(rows["reference_level"].iloc[0]))
    tried = set(rows["level"])
    draw = partial(
        intervals,
        estimates(rows, "level", value="diff", ends=col.SIMULTANEOUS, panel="model"),
        [Line(one, fmt.level_title(factor, one)) for one in levels["level"] if one in tried],
        style.marks(inputs.params.backbones),
        Scale(f"Test accuracy minus that of the reference ({reference}), points", centre=0.0,
              band=(-margin, margin), shared=False)
    )  # fmt: skip
    caption = f"{phrases.differences_caption(rows, 'explore', inputs.params)} Each panel has its own axis."
    title = f"{fmt.factor_title(factor)}: differences to the reference"
    return col.picture(f"forest-{factor}", title, caption, said(factor, rows, inputs), draw, means=rows)


def _differences(factor: str, rows: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    reference = fmt.level_title(factor, str(rows["reference_level"].iloc[0]))
    caption = f"Test accuracy minus that of the reference ({reference}), explore phase, paired, {n_of(rows)}."
    title = f"{fmt.factor_title(factor)}: differences to the reference"
    spec = [col.MODEL, col.level(factor), *col.paired(inputs.params, col.N)]
    return col.table(f"differences-{factor}", title, caption, rows, spec)


def _levels(factor: str, levels: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    rows, ci = _means(factor, levels, inputs), phrases.ci(inputs.params)
    spec = [
        col.MODEL,
        col.level(factor),
        col.percent("mean", "Test, %"),
        col.percent("sd", "SD of test, points"),
        col.span(f"{ci} of test, %"),
        col.span(f"{ci} (seeds and images), %", "image_ci_low", "image_ci_high"),
        col.percent("valid_mean", "Validation, %"),
        col.percent("train_mean", "Train, %"),
        col.N,
        col.DIVERGED,
    ]
    caption = f"Mean accuracy after the last epoch, explore phase, {n_of(rows)}."
    return col.table(f"levels-{factor}", f"{fmt.factor_title(factor)}: accuracy", caption, rows, spec)


def _omnibus(factor: str, inputs: Inputs) -> tuple[Block, ...]:
    rows = inputs.tables[definitions.OMNIBUS]
    rows = rows[rows["factor"] == factor]
    spec = [
        col.MODEL,
        col.whole("k", "Levels"),
        col.N,
        col.plain("f", "F", 2),
        col.p("p", "p"),
        col.p("p_holm", "p (Holm)"),
        col.points("trend", "Trend, points per step"),
        col.p("p_trend", "p (trend)"),
    ]
    caption = (
        f"Sign-flip test of replicates, these images only, test accuracy, explore phase, {n_of(rows)}; p is "
        "at least 2 / 2^n. Trend: mean slope from level to level, of ordered factors alone, p not corrected."
    )
    title = f"{fmt.factor_title(factor)}: all levels at once"
    return col.table(f"omnibus-{factor}", title, caption, rows, spec)


def _curves(factor: str, levels: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    rows = inputs.tables[definitions.CURVES]
    rows = rows[(rows["factor"] == factor) & (rows["metric"] == "accuracy")]
    shown = rows[rows["curve"].isin(["train", "valid"])]
    if shown.empty:
        return ()
    last = shown[(shown["epoch"] == shown["epoch"].max()) & (shown["curve"] == "valid")]
    charts = _ORIGINAL_CURVES.get(factor, {})
    named = [f"{fmt.level_title(factor, one)} {charts[one]}" for one in levels["level"] if one in charts]
    caption = (
        f"Lines: means over {n_of(shown)}, explore phase; bands: {phrases.ci(inputs.params)}. "
        f"{phrases.NOT_ZERO}"
        f"{f' Figures of the original report: {listing(named)}.' if named else ''}"
    )
    alt = (
        f"Curves of training and validation accuracy by {fmt.factor_words(factor)}. After the last epoch the "
        f"mean validation accuracy is {_range(factor, last)}"
    )
    title = f"{fmt.factor_title(factor)}: learning curves"
    draw = partial(curves.learning, shown, _titled(factor, levels), style.marks(inputs.params.backbones))
    return (col.picture(f"curves-{factor}", title, caption, alt, draw, means=shown),)


def _range(factor: str, rows: pd.DataFrame) -> str:
    known = rows[rows["mean"].notna()]
    if known.empty:
        return "not known."
    top, bottom = (
        f"{row['model']} at {fmt.level_title(factor, row['level'])} ({fmt.percent(row['mean'])}{fmt.PERCENT})"
        for row in (highest(known, "mean"), lowest(known, "mean"))
    )
    return f"highest for {top} and lowest for {bottom}."
