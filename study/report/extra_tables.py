"""Tables of variation, choice, classes and published numbers: chosen rows, formatted cells, unrounded CSV."""

from __future__ import annotations

import pandas as pd

from study.report import columns, numbers
from study.report.conventions import Conventions, n_of
from study.report.exhibits import Column, NumberTable, name
from study.report.labels import factor_title, level_title
from study.report.remarks import SOURCE_TITLES
from study.report.tabulate import table

RULE_TITLES = {"mean": "highest mean", "lower_bound": "highest lower bound", "front": "front"}
_MOST_CONFUSIONS = 5
"""Of each backbone in the table; the CSV has all."""


def published(rows: pd.DataFrame, titles: dict[str, str]) -> NumberTable:
    """The source's six accuracies."""
    spec = [
        columns.words("id", "Number", titles.__getitem__, kind="name"),
        columns.percent("published", "Published, %"),
        columns.percent("mean", "Mean here, %"),
        columns.span("One more run, %", "low", "high"),
        columns.N,
        columns.VERDICT,
    ]
    caption = (
        f"Tables 4.1 and 5.1 of the source, {n_of(rows)}. One more run: prediction interval of a single "
        "run from the same backbone and setting over new seeds, not the interval of a mean."
    )
    return table("published", "Published accuracies", caption, rows, spec)


def steadiness(models: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Spread of confirmed accuracy, backbone against backbone."""
    spec = [
        columns.MODEL,
        columns.words("other", "Against"),
        *_ratio(conventions),
    ]
    caption = f"SD of confirmed test accuracy over replicates, paired, {n_of(models)}. {_RATIO}"
    return table("steadiness-models", "Spread of the backbones", caption, models, spec)


def steadiness_levels(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Spread at each level against the spread at the reference."""
    spec = [
        columns.MODEL,
        columns.words("factor", "Factor", factor_title),
        (
            Column("Level", "text"),
            lambda row: columns.number_or_name(level_title(str(row["factor"]), str(row["level"]))),
        ),
        *_ratio(conventions),
    ]
    caption = (
        f"SD of test accuracy over replicates at each level and at the reference, explore phase, paired, "
        f"{n_of(rows)}. {_RATIO}"
    )
    return table("steadiness-levels", "Spread at each level", caption, rows, spec)


_RATIO = (
    "Ratio: the first SD over the second, with the interval of Pitman and Morgan; p Holm: their test, "
    "corrected; p Brown–Forsythe: a second test, which does not use the pairing. Ratios near one are no sign "
    "of equality."
)


def _ratio(conventions: Conventions) -> list[columns.Spec]:
    return [
        columns.percent("sd", "SD, points"),
        columns.percent("sd_other", "Other SD, points"),
        columns.plain("ratio", "Ratio", 2),
        columns.plain_span(f"{conventions.level} interval", 2, "ratio_ci_low", "ratio_ci_high"),
        columns.N,
        columns.p("p_pitman_morgan", "p Pitman–Morgan"),
        columns.p("p_holm", "p Holm"),
        columns.p("p_brown_forsythe", "p Brown–Forsythe"),
    ]


def sources(rows: pd.DataFrame) -> NumberTable:
    """How much of the spread each source of randomness makes alone."""
    spec = [
        columns.MODEL,
        columns.words("source", "What varies", lambda source: SOURCE_TITLES.get(source, source)),
        columns.SETTING,
        columns.percent("mean", "Test accuracy, %"),
        columns.percent("sd", "SD, points"),
        columns.span("Interval of SD, points", "sd_ci_low", "sd_ci_high"),
        columns.percent("share", "Share of variance, %"),
        columns.N,
    ]
    caption = (
        f"Runs in which one source of randomness varies and the others are held, {n_of(rows)}. SD over "
        "replicates with its chi-square interval. Share: its variance over that of all together at the same "
        "setting; shares need not add up to one."
    )
    return table("variance-sources", "Sources of the spread", caption, rows, spec)


def seeds_images(rows: pd.DataFrame) -> NumberTable:
    """Uncertainty of a mean from seeds and from test images."""
    spec = [
        columns.MODEL,
        columns.percent("se_seeds", "From seeds, points"),
        columns.percent("se_images", "From images, points"),
        columns.percent("se_both", "Both, points"),
        columns.percent("share_images", "Images' share, %", 0),
        columns.TEST_IMAGES,
        columns.N,
    ]
    caption = (
        f"Standard error of the confirmed mean test accuracy, {n_of(rows)}: from the choice of seeds, of "
        "test images, and both. Share: of the images in the sum of the variances."
    )
    return table("seeds-images", "Seeds or images", caption, rows, spec)


def interaction(rows: pd.DataFrame) -> NumberTable:
    """Whether a factor acts alike on all backbones."""
    spec = [
        columns.words("factor", "Factor", factor_title, kind="name"),
        columns.plain("f", "F", 2),
        columns.p("p", "p"),
        columns.p("p_holm", "p Holm"),
        (
            Column("Largest deviation", "text"),
            lambda row: name(
                f"{row['largest_model']} at {level_title(str(row['factor']), str(row['largest_level']))}"
            ),
        ),
        columns.points("largest", "Points"),
        columns.N,
    ]
    caption = (
        f"Permutation test within replicates that a factor's effect on test accuracy is the same for every "
        f"backbone, explore phase, {n_of(rows)}; p Holm is corrected over the factors. Deviation: of one "
        "backbone's level from what backbone and level give alone."
    )
    return table("interaction", "Backbone by factor", caption, rows, spec)


def seeds_needed(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Replicates needed to find differences of some sizes."""
    keys = ["kind", "name", "n", "sd", "family", "image_floor"]
    effects = sorted(set(rows["effect"]))
    wide = rows.pivot_table(index=keys, columns="effect", values="n_needed", sort=False, dropna=False)
    wide = wide.dropna(how="all").reset_index()
    wide.columns = [str(one) if one in keys else f"needed_{one}" for one in wide.columns]
    spec: list[columns.Spec] = [
        columns.words("name", "Compared", kind="name"),
        columns.words("kind", "As", {"models": "backbones", "levels": "levels of one backbone"}.__getitem__),
        columns.percent("sd", "SD of differences, points"),
        *(
            columns.whole(f"needed_{effect}", f"For {numbers.compact(100 * effect)} points")
            for effect in effects
        ),
        columns.percent("image_floor", "Floor of the images, points"),
        columns.N,
    ]
    caption = (
        f"Replicates that a paired comparison needs to find a difference with {conventions.power_percent} "
        f"power, corrected (Bonferroni) over its family; SD over replicates, {n_of(rows)}. Floor: the "
        "difference that no number of seeds finds on new images. A dash: not known, or above a hundred "
        "thousand."
    )
    return table("seeds-needed", "How many seeds are enough", caption, wide, spec)


def choices(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """What each way of choosing picks."""
    spec = [
        columns.MODEL,
        columns.words("rule", "Chosen by", lambda rule: RULE_TITLES.get(rule, rule)),
        columns.SETTING,
        columns.percent("valid_mean", "Validation, %"),
        columns.percent("valid_sd", "SD, points"),
        columns.percent("valid_low", "Lower bound, %"),
        columns.percent("test_mean", "Test, %"),
        columns.percent("test_sd", "SD of test, points"),
        columns.N,
    ]
    caption = (
        f"Explore phase, {n_of(rows)}. Mean and SD are over replicates. Lower bound: lower end of the "
        f"{conventions.level} t interval of the mean validation accuracy. Front: no other setting has both a "
        "higher mean and a smaller SD. Only the setting with the highest mean went to the confirm phase."
    )
    return table("choices", "Three ways of choosing", caption, rows, spec)


def per_class(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Confirmed accuracy on each class."""
    spec = [
        columns.MODEL,
        columns.words("class", "Class"),
        *columns.accuracy(conventions.level),
        columns.TEST_IMAGES,
        columns.N,
    ]
    caption = (
        f"Selected settings, confirm phase, {n_of(rows)}. SD over replicates. Interval: "
        f"{conventions.interval_of_seeds}."
    )
    return table("per-class", "Test accuracy by class", caption, rows, spec)


def confusions(rows: pd.DataFrame) -> NumberTable:
    """The most frequent confusions of each backbone."""
    wrong = rows[rows["true"] != rows["predicted"]]
    top = wrong.sort_values("share", ascending=False, kind="stable").groupby("model", sort=False)
    shown = top.head(_MOST_CONFUSIONS)
    order = {model: place for place, model in enumerate(dict.fromkeys(rows["model"]))}
    shown = shown.sort_values("model", key=lambda names: names.map(order), kind="stable")
    spec = [
        columns.MODEL,
        columns.words("true", "Class"),
        columns.words("predicted", "Taken for"),
        columns.percent("share", "Share of the class, %"),
        columns.N,
    ]
    caption = (
        f"The {_MOST_CONFUSIONS} most frequent confusions of each backbone on test images, confirm phase, "
        f"means over {n_of(rows)}."
    )
    return table("confusions", "Most frequent confusions", caption, shown, spec)
