"""Ensembles: accuracy and scores of each way to combine, size, greedy selection, diversity of members."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import cycle

import pandas as pd

from study.report import format as fmt
from study.report import phrases
from study.report import tables as col
from study.report.document import Block, Bullets, Column, Picture, Section
from study.report.inputs import Inputs
from study.report.phrases import Row, highest, lowest, many, n_of, records
from study.report.plots import curves, style
from study.report.plots.intervals import Line, Scale, dots, estimates, intervals
from study.report.plots.style import INK, MARKERS, SOFT, Mark
from study.report.sections.best import PLAIN, marked
from study.tables import definitions

DECIMALS = 3
"""Of a score in a sentence."""
_ENDS = ("ci_low", "ci_high", "image_ci_low", "image_ci_high")
_SHOWN_SIZES = (1, 2, 3, 5, 10)
"""Of the replicates that vote; the largest number is shown too, and the CSV of the figure has all."""


def section(inputs: Inputs) -> Section:
    """All on ensembles."""
    rows, text = inputs.tables[definitions.ENSEMBLES], inputs.text
    blocks: list[Block] = []
    if (rows["method"] != "single").any():
        fitted = "fitted" if "stacking" in set(rows["method"]) else "not fitted"
        blocks += text.blocks("ensembles/methods", fitted=text.line(f"ensembles/{fitted}"))
        blocks += [*_pictures(rows, inputs), Bullets(compared(inputs)), *_table(rows, inputs)]
    else:
        blocks.append(Bullets(compared(inputs)))
    blocks += _scores(inputs)
    blocks += _sizes(inputs)
    return Section("ensembles", "Ensembles", tuple(blocks), 2)


def compared(inputs: Inputs) -> tuple[str, ...]:
    """Each way to combine against the best single model, the highest mean first."""
    rows = inputs.tables[definitions.ENSEMBLES]
    combined = rows[rows["method"] != "single"]
    if combined.empty:
        one = "There is no ensemble: a single backbone leaves nothing to combine."
        return (one if len(inputs.params.backbones) == 1 else "The study has no ensembles.",)
    ordered = combined.sort_values(["mean", "method"], ascending=[False, True])
    return tuple(
        phrases.versus(
            fmt.method_title(str(row["method"])),
            f"the best single model ({row['best_single']})",
            {**row, **{end: row[f"diff_{end}"] for end in _ENDS}},
            inputs.params,
        )
        for row in records(ordered)
    )


def _table(rows: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    params = inputs.params

    def method(row: Row) -> str:
        title = fmt.method_title(str(row["method"]))
        return f"{title} ({row['best_single']})" if row["method"] == "single" else title

    spec = [
        (Column("Method", "name"), lambda row: col.name(method(row))),
        col.verdict(lambda row: "baseline" if row["method"] == "single" else str(row["verdict"])),
        col.these_images(),
        *col.accuracy(params, images=True),
        col.points("diff", "Minus best single, points"),
        col.points_span(f"{phrases.ci(params)} of the difference, points", "diff_ci_low", "diff_ci_high"),
        col.points_span(f"{phrases.ci(params)} (seeds and images) of the difference, points",
                    "diff_image_ci_low", "diff_image_ci_high"),
        col.wins(),
        col.p("p_holm", "p (Holm)"),
        col.p("p_tost_holm", "p (TOST, Holm)"),
        col.headline_n(params)
    ]  # fmt: skip
    caption = (
        f"Same rows as Table 4.1 of the original report, on the test images, confirm phase, paired, "
        f"{marked(rows, inputs)}."
    )
    ordered = rows.assign(baseline=rows["method"] == "single").sort_values(
        ["baseline", "mean", "method"], ascending=[False, False, True]
    )
    return col.table("ensembles", "Ensembles", caption, ordered.drop(columns="baseline"), spec)


def marks(methods: Sequence[str], inputs: Inputs) -> dict[str, Mark]:
    """Of backbones their own, of ways to combine a marker each."""
    of_backbones = style.marks(inputs.params.backbones)
    combined = [method for method in methods if method not in of_backbones]
    return {**of_backbones, **{one: Mark(INK, marker) for one, marker in zip(combined, cycle(MARKERS))}}


def _pictures(rows: pd.DataFrame, inputs: Inputs) -> tuple[Picture, Picture]:
    runs, params = inputs.tables[definitions.ENSEMBLE_RUNS], inputs.params
    ordered = rows.sort_values(["mean", "method"], ascending=[False, True])
    lines = [Line(str(method), fmt.method_title(str(method))) for method in ordered["method"]]
    combined = rows[rows["method"] != "single"]
    best_single = style.marks(params.backbones).get(str(rows["best_single"].iloc[0]), Mark(SOFT, "o"))
    looks = {**marks(list(combined["method"]), inputs), "single": best_single}
    draw = partial(
        intervals,
        estimates(rows.drop(columns="verdict"), "method", mark="method"),
        lines,
        looks,
        Scale("Test accuracy, %"),
        points=dots(runs, "method", "test_accuracy", mark="method"),
    )
    alt = " ".join(compared(inputs))
    first = col.picture(
        "ensembles-accuracy",
        "Test accuracy of the ensembles",
        f"{phrases.means_caption(rows, 'confirm', params)} {phrases.NOT_ZERO} "
        "Figure 4.28 of the original report.",
        alt,
        draw,
        means=rows,
        replicates=runs,
    )
    margin = 100 * params.analysis.equivalence_margin
    scale = Scale(
        "Test accuracy minus that of the best single model, points", centre=0.0, band=(-margin, margin)
    )
    ends = ("diff_simultaneous_low", "diff_simultaneous_high")
    gains = estimates(combined, "method", value="diff", ends=ends, mark="method")
    second = col.picture(
        "ensembles-gain",
        "Ensembles against the best single model",
        phrases.differences_caption(rows, "confirm", params),
        alt,
        partial(intervals, gains, [line for line in lines if line.key != "single"], looks, scale),
        means=combined,
    )
    return first, second


def _scores(inputs: Inputs) -> tuple[Block, ...]:
    rows, params = inputs.tables[definitions.ENSEMBLE_SCORES], inputs.params
    said = scores(rows, inputs)
    if not said:
        return ()
    shown = rows[rows["metric"] != "accuracy"].sort_values(
        ["metric", "mean"], ascending=[False, True], kind="stable"
    )
    spec = [
        col.METHOD,
        col.METRIC,
        *col.score(params),
        col.signed("diff", "Minus best single", 4),
        col.signed_span(f"{phrases.ci(params)} of the difference", 4, "diff_ci_low", "diff_ci_high"),
        col.wins("Lower in"),
        col.N,
    ]
    caption = (
        f"Test images, confirm phase, {n_of(shown)}; lower is better. Hard voting gives no probabilities. "
        "Differences are paired, not corrected for the number of rows."
    )
    title = "Log loss and calibration of the ensembles"
    return (Bullets(said), *col.table("ensemble-scores", title, caption, shown, spec))


def scores(rows: pd.DataFrame, inputs: Inputs) -> tuple[str, ...]:
    """Log loss and calibration error of each method against the best single model."""
    compared = rows[(rows["metric"] != "accuracy") & rows["diff"].notna()]
    ordered = compared.sort_values(["metric", "mean"], ascending=[False, True], kind="stable")
    return tuple(
        below(
            f"{fmt.metric_title(row['metric'])} of {fmt.method_words(fmt.method_title(row['method']))}",
            "that of the best single model",
            row,
            inputs,
        )
        for row in records(ordered)
    )


def below(what: str, other: str, row: Row, inputs: Inputs) -> str:
    """One paired difference of a score of which lower is better.

    ``row`` has n, diff, diff_ci_low, diff_ci_high, wins. The interval is of one comparison, so a side is
    named where it misses zero, and the difference is inconclusive, never none, where it does not.
    """
    n, diff, low, high = int(row["n"]), float(row["diff"]), row["diff_ci_low"], row["diff_ci_high"]
    over = many(n, "replicate")
    if low == high == 0:
        return f"{what} equals {other} in every one of {over}."
    if math.isnan(low) or math.isnan(high):
        return (
            f"{what} minus {other} is {fmt.signed(diff, DECIMALS)} over {over}; there is no interval, so "
            "the order is inconclusive."
        )
    if low <= 0 <= high:
        return (
            f"Whether {what[:1].lower()}{what[1:]} is lower or higher than {other} is inconclusive: the mean "
            f"difference is {change(diff, low, high, inputs)}."
        )
    side, ends = ("lower", (-high, -low)) if diff < 0 else ("higher", (low, high))
    return (
        f"{what} is {fmt.fixed(abs(diff), DECIMALS)} {side} than {other} ({phrases.ci(inputs.params)} "
        f"{fmt.fixed(ends[0], DECIMALS)} to {fmt.fixed(ends[1], DECIMALS)}; lower in "
        f"{phrases.won(float(row['wins']), n)})."
    )


def change(diff: float, low: float, high: float, inputs: Inputs) -> str:
    """``−0.200 (95 % CI −0.250 to −0.150)``."""
    ends = [fmt.signed(end, DECIMALS) for end in (low, high)]
    return f"{fmt.signed(diff, DECIMALS)} ({phrases.ci(inputs.params)} {ends[0]} to {ends[1]})"


def family_title(family: str) -> str:
    """Whose replicates vote."""
    return "all backbones" if family == "all" else family


def sizes(rows: pd.DataFrame) -> tuple[str, ...]:
    """What more replicates of a family bring to its soft vote."""
    said = []
    for family, part in rows.groupby("family", sort=False):
        first, last = lowest(part, "k"), highest(part, "k")
        voters = "All backbones" if family == "all" else str(family)
        one, more = (
            f"{fmt.percent(row['accuracy'], 1)}{fmt.PERCENT} from {many(int(row['n_members']), 'member')}"
            for row in (first, last)
        )
        losses = [fmt.fixed(row["log_loss"], DECIMALS) for row in (first, last)]
        grown = f", {more}; log loss {losses[0]} and {losses[1]}" if last["k"] > first["k"] else ""
        said.append(f"{voters}: {one}{grown}.")
    return tuple(said)


def _sizes(inputs: Inputs) -> tuple[Block, ...]:
    rows, params = inputs.tables[definitions.ENSEMBLE_SIZES], inputs.params
    if rows.empty:
        return ()
    shown = rows[rows["k"].isin(_SHOWN_SIZES) | (rows["k"] == rows["n"])]
    spec = [
        col.words("family", "Members from", family_title, kind="name"),
        col.whole("k", "Replicates"),
        col.whole("n_members", "Members"),
        col.whole("n_subsets", "Subsets"),
        col.percent("accuracy", "Test accuracy, %"),
        col.span(f"{phrases.level(params)} jackknife CI, %"),
        col.plain("log_loss", "Log loss", 4),
        col.plain_span(f"{phrases.level(params)} jackknife CI", 4, "log_loss_ci_low", "log_loss_ci_high"),
        col.N,
    ]
    caption = (
        f"Soft voting, confirm phase, means over subsets of the {n_of(shown)}. Subsets share members, so the "
        "CI is by jackknife: too wide where subsets hold nearly all replicates, none where they hold all."
    )
    titles = {str(family): family_title(str(family)) for family in dict.fromkeys(rows["family"])}
    drawn = col.picture(
        "ensemble-sizes",
        "Accuracy and size of the ensemble",
        f"Soft voting of so many of the {n_of(rows)}, confirm phase: means over subsets, without "
        "an interval. "
        f"The panels stand at different accuracies and span equally many points. {phrases.NOT_ZERO}",
        " ".join(sizes(rows)),
        partial(curves.sizes, rows, {**style.marks(params.backbones), "all": PLAIN}, titles),
        means=rows,
    )
    return (
        *inputs.text.blocks("ensembles/sizes"),
        Bullets(sizes(rows)),
        drawn,
        *col.table("ensemble-sizes-shown", "Size of the ensemble", caption, shown, spec),
    )
