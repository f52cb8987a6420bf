"""Tables of variation, choice, classes and published numbers: chosen rows, formatted cells, unrounded CSV."""

from __future__ import annotations

import pandas as pd

from study.report import columns, numbers
from study.report.conventions import Conventions, replicate_range
from study.report.exhibits import Column, NumberTable, name, number
from study.report.labels import factor_title, level_title, setting_words
from study.report.remarks import SOURCE_TITLES
from study.report.tabulate import table

RULE_TITLES = {"mean": "highest mean", "lower_bound": "highest lower bound", "front": "front"}
_MOST_CONFUSIONS = 5
"""Of each backbone in the table; the CSV has all."""


def published(rows: pd.DataFrame, titles: dict[str, str]) -> NumberTable:
    """The source's six accuracies."""
    spec = [
        (Column("Number", "name"), lambda row: name(titles[str(row["id"])])),
        columns.percent("published", "Published, %"),
        columns.percent("mean", "Mean here, %"),
        columns.span("low", "high", "One more run, %"),
        columns.N,
        columns.VERDICT,
    ]
    caption = (
        f"Tables 4.1 and 5.1 of the source, {_n(rows)}. One more run: prediction interval of a single "
        "run from the same backbone and setting over new seeds, not the interval of a mean."
    )
    return table("published", "Published accuracies", caption, rows, spec)


def steadiness(models: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Spread of confirmed accuracy, backbone against backbone."""
    spec = [
        (Column("Model", "name"), lambda row: name(str(row["model"]))),
        (Column("Against", "text"), lambda row: name(str(row["other"]))),
        *_ratio(conventions),
    ]
    caption = f"SD of confirmed test accuracy over replicates, paired, {_n(models)}. {_RATIO}"
    return table("steadiness-models", "Spread of the backbones", caption, models, spec)


def steadiness_levels(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Spread at each level against the spread at the reference."""
    spec = [
        columns.MODEL,
        (Column("Factor", "text"), lambda row: name(factor_title(str(row["factor"])))),
        (
            Column("Level", "text"),
            lambda row: columns.number_or_name(level_title(str(row["factor"]), str(row["level"]))),
        ),
        *_ratio(conventions),
    ]
    caption = (
        f"SD of test accuracy over replicates at each level and at the reference, explore phase, paired, "
        f"{_n(rows)}. {_RATIO}"
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
        (
            Column(f"{conventions.level} interval"),
            lambda row: number(
                columns.plain_interval(row["ratio_ci_low"], row["ratio_ci_high"], 2), row["ratio_ci_low"]
            ),
        ),
        columns.N,
        columns.p("p_pitman_morgan", "p Pitman–Morgan"),
        columns.p("p_holm", "p Holm"),
        columns.p("p_brown_forsythe", "p Brown–Forsythe"),
    ]


def sources(rows: pd.DataFrame) -> NumberTable:
    """How much of the spread each source of randomness makes alone."""
    spec = [
        columns.MODEL,
        (
            Column("What varies", "text"),
            lambda row: name(SOURCE_TITLES.get(str(row["source"]), str(row["source"]))),
        ),
        (Column("Setting", "text"), lambda row: name(setting_words(str(row["setting"])))),
        columns.percent("mean", "Test accuracy, %"),
        columns.percent("sd", "SD, points"),
        (
            Column("Interval of SD, points"),
            lambda row: number(
                numbers.percent_interval(row["sd_ci_low"], row["sd_ci_high"]), row["sd_ci_low"]
            ),
        ),
        columns.percent("share", "Share of variance, %"),
        columns.N,
    ]
    caption = (
        f"Runs in which one source of randomness varies and the others are held, {_n(rows)}. SD over "
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
        (
            Column("Images' share, %"),
            lambda row: number(numbers.percent(row["share_images"], 0), row["share_images"]),
        ),
        (
            Column("Test images"),
            lambda row: number(numbers.count(int(row["n_images"])), row["n_images"]),
        ),
        columns.N,
    ]
    caption = (
        f"Standard error of the confirmed mean test accuracy, {_n(rows)}: from the choice of seeds, of test "
        "images, and both. Share: of the images in the sum of the variances."
    )
    return table("seeds-images", "Seeds or images", caption, rows, spec)


def interaction(rows: pd.DataFrame) -> NumberTable:
    """Whether a factor acts alike on all backbones."""
    spec = [
        (Column("Factor", "name"), lambda row: name(factor_title(str(row["factor"])))),
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
        f"backbone, explore phase, {_n(rows)}; p Holm is corrected over the factors. Deviation: of one "
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
        (Column("Compared", "name"), lambda row: name(str(row["name"]))),
        (
            Column("As", "text"),
            lambda row: name("backbones" if row["kind"] == "models" else "levels of one backbone"),
        ),
        columns.percent("sd", "SD of differences, points"),
        *(
            (
                Column(f"For {numbers.compact(100 * effect)} points"),
                lambda row, key=f"needed_{effect}": number(
                    numbers.fixed(row.get(key, float("nan")), 0), row.get(key, float("nan"))
                ),
            )
            for effect in effects
        ),
        columns.percent("image_floor", "Floor of the images, points"),
        columns.N,
    ]
    caption = (
        f"Replicates that a paired comparison needs to find a difference with {conventions.power_percent} "
        f"power, corrected (Bonferroni) over its family; SD over replicates, {_n(rows)}. Floor: the "
        "difference that no number of seeds finds on new images. A dash: not known, or above a hundred "
        "thousand."
    )
    return table("seeds-needed", "How many seeds are enough", caption, wide, spec)


def choices(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """What each way of choosing picks."""
    spec = [
        columns.MODEL,
        (
            Column("Chosen by", "text"),
            lambda row: name(RULE_TITLES.get(str(row["rule"]), str(row["rule"]))),
        ),
        (Column("Setting", "text"), lambda row: name(setting_words(str(row["setting"])))),
        columns.percent("valid_mean", "Validation, %"),
        columns.percent("valid_sd", "SD, points"),
        columns.percent("valid_low", "Lower bound, %"),
        columns.percent("test_mean", "Test, %"),
        columns.percent("test_sd", "SD of test, points"),
        columns.N,
    ]
    caption = (
        f"Explore phase, {_n(rows)}. Mean and SD are over replicates. Lower bound: lower end of the "
        f"{conventions.level} t interval of the mean validation accuracy. Front: no other setting has both a "
        "higher mean and a smaller SD. Only the setting with the highest mean went to the confirm phase."
    )
    return table("choices", "Three ways of choosing", caption, rows, spec)


def per_class(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Confirmed accuracy on each class."""
    spec = [
        columns.MODEL,
        (Column("Class", "text"), lambda row: name(str(row["class"]))),
        columns.percent("mean", "Test accuracy, %"),
        columns.percent("sd", "SD, points"),
        columns.interval(f"{conventions.level} interval, %"),
        (
            Column("Test images"),
            lambda row: number(numbers.count(int(row["n_images"])), row["n_images"]),
        ),
        columns.N,
    ]
    caption = (
        f"Selected settings, confirm phase, {_n(rows)}. SD over replicates. Interval: "
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
        (Column("Class", "text"), lambda row: name(str(row["true"]))),
        (Column("Taken for", "text"), lambda row: name(str(row["predicted"]))),
        columns.percent("share", "Share of the class, %"),
        columns.N,
    ]
    caption = (
        f"The {_MOST_CONFUSIONS} most frequent confusions of each backbone on test images, confirm phase, "
        f"means over {_n(rows)}."
    )
    return table("confusions", "Most frequent confusions", caption, shown, spec)


def _n(rows: pd.DataFrame) -> str:
    return replicate_range([int(n) for n in rows["n"]])
