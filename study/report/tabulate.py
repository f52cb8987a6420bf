"""Tables of the report from tables of the analysis: chosen rows, formatted cells, unrounded CSV."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from study.report import columns, numbers
from study.report.conventions import MARK, Conventions, n_of
from study.report.exhibits import Column, NumberTable, cells, name
from study.report.labels import ORIGIN_TITLES, factor_title, level_title, method_title, setting_words
from study.report.rows import Row, records


def best(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """The selected setting of each backbone with its confirmed test accuracy."""
    spec = [
        columns.MODEL,
        columns.setting("lr", "Learning rate"),
        columns.setting("batch_size", "Batch size"),
        columns.setting("dropout", "Dropout"),
        columns.setting("l1", "L1"),
        columns.words("augmentation", "Augmentation", partial(level_title, "augmentation")),
        columns.words("images_per_class", "Images a class"),
        *columns.accuracy(conventions.level, images=True),
        columns.headline_n(conventions.headline_seeds),
        columns.DIVERGED,
    ]
    caption = (
        f"Shape of the source's table 5.1. Each backbone's setting with the highest mean validation "
        f"accuracy in the explore phase, trained again on fresh seeds: {n_of(rows)}"
        f"{_marked(rows, conventions)}. Mean and SD (standard deviation) are over replicates. "
        f"Interval: {conventions.interval_of_seeds}. {_IMAGES}"
    )
    return table("best", "Best setting of each backbone", caption, rows, spec)


def features(rows: pd.DataFrame, image_size: int) -> NumberTable:
    """How much of what each backbone gives differs from image to image."""
    spec = [
        columns.MODEL,
        columns.whole("n_features", "Features"),
        columns.whole("n_constant", "Same for all images"),
        columns.percent("zero_share", "Zeros, %"),
    ]
    n_images = numbers.count(int(rows["n_images"].max()))
    caption = (
        f"What the frozen backbones give of all n = {n_images} images of the three splits, not augmented, at "
        f"{image_size} pixels a side and in half precision. No head can learn from a feature that is the "
        "same for all images. Zeros are a share of all values."
    )
    return table("features", "Features of the backbones", caption, rows, spec)


def selection(rows: pd.DataFrame, chosen: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """What selection saw against what fresh seeds gave."""
    joined = rows.merge(chosen.drop(columns=["setting", "n"]), on="model", how="left")
    spec = [
        columns.MODEL,
        columns.words("setting", "Selected setting", setting_words),
        columns.percent("explore_valid_mean", "Validation, explore, %"),
        columns.percent("confirm_valid_mean", "Validation, confirm, %"),
        columns.percent("explore_test_mean", "Test, explore, %"),
        columns.percent("mean", "Test, confirm, %"),
        columns.words("runner_up", "Runner-up", setting_words),
        columns.percent("runner_up_valid_mean", "Its validation, explore, %"),
        columns.whole("n_settings", "Settings tried"),
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
        columns.METRIC,
        columns.plain("mean", "Mean", 4),
        columns.plain("sd", "SD", 4),
        columns.plain_span(f"{conventions.level} interval", 4),
        columns.N,
    ]
    caption = (
        f"Selected settings on the test images, confirm phase, {n_of(rows)}. Log loss in nats; calibration "
        f"error as a fraction. SD over replicates. Interval: {conventions.interval_of_seeds}."
    )
    return table("confirmed-metrics", "Log loss and calibration", caption, rows, spec)


def ensembles(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Each way to combine the selected models, and the best single one."""
    spec = [
        (Column("Method", "name"), lambda row: name(_method(row))),
        *columns.accuracy(conventions.level, images=True),
        columns.headline_n(conventions.headline_seeds),
        columns.points("diff", "Minus best single, points"),
        columns.points_span(f"{conventions.level} interval, points", "diff_ci_low", "diff_ci_high"),
        columns.points_span("With images, points", "diff_image_ci_low", "diff_image_ci_high"),
        columns.wins("Ahead in"),
        columns.p("p_holm", "p Holm"),
        columns.p("p_tost", "p TOST"),
        (Column("Verdict", "text"), lambda row: name(_ensemble_verdict(row))),
    ]
    caption = (
        f"Shape of the source's table 4.1, on the test images. Members are the selected models of one "
        f"replicate, {n_of(rows)}{_marked(rows, conventions)}; differences are paired by replicate. "
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
        columns.words("model_a", "Model", kind="name"),
        columns.words("model_b", "Against"),
        *_paired(conventions, columns.headline_n(conventions.headline_seeds)),
        columns.points_span("Simultaneous interval, points", "simultaneous_low", "simultaneous_high"),
        columns.VERDICT,
    ]
    caption = (
        f"Confirmed test accuracy of the first model minus that of the second, paired by replicate, "
        f"{n_of(rows)}{_marked(rows, conventions)}. {_paired_caption(conventions, 'the pairs')} "
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
        columns.span(f"{conventions.level} interval of test, %"),
        columns.IMAGES,
        columns.N,
        columns.DIVERGED,
    ]
    caption = (
        f"Mean accuracy after the last epoch, explore phase, {n_of(rows)}. SD over replicates. Interval: "
        f"{conventions.interval_of_seeds}. {_IMAGES}"
    )
    return table(f"levels-{factor}", f"{factor_title(factor)}: accuracy", caption, rows, spec)


def differences(factor: str, rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Each level of a factor against the reference on test accuracy."""
    spec = [columns.MODEL, columns.level(factor), *_paired(conventions), columns.VERDICT]
    reference = level_title(factor, str(rows["reference_level"].iloc[0])) if len(rows) else numbers.MISSING
    caption = (
        f"Test accuracy minus that of the reference ({reference}), paired by replicate, explore phase, "
        f"{n_of(rows)}. {_paired_caption(conventions, 'all levels of a backbone')}"
    )
    return table(
        f"differences-{factor}", f"{factor_title(factor)}: differences to the reference", caption, rows, spec
    )


def omnibus(factor: str, rows: pd.DataFrame) -> NumberTable:
    """Whether the levels of a factor differ at all, and whether they have a trend."""
    spec = [
        columns.MODEL,
        columns.whole("k", "Levels"),
        columns.N,
        columns.plain("f", "F", 2),
        columns.p("p", "p"),
        columns.p("p_holm", "p Holm"),
        columns.points("trend", "Trend, points a step"),
        columns.p("p_trend", "p trend"),
    ]
    caption = (
        f"Permutation test within replicates over all levels, test accuracy, explore phase, {n_of(rows)}. p "
        f"Holm is "
        "corrected over the factors of a backbone. Trend: mean slope of accuracy from level to level, for "
        "ordered factors alone; p trend: t test, not corrected."
    )
    return table(f"omnibus-{factor}", f"{factor_title(factor)}: all levels at once", caption, rows, spec)


def origins(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Confirmed test accuracy by where the images come from."""
    spec = [
        columns.MODEL,
        columns.words("metric", "Test images", _origin),
        *columns.accuracy(conventions.level, images=True),
        columns.N,
    ]
    caption = (
        f"Selected settings, confirm phase, {n_of(rows)}. SD over replicates. Interval: "
        f"{conventions.interval_of_seeds}. {_IMAGES}"
    )
    return table("origins", "Test accuracy by origin of the images", caption, rows, spec)


def claims(rows: pd.DataFrame) -> NumberTable:
    """The source's claims with what this study says on each."""
    spec = [
        columns.words("id", "Claim", kind="name"),
        columns.words("section", "Where"),
        columns.words("statement", "The source says"),
        columns.words("hypothesis", "Tested as"),
        columns.VERDICT,
        columns.words("evidence", "Evidence"),
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
        columns.points_span(f"{conventions.level} interval, points"),
        columns.points_span("With images, points", "image_ci_low", "image_ci_high"),
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


def _origin(metric: str) -> str:
    return ORIGIN_TITLES.get(metric.removeprefix("accuracy_"), metric)


def _method(row: Row) -> str:
    title = method_title(str(row["method"]))
    return f"{title} ({row['best_single']})" if row["method"] == "single" else title


def _ensemble_verdict(row: Row) -> str:
    return "baseline" if row["method"] == "single" else str(row["verdict"])
