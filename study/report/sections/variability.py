"""Variability: how far accuracy moves with the seeds, what moves it, how many seeds are enough."""

from __future__ import annotations

from functools import partial

import pandas as pd

from study.report import format as fmt
from study.report import phrases
from study.report import tables as col
from study.report.document import Block, Bullets, Paragraph, Picture, Section
from study.report.inputs import Inputs
from study.report.phrases import by_model, highest, listing, lowest, many, n_of, records, span
from study.report.plots import style
from study.report.plots.intervals import Line, Scale, estimates, intervals, key
from study.report.sections import factors
from study.tables import definitions

SOURCE_TITLES = {
    "init": "initial weights",
    "order": "order of the images",
    "dropout": "dropout masks",
    "augmentation": "augmentation",
    "subset": "few-shot subset",
    "all": "all together",
}
_KINDS = {"models": "backbones", "levels": "levels of one backbone"}
_RATIO = "Ratio: the first SD over the second; ratios near one are no sign of equality."


def section(inputs: Inputs) -> Section:
    """Spread over seeds of backbones and levels, its sources, and replicates needed."""
    tables = inputs.tables
    models, levels = tables[definitions.STEADINESS_MODELS], tables[definitions.STEADINESS_LEVELS]
    causes, images = tables[definitions.VARIANCE_SOURCES], tables[definitions.SEEDS_IMAGES]
    needed = tables[definitions.SEEDS_NEEDED]
    said = (
        spread_of_models(models, inputs),
        spread_of_levels(levels, inputs),
        sources(causes),
        seeds_and_images(images),
        seeds_needed(needed, inputs),
    )
    compared = levels[levels["ratio"].notna()]
    blocks: list[Block] = [
        *inputs.text.blocks("variability/tests"),
        Paragraph(pool(inputs)),
        Bullets(tuple(one for one in said if one)),
        *((_levels_picture(compared, inputs),) if len(compared) else ()),
        *_models(models, inputs),
        *_levels(compared, inputs),
        *((_sources_picture(causes, inputs),) if len(causes) else ()),
        *_sources(causes),
        *_seeds_images(images),
        *_needed(needed, inputs),
        *(looked(inputs) if inputs.params.analysis.looks else ()),
    ]
    return Section("variability", "Variability, and how many seeds are enough", tuple(blocks), 2)


def looked(inputs: Inputs) -> list[Block]:
    """How the replicates of the explore phase grew, and what that saved."""
    rows, looks = inputs.tables[definitions.LOOKS], inputs.params.analysis.looks
    ends = rows.groupby("model")["runs"].max()
    whole = len(inputs.tables[definitions.SETTINGS]) * len(ends) * looks[-1]
    said = inputs.text.line(
        "variability/looks",
        looks=listing([str(n) for n in looks]),
        alpha=fmt.compact(inputs.params.analysis.alpha),
        runs=fmt.count(int(ends.sum())),
        whole=fmt.count(whole),
        saved=f"{fmt.percent(1 - ends.sum() / whole, 0)}{fmt.PERCENT}",
    )
    spec = [
        col.MODEL,
        col.whole("look", "Replicates"),
        col.whole("n_different", "Different"),
        col.whole("n_trivial", "Different but trivial"),
        col.whole("n_equivalent", "Equivalent"),
        col.whole("n_unreachable", "Stopped, inconclusive"),
        col.whole("n_open", "Settings still open"),
        col.whole("runs", "Runs so far"),
    ]
    caption = (
        "After each look: verdicts so far, corrected over looks and family; settings that stopped because "
        "the last look was unlikely to settle them; settings that went on; runs of all settings."
    )
    return [Paragraph(said), *col.table("looks", "Look by look", caption, rows, spec, folded=False)]


def pool(inputs: Inputs) -> str:
    """Which sources of variance the spread over replicates contains."""
    views = inputs.params.augment.views
    if views == "fresh":
        said = inputs.text.line("variability/fresh views")
    else:
        said = inputs.text.line("variability/pool", views=many(int(views), "view"))
    return inputs.text.line("variability/spread", views=said)


def spread_of_models(rows: pd.DataFrame, inputs: Inputs) -> str:
    """Whether a backbone's accuracy varies more over seeds than another's."""
    known = rows[rows["p_holm"].notna()]
    if known.empty:
        return (
            "Spreads of backbones are not compared: that needs two backbones and at least three replicates."
        )
    shown = known[known["p_holm"] < inputs.params.analysis.alpha]
    if shown.empty:
        ends = span(fmt.fixed(known["ratio"].min(), 2), fmt.fixed(known["ratio"].max(), 2))
        return (
            f"No pair of backbones was shown to differ in spread (ratios of SD: {ends}); with so few "
            "replicates that is no sign that they vary equally."
        )
    return " ".join(
        f"{row['model']} varies {fmt.fixed(row['ratio'], 2)} times as much as {row['other']} "
        f"({phrases.ci(inputs.params)} {fmt.fixed(row['ratio_ci_low'], 2)} to "
        f"{fmt.fixed(row['ratio_ci_high'], 2)})."
        for row in records(shown)
    )


def spread_of_levels(rows: pd.DataFrame, inputs: Inputs) -> str:
    """Which levels change the spread over seeds."""
    known = rows[rows["p_holm"].notna()]
    if known.empty:
        return "Spreads of levels are not compared: that needs at least three replicates."
    shown = known[known["p_holm"] < inputs.params.analysis.alpha]
    text = f"Of {many(len(known), 'comparison')} of a level's spread with the reference's, "
    if shown.empty:
        return f"{text}none was shown to differ."
    widest, tightest = (
        f"{fmt.fixed(row['ratio'], 2)} ({row['model']}, {fmt.factor_words(row['factor'])} "
        f"{fmt.level_title(row['factor'], row['level'])})"
        for row in (highest(known, "ratio"), lowest(known, "ratio"))
    )
    return (
        f"{text}{len(shown)} {'was' if len(shown) == 1 else 'were'} shown to differ. The largest ratio of SD "
        f"is {widest}, the smallest {tightest}."
    )


def sources(rows: pd.DataFrame) -> str:
    """Which source of variance alone makes how much of the spread."""
    if rows.empty:
        return (
            "Which source of randomness makes how much of the spread was not studied here "
            "(variance_seeds: 0 in params.yaml)."
        )
    single = rows[(rows["source"] != "all") & rows["sd"].notna()]
    tops = [(model, highest(part, "sd")) for model, part in by_model(single)]
    said = [
        f"{model}: {SOURCE_TITLES.get(top['source'], top['source'])} ({phrases.points(top['sd'])})"
        for model, top in tops
    ]
    return f"The single source with the largest SD: {'; '.join(said)}." if said else ""


def seeds_and_images(rows: pd.DataFrame) -> str:
    """How much of the uncertainty of a mean more seeds could remove."""
    known = rows["share_images"].dropna()
    if known.empty:
        return "Variance due to seeds is not known from one replicate."
    images, seeds, both = (
        f"{span(fmt.percent(part.min(), 0), fmt.percent(part.max(), 0))}{fmt.PERCENT}"
        for part in (rows[f"share_{of}"].dropna() for of in ("images", "seeds", "interaction"))
    )
    return (
        f"The choice of test images makes {images} of the variance of a confirmed mean, the choice of seeds "
        f"{seeds}, and their interaction {both}. More seeds remove the second and the third part, not the "
        "first."
    )


def seeds_needed(rows: pd.DataFrame, inputs: Inputs) -> str:
    """How many replicates find a difference of the size of the margin."""
    known, wanted = rows[rows["n_needed"].notna()], inputs.params.analysis.equivalence_margin
    if known.empty:
        return "How many seeds are enough is not known from one replicate."
    effect = min(set(known["effect"]), key=lambda one: (abs(one - wanted), one))
    said = []
    for kind, words_ in (("models", "a pair of backbones"), ("levels", "a level against the reference")):
        of = known[(known["kind"] == kind) & (known["effect"] == effect)]["n_needed"]
        if len(of):
            ends = span(fmt.count(int(of.min())), fmt.count(int(of.max())))
            said.append(f"{many(ends, 'replicate')} for {words_}")
    text = (
        f"To find a difference of {phrases.points(effect)} with {phrases.power(inputs.params)} power after "
        f"correction it takes {listing(said)}."
    )
    floor = known["image_floor"].dropna()
    if floor.empty:
        return text
    ends = span(fmt.percent(floor.min()), fmt.percent(floor.max()))
    return (
        f"{text} On new test images no number of seeds finds less than {many(ends, 'point')}, because the "
        "test split is finite."
    )


def _ratio(inputs: Inputs) -> list[col.Spec]:
    return [
        col.plain("ratio", "Ratio of SD", 2),
        col.plain_span(phrases.ci(inputs.params), 2, "ratio_ci_low", "ratio_ci_high"),
        col.percent("sd", "SD, points"),
        col.percent("sd_other", "Other SD, points"),
        col.p("p_holm", "p (Pitman–Morgan, Holm)"),
        col.p("p_brown_forsythe", "p (Brown–Forsythe)"),
        col.N,
    ]


def _models(rows: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    spec = [col.MODEL, col.words("other", "Against"), *_ratio(inputs)]
    caption = f"SD of test accuracy over replicates, confirm phase, paired, {n_of(rows)}. {_RATIO}"
    return col.table("steadiness-models", "Spread of the backbones", caption, rows, spec)


def _levels(rows: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    spec = [col.MODEL, col.words("factor", "Factor", fmt.factor_title), col.level(), *_ratio(inputs)]
    caption = (
        f"SD of test accuracy over replicates at each level and at the reference, explore phase, paired, "
        f"{n_of(rows)}. {_RATIO}"
    )
    return col.table("steadiness-levels", "Spread at each level", caption, rows, spec)


def _levels_picture(rows: pd.DataFrame, inputs: Inputs) -> Picture:
    lines = factors.level_lines(rows, inputs)
    shown = estimates(
        rows,
        ("factor", "level"),
        value="ratio",
        ends=("ratio_ci_low", "ratio_ci_high"),
        panel="model",
        scale=1,
    )
    scale = Scale("SD over that of the reference (log scale)", log=True, centre=1.0,
                  ticks=(0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0))  # fmt: skip
    draw = partial(intervals, shown, lines, style.marks(inputs.params.backbones), scale)
    caption = (
        f"SD of test accuracy at each level over that at the reference, explore phase, {n_of(rows)}. Bars: "
        f"{phrases.ci(inputs.params)} of Pitman and Morgan, not corrected."
    )
    alt = spread_of_levels(rows, inputs)
    return col.picture("steadiness", "Spread at each level", caption, alt, draw, means=rows)


def _sources(rows: pd.DataFrame) -> tuple[Block, ...]:
    spec = [
        col.MODEL,
        col.words("source", "What varies", lambda source: SOURCE_TITLES.get(source, source)),
        col.SETTING,
        col.percent("mean", "Test accuracy, %"),
        col.percent("sd", "SD, points"),
        col.span("CI of SD (chi-square), points", "sd_ci_low", "sd_ci_high"),
        col.percent("share", "Share of variance, %"),
        col.N,
    ]
    caption = (
        f"Runs in which one source varies and the others are held, {n_of(rows)}. Share: its variance over "
        "that of all together; shares need not add up to one."
    )
    return col.table("variance-sources", "Sources of variance", caption, rows, spec)


def _sources_picture(rows: pd.DataFrame, inputs: Inputs) -> Picture:
    ordered = rows.groupby("setting", sort=False)["source"].unique()
    lines = [
        Line(
            key(setting, source), SOURCE_TITLES.get(str(source), str(source)), fmt.setting_words(str(setting))
        )
        for setting, of in ordered.items()
        for source in of
    ]
    shown = estimates(
        rows, ("setting", "source"), value="sd", ends=("sd_ci_low", "sd_ci_high"), panel="model"
    )
    draw = partial(
        intervals, shown, lines, style.marks(inputs.params.backbones), Scale("SD of test accuracy, points")
    )
    caption = (
        f"SD of runs in which one source varies alone, {n_of(rows)}. Bars: {phrases.level(inputs.params)} "
        "chi-square CI of the SD."
    )
    return col.picture("variance-sources", "Sources of variance", caption, sources(rows), draw, means=rows)


def _seeds_images(rows: pd.DataFrame) -> tuple[Block, ...]:
    known = rows[rows["se_seeds"].notna()]
    spec = [
        col.MODEL,
        col.percent("se_seeds", "SE from seeds, points", 3),
        col.percent("se_images", "SE from images, points", 3),
        col.percent("se_both", "SE from both, points", 3),
        col.percent("share_images", "Share of images in the variance, %", 1),
        col.percent("share_seeds", "Of seeds, %", 1),
        col.percent("share_interaction", "Of their interaction, %", 1),
        col.whole("n_images", "Test images"),
        col.N,
    ]
    caption = f"Standard error (SE) of the confirmed mean test accuracy, {n_of(rows)}."
    return col.table("seeds-images", "Seeds and images", caption, known, spec)


def _needed(rows: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    if rows["n_needed"].isna().all():
        return ()
    keys = ["kind", "name", "n", "sd", "family", "image_floor"]
    wide = rows.pivot_table(index=keys, columns="effect", values="n_needed", sort=False, dropna=False)
    wide = wide.dropna(how="all").reset_index()
    wide.columns = [str(one) if one in keys else f"needed_{one}" for one in wide.columns]
    spec = [
        col.words("name", "Compared", kind="name"),
        col.words("kind", "As", lambda kind: _KINDS.get(kind, kind)),
        *(
            col.whole(f"needed_{effect}", f"For {many(fmt.compact(100 * effect), 'point')}")
            for effect in sorted(set(rows["effect"]))
        ),
        col.percent("sd", "SD of differences, points"),
        col.percent("image_floor", "Floor of the images, points"),
        col.N,
    ]
    caption = (
        f"Replicates that find a difference with {phrases.power(inputs.params)} power, corrected "
        f"(Bonferroni); SD over replicates, {n_of(rows)}. Floor: what no number of seeds finds on new images."
    )
    return col.table("seeds-needed", "How many seeds are enough", caption, wide, spec)
