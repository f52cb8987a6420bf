"""Tables of the report from tables of the analysis: chosen rows, formatted cells, unrounded CSV."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from study.report import columns, numbers
from study.report.conventions import MARK, Conventions, replicate_range
from study.report.exhibits import Column, NumberTable, cells, name, number
from study.report.labels import (
    METRIC_TITLES,
    ORIGIN_TITLES,
    factor_title,
    level_title,
    method_title,
    setting_words,
)
from study.report.rows import Row, records


def best(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """The selected setting of each backbone with its confirmed test accuracy."""
    spec = [
        columns.MODEL,
        columns.setting("lr", "Learning rate"),
        columns.setting("batch_size", "Batch size"),
        columns.setting("dropout", "Dropout"),
        columns.setting("l1", "L1"),
        (
            Column("Augmentation", "text"),
            lambda row: name(level_title("augmentation", str(row["augmentation"]))),
        ),
        (Column("Images a class", "text"), lambda row: name(str(row["images_per_class"]))),
        columns.percent("mean", "Test accuracy, %"),
        columns.percent("sd", "SD, points"),
        columns.interval(f"{conventions.level} interval, %"),
        columns.image_interval(),
        columns.headline_n(conventions.headline_seeds),
        columns.DIVERGED,
    ]
    caption = (
        f"Shape of the source's table 5.1. Each backbone's setting with the highest mean validation "
        f"accuracy in the explore phase, trained again on fresh seeds: {_n(rows)}"
        f"{_marked(rows, conventions)}. Mean and SD (standard deviation) are over replicates. "
        f"Interval: {conventions.interval_of_seeds}. {_IMAGES}"
    )
    return table("best", "Best setting of each backbone", caption, rows, spec)


def selection(rows: pd.DataFrame, chosen: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """What selection saw against what fresh seeds gave."""
    joined = rows.merge(chosen.drop(columns=["setting", "n"]), on="model", how="left")
    spec = [
        columns.MODEL,
        (Column("Selected setting", "text"), lambda row: name(setting_words(str(row["setting"])))),
        columns.percent("explore_valid_mean", "Validation, explore, %"),
        columns.percent("confirm_valid_mean", "Validation, confirm, %"),
        columns.percent("explore_test_mean", "Test, explore, %"),
        columns.percent("mean", "Test, confirm, %"),
        (Column("Runner-up", "text"), lambda row: name(setting_words(str(row["runner_up"])))),
        columns.percent("runner_up_valid_mean", "Its validation, explore, %"),
        (
            Column("Settings tried"),
            lambda row: number(numbers.fixed(row["n_settings"], 0), row["n_settings"]),
        ),
    ]
    caption = (
        f"Mean accuracy of the selected setting in both phases: explore n = {conventions.seeds}, "
        f"confirm n = {conventions.confirm_seeds} replicates on other seeds. A setting chosen for its "
        f"explore "
        "mean is flattered by it; the confirm columns are not."
    )
    return table("selection", "Selection and confirmation", caption, joined, spec)


def confirmed_metrics(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Log loss and calibration error of the selected settings on the test images."""
    spec = [
        columns.MODEL,
        (Column("Metric", "text"), lambda row: name(METRIC_TITLES.get(row["metric"], row["metric"]))),
        columns.plain("mean", "Mean", 4),
        columns.plain("sd", "SD", 4),
        (
            Column(f"{conventions.level} interval"),
            lambda row: number(columns.plain_interval(row["ci_low"], row["ci_high"]), row["ci_low"]),
        ),
        columns.N,
    ]
    caption = (
        f"Selected settings on the test images, confirm phase, {_n(rows)}. Log loss in nats; calibration "
        f"error as a fraction. SD over replicates. Interval: {conventions.interval_of_seeds}."
    )
    return table("confirmed-metrics", "Log loss and calibration", caption, rows, spec)


def ensembles(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Each way to combine the selected models, and the best single one."""
    spec = [
        (Column("Method", "name"), lambda row: name(_method(row))),
        columns.percent("mean", "Test accuracy, %"),
        columns.percent("sd", "SD, points"),
        columns.interval(f"{conventions.level} interval, %"),
        columns.image_interval(),
        columns.headline_n(conventions.headline_seeds),
        columns.points("diff", "Minus best single, points"),
        columns.points_interval("diff_ci_low", "diff_ci_high", f"{conventions.level} interval, points"),
        columns.points_interval("diff_image_ci_low", "diff_image_ci_high", "With images, points"),
        columns.wins("Ahead in"),
        columns.p("p_holm", "p Holm"),
        columns.p("p_tost", "p TOST"),
        (Column("Verdict", "text"), lambda row: name(_ensemble_verdict(row))),
    ]
    caption = (
        f"Shape of the source's table 4.1, on the test images. Members are the selected models of one "
        f"replicate, {_n(rows)}{_marked(rows, conventions)}; differences are paired by replicate. "
        f"SD over replicates. Interval: "
        f"{conventions.interval_of_seeds}. {_IMAGES} p Holm: two-sided paired t test, corrected over the "
        f"methods. p TOST: equivalence within {conventions.margin_points}."
    )
    ordered = rows.assign(baseline=rows["method"] == "single").sort_values(
        ["baseline", "mean", "method"], ascending=[False, False, True]
    )
    return table("ensembles", "Ensembles", caption, ordered.drop(columns="baseline"), spec)


def pairs(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """The selected models against each other."""
    spec = [
        (Column("Model", "name"), lambda row: name(str(row["model_a"]))),
        (Column("Against", "text"), lambda row: name(str(row["model_b"]))),
        *_paired(conventions, columns.headline_n(conventions.headline_seeds)),
        columns.points_interval("simultaneous_low", "simultaneous_high", "Simultaneous interval, points"),
        columns.VERDICT,
    ]
    caption = (
        f"Confirmed test accuracy of the first model minus that of the second, paired by replicate, "
        f"{_n(rows)}{_marked(rows, conventions)}. {_paired_caption(conventions, 'the pairs')} "
        f"Simultaneous interval: Bonferroni over the pairs."
    )
    return table("pairs", "Backbones against each other", caption, rows, spec)


def levels(factor: str, rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Mean accuracy at each level of a factor on all three splits.

    ``rows`` has a row a model and level: the test split's columns of ``summary``, and train_mean, valid_mean.
    """
    spec = [
        columns.MODEL,
        columns.level(factor),
        columns.percent("train_mean", "Train, %"),
        columns.percent("valid_mean", "Validation, %"),
        columns.percent("mean", "Test, %"),
        columns.percent("sd", "SD of test, points"),
        columns.interval(f"{conventions.level} interval of test, %"),
        columns.image_interval(),
        columns.N,
        columns.DIVERGED,
    ]
    caption = (
        f"Mean accuracy after the last epoch, explore phase, {_n(rows)}. SD over replicates. Interval: "
        f"{conventions.interval_of_seeds}. {_IMAGES}"
    )
    return table(f"levels-{factor}", f"{factor_title(factor)}: accuracy", caption, rows, spec)


def differences(factor: str, rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Each level of a factor against the reference on test accuracy."""
    spec = [columns.MODEL, columns.level(factor), *_paired(conventions), columns.VERDICT]
    reference = level_title(factor, str(rows["reference_level"].iloc[0])) if len(rows) else numbers.MISSING
    caption = (
        f"Test accuracy minus that of the reference ({reference}), paired by replicate, explore phase, "
        f"{_n(rows)}. {_paired_caption(conventions, 'all levels of a backbone')}"
    )
    return table(
        f"differences-{factor}", f"{factor_title(factor)}: differences to the reference", caption, rows, spec
    )


def omnibus(factor: str, rows: pd.DataFrame) -> NumberTable:
    """Whether the levels of a factor differ at all, and whether they have a trend."""
    spec = [
        columns.MODEL,
        (Column("Levels"), lambda row: number(numbers.count(int(row["k"])), row["k"])),
        columns.N,
        columns.plain("f", "F", 2),
        columns.p("p", "p"),
        columns.p("p_holm", "p Holm"),
        columns.points("trend", "Trend, points a step"),
        columns.p("p_trend", "p trend"),
    ]
    caption = (
        f"Permutation test within replicates over all levels, test accuracy, explore phase, {_n(rows)}. p "
        f"Holm is "
        "corrected over the factors of a backbone. Trend: mean slope of accuracy from level to level, for "
        "ordered factors alone; p trend: t test, not corrected."
    )
    return table(f"omnibus-{factor}", f"{factor_title(factor)}: all levels at once", caption, rows, spec)


def origins(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Confirmed test accuracy by where the images come from."""
    spec = [
        columns.MODEL,
        (
            Column("Test images", "text"),
            lambda row: name(ORIGIN_TITLES.get(str(row["metric"]).removeprefix("accuracy_"), row["metric"])),
        ),
        columns.percent("mean", "Test accuracy, %"),
        columns.percent("sd", "SD, points"),
        columns.interval(f"{conventions.level} interval, %"),
        columns.image_interval(),
        columns.N,
    ]
    caption = (
        f"Selected settings, confirm phase, {_n(rows)}. SD over replicates. Interval: "
        f"{conventions.interval_of_seeds}. {_IMAGES}"
    )
    return table("origins", "Test accuracy by origin of the images", caption, rows, spec)


def claims(rows: pd.DataFrame) -> NumberTable:
    """The source's claims with what this study says on each."""
    spec = [
        (Column("Claim", "name"), lambda row: name(str(row["id"]))),
        *(
            (Column(title, "text"), lambda row, column=column: name(str(row[column])))
            for column, title in (
                ("section", "Where"),
                ("statement", "The source says"),
                ("hypothesis", "Tested as"),
                ("verdict", "Verdict"),
                ("evidence", "Evidence"),
            )
        ),
    ]
    caption = (
        f"All {len(rows)} claims of the source, each put as a hypothesis on the data of this study; the "
        f"number of "
        "replicates n stands with the evidence."
    )
    return table("claims", "Claims of the source", caption, rows, spec)


_IMAGES = "With images: the interval also covers other test images of the same kind."


def table(
    slug: str, title: str, caption: str, rows: pd.DataFrame, spec: Sequence[columns.Spec]
) -> NumberTable:
    """A table whose columns ``spec`` fills from ``rows``; its CSV has the rows as they are."""
    made = [[make(row) for _, make in spec] for row in records(rows)]
    heads = tuple(column for column, _ in spec)
    csv = str(rows.to_csv(index=False, lineterminator="\n"))
    return NumberTable(slug.replace("_", "-"), title, caption, heads, cells(made), csv)


def _paired(conventions: Conventions, n: columns.Spec = columns.N) -> list[columns.Spec]:
    return [
        n,
        columns.points("diff", "Difference, points"),
        columns.points_interval("ci_low", "ci_high", f"{conventions.level} interval, points"),
        columns.points_interval("image_ci_low", "image_ci_high", "With images, points"),
        columns.plain("dz", "d_z", 2),
        columns.wins("Ahead in"),
        columns.p("p_t", "p t"),
        columns.p("p_signflip", "p sign-flip"),
        columns.p("p_holm", "p Holm"),
        columns.p("p_tost", "p TOST"),
        columns.percent("mde", "Detectable, points"),
    ]


def _paired_caption(conventions: Conventions, family: str) -> str:
    return (
        f"Interval: {conventions.level} t interval of the mean difference over replicates, new seeds on "
        f"these test images. {_IMAGES} d_z: mean difference over its standard deviation. p t: paired, "
        f"two-sided; p sign-flip: without a distribution; p Holm: p t corrected over {family}. p TOST: "
        f"equivalence within {conventions.margin_points}. Detectable: smallest difference seen with "
        f"{conventions.power_percent} power, before Holm's correction."
    )


def _marked(rows: pd.DataFrame, conventions: Conventions) -> str:
    least = conventions.headline_seeds
    few = bool((rows["n"] < least).any())
    return f" ({MARK} fewer than the {least} declared for headline numbers)" if few else ""


def _n(rows: pd.DataFrame) -> str:
    return replicate_range([int(n) for n in rows["n"]])


def _method(row: Row) -> str:
    title = method_title(str(row["method"]))
    return f"{title} ({row['best_single']})" if row["method"] == "single" else title


def _ensemble_verdict(row: Row) -> str:
    return "baseline" if row["method"] == "single" else str(row["verdict"])
