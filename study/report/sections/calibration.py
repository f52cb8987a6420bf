"""Classes and calibration: accuracy by class and origin, confusions, how confidence matches accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import pandas as pd

from study.report import format as fmt
from study.report import phrases
from study.report import tables as col
from study.report.document import Block, Bullets, Paragraph, Picture, Section
from study.report.inputs import Inputs
from study.report.phrases import Row, by_model, highest, listing, lowest, n_of, records
from study.report.plots import grids, style
from study.report.plots.intervals import Dots, Estimate, Line, Scale, estimates, intervals
from study.report.sections.ensembles import change, marks
from study.tables import definitions

_MOST_CLASSES = 30
"""More do not fit a grid of confusions."""
_MOST_CONFUSIONS = 5
"""Of each backbone in the table; the CSV of the figure has all."""
_METRICS = {"log_loss": "Log loss, nats", "calibration_error": "Calibration error"}


def section(inputs: Inputs) -> Section:
    """All on classes, origins and calibration."""
    tables = inputs.tables
    per_class, grid = tables[definitions.PER_CLASS], tables[definitions.CONFUSION]
    bins, scaled = tables[definitions.RELIABILITY], tables[definitions.CALIBRATION]
    known = per_class[per_class["mean"].notna()]
    blocks: list[Block] = [Bullets((classes(per_class), confusion(grid), calibration(bins)))]
    if len(known):
        blocks += [_classes_picture(known, inputs), *_classes(known, inputs)]
    if len(grid):
        blocks += [*_confusion_picture(grid, inputs), *_confusions(grid)]
    blocks += _origins(inputs)
    if len(bins):
        blocks.append(_reliability(bins, inputs))
    blocks += _metrics(inputs)
    floors = tables[definitions.CALIBRATION_FLOOR]
    if len(floors):
        blocks.append(Paragraph(floor(floors)))
    if len(scaled):
        blocks += [
            *inputs.text.blocks("calibration/temperature"),
            Bullets(temperature(scaled, inputs)),
            _temperature_picture(scaled, inputs),
            *_temperature(scaled, inputs),
        ]
    return Section("calibration", "Classes and calibration", tuple(blocks))


def classes(rows: pd.DataFrame) -> str:
    """The lowest and the highest accuracy of a class of each backbone, with what new images would leave."""
    said = []
    for model, part in by_model(rows[rows["mean"].notna()]):
        bottom, top = (
            f"{row['class']} ({fmt.percent(row['mean'], 1)}{fmt.PERCENT}{_on_new_images(row)})"
            for row in (lowest(part, "mean"), highest(part, "mean"))
        )
        said.append(f"{model}: lowest {bottom}, highest {top}")
    if not said:
        return "Accuracy by class is not known."
    return (
        f"Accuracy by class, with the CI of seeds and images: {'; '.join(said)}. The extremes of many "
        "classes are flattered by the choice, and no order of classes is tested."
    )


def _on_new_images(row: Row) -> str:
    low, high = (float(row[f"image_ci_{end}"]) for end in ("low", "high"))
    if math.isnan(low):
        return ""
    return f", {fmt.percent(max(low, 0.0), 0)} to {fmt.percent(min(high, 1.0), 0)}"


def confusion(rows: pd.DataFrame) -> str:
    """The most frequent confusion of each backbone."""
    wrong = rows[(rows["true"] != rows["predicted"]) & (rows["share"] > 0)]
    tops = [(model, highest(part, "share")) for model, part in by_model(wrong)]
    said = [
        f"{model}: {top['true']} predicted as {top['predicted']} "
        f"({fmt.percent(top['share'], 1)}{fmt.PERCENT} of its images)"
        for model, top in tops
    ]
    return (
        f"Most frequent confusion: {'; '.join(said)}."
        if said
        else "No test image was predicted as another class."
    )


def calibration(rows: pd.DataFrame) -> str:
    """Whether predictions are overconfident or underconfident, on the whole."""
    said = []
    for model, part in by_model(rows):
        weight = part["share"] / part["share"].sum()
        gap = float((weight * (part["confidence"] - part["accuracy"])).sum())
        side = "overconfident" if gap > 0 else "underconfident"
        said.append(
            f"{model} is {side} by {phrases.points(abs(gap), 1)}"
            if abs(gap) >= 0.0005
            else f"{model} is as confident as it is accurate"
        )
    return f"On the whole, {'; '.join(said)}." if said else "Calibration is not known."


def floor(rows: pd.DataFrame) -> str:
    """How much of the measured calibration error a perfectly calibrated model would have too."""
    said = [
        f"{row['model']} {fmt.fixed(row['calibration_error'], 3)}, of which {fmt.fixed(row['floor'], 3)}"
        for row in records(rows)
    ]
    return (
        f"Calibration error has a floor, since bins hold few images: {'; '.join(said)} would be measured of "
        "a perfectly calibrated model too."
    )


def _classes(rows: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    spec = [
        col.MODEL,
        col.words("class", "Class"),
        *col.accuracy(inputs.params, images=True),
        col.whole("n_images", "Test images"),
        col.N,
    ]
    caption = f"Selected settings, confirm phase, {n_of(rows)}."
    return col.table("per-class", "Test accuracy by class", caption, rows, spec)


def _classes_picture(rows: pd.DataFrame, inputs: Inputs) -> Picture:
    draw = partial(
        intervals,
        estimates(rows, "class", ends=("image_ci_low", "image_ci_high"), panel="model"),
        [Line(name, name) for name in dict.fromkeys(rows["class"])],
        style.marks(inputs.params.backbones),
        Scale("Test accuracy, %"),
    )
    caption = (
        f"Mean and {phrases.ci(inputs.params)} of seeds and images, confirm phase, {n_of(rows)}. "
        f"{phrases.NOT_ZERO}"
    )
    return col.picture("per-class", "Test accuracy by class", caption, classes(rows), draw, means=rows)


def _confusion_picture(rows: pd.DataFrame, inputs: Inputs) -> tuple[Picture, ...]:
    names = list(dict.fromkeys(rows["true"]))
    if len(names) > _MOST_CLASSES:
        return ()
    draw = partial(grids.confusion, rows, names, style.marks(inputs.params.backbones))
    caption = (
        f"Percentage of a class (row) predicted as each class (column), confirm phase, mean over "
        f"{n_of(rows)}, without an interval. Shade: errors alone; right answers are bold."
    )
    return (col.picture("confusion", "Confusion of classes", caption, confusion(rows), draw, means=rows),)


def _confusions(rows: pd.DataFrame) -> tuple[Block, ...]:
    wrong = rows[(rows["true"] != rows["predicted"]) & (rows["share"] > 0)]
    ordered = wrong.sort_values("share", ascending=False, kind="stable")
    tops = [part.head(_MOST_CONFUSIONS) for _, part in ordered.groupby("model", sort=False)]
    by_name = {part["model"].iloc[0]: part for part in tops}
    models = [model for model in dict.fromkeys(rows["model"]) if model in by_name]
    if not models:
        return ()
    shown = pd.concat([by_name[model] for model in models], ignore_index=True)
    spec = [
        col.MODEL,
        col.words("true", "Class"),
        col.words("predicted", "Predicted as"),
        col.percent("share", "Share of the class, %"),
        col.N,
    ]
    caption = (
        f"The {_MOST_CONFUSIONS} most frequent of each backbone on test images, confirm phase, mean over "
        f"{n_of(rows)}."
    )
    return col.table("confusions", "Most frequent confusions", caption, shown, spec)


def _origins(inputs: Inputs) -> tuple[Block, ...]:
    rows = inputs.tables[definitions.SUMMARY]
    origins = ("cifar10", "imagenet")
    known = rows[
        (rows["phase"] == "confirm")
        & rows["metric"].isin([f"accuracy_{origin}" for origin in origins])
        & rows["mean"].notna()
    ]
    if known.empty:
        return ()
    spec = [
        col.MODEL,
        col.words("metric", "Test images", lambda metric: fmt.origin_title(metric.removeprefix("accuracy_"))),
        *col.accuracy(inputs.params, images=True),
        col.N,
    ]
    caption = f"Selected settings, confirm phase, {n_of(known)}."
    title = "Test accuracy by origin of the images"
    return (*inputs.text.blocks("calibration/origin"), *col.table("origins", title, caption, known, spec))


def _reliability(rows: pd.DataFrame, inputs: Inputs) -> Picture:
    draw = partial(grids.reliability, rows, style.marks(inputs.params.backbones))
    caption = (
        f"Test predictions in bins by the probability of the predicted class [@guo], confirm phase, mean and "
        f"{phrases.ci(inputs.params)}, {n_of(rows)}. Below the dotted line: overconfident. Hollow: bins with "
        "less than 1 % of the images."
    )
    return col.picture("reliability", "Calibration", caption, calibration(rows), draw, means=rows)


def _metrics(inputs: Inputs) -> tuple[Block, ...]:
    summary = inputs.tables[definitions.SUMMARY]
    rows = summary[
        (summary["phase"] == "confirm")
        & (summary["split"] == "test")
        & summary["metric"].isin(list(_METRICS))
    ]
    spec = [col.MODEL, col.METRIC, *col.score(inputs.params), col.N]
    caption = f"Selected settings on the test images, confirm phase, {n_of(rows)}; lower is better."
    return col.table("confirmed-metrics", "Log loss and calibration", caption, rows, spec)


def temperature(rows: pd.DataFrame, inputs: Inputs) -> tuple[str, ...]:
    """What temperature scaling does to calibration error and to log loss."""
    return tuple(
        f"{fmt.metric_title(str(metric))} after scaling: {_moves(part, inputs)}."
        for metric, part in rows.groupby("metric", sort=True)
    )


def _moves(rows: pd.DataFrame, inputs: Inputs) -> str:
    low, high = rows["diff_ci_low"], rows["diff_ci_high"]
    if low.isna().all():
        return "one replicate gives no interval, so whether it falls or rises is inconclusive"
    parts = []
    for said, chosen in (
        ("lower for", high < 0),
        ("higher for", low > 0),
        ("inconclusive for", ~((high < 0) | (low > 0))),
    ):
        named = [
            f"{fmt.method_words(fmt.method_title(row['method']))} "
            f"{change(row['diff'], row['diff_ci_low'], row['diff_ci_high'], inputs)}"
            for row in records(rows[chosen])
        ]
        if named:
            parts.append(f"{said} {listing(named)}")
    return "; ".join(parts)


def _in_order(methods: Sequence[str], inputs: Inputs) -> list[str]:
    """Backbones as in params.yaml, then ways to combine by name."""
    known = set(methods)
    first = [model for model in inputs.params.backbones if model in known]
    return [*first, *sorted(known - set(first))]


def _temperature_picture(rows: pd.DataFrame, inputs: Inputs) -> Picture:
    runs, names = inputs.tables[definitions.TEMPERATURES], _in_order(list(rows["method"]), inputs)
    shown: list[Estimate] = []
    points: list[Dots] = []
    for side, start, shift in (("before", "test", -0.2), ("after", "scaled", 0.2)):
        ends = (f"{side}_ci_low", f"{side}_ci_high")
        shown += estimates(rows, "method", value=side, ends=ends, mark="method", panel="metric", scale=1,
                           hollow=side == "before", shift=shift)  # fmt: skip
        points += [
            Dots(
                str(method), tuple(part[f"{start}_{metric}"].astype(float)), str(method), metric, shift - 0.08
            )
            for metric in _METRICS
            for method, part in runs.groupby("method", sort=False)
        ]
    draw = partial(
        intervals,
        shown,
        [Line(name, fmt.method_title(name)) for name in names],
        marks(names, inputs),
        Scale("", shared=False),
        panels=_METRICS,
        points=points,
    )
    caption = (
        f"Test images, confirm phase; lower is better. Small points: single replicates; marks: mean and "
        f"{phrases.ci(inputs.params)}, {n_of(rows)}, before (hollow) and after (filled) scaling."
    )
    alt = " ".join(temperature(rows, inputs))
    return col.picture(
        "temperature-scaling", "Temperature scaling", caption, alt, draw, means=rows, replicates=runs
    )


def _temperature(rows: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    order = {method: place for place, method in enumerate(_in_order(list(rows["method"]), inputs))}
    shown = rows.sort_values("method", key=lambda names: names.map(order), kind="stable")
    ci = phrases.ci(inputs.params)
    spec = [
        col.METHOD,
        col.METRIC,
        col.signed("diff", "After minus before", 4),
        col.signed_span(f"{ci} of the difference", 4, "diff_ci_low", "diff_ci_high"),
        col.plain("before", "Before", 4),
        col.plain_span(f"{ci} before", 4, "before_ci_low", "before_ci_high"),
        col.plain("after", "After", 4),
        col.plain_span(f"{ci} after", 4, "after_ci_low", "after_ci_high"),
        col.plain("temperature", "Mean temperature", 3),
        col.N,
    ]
    caption = (
        f"Test images, confirm phase, paired, {n_of(rows)}; one temperature per replicate. Lower is "
        "better; not corrected for the number of rows."
    )
    return col.table("temperature-means", "Before and after temperature scaling", caption, shown, spec)
