"""Methods compared on anybody's results: their means, the verdicts, several data sets."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

from study.report import format as fmt
from study.report import tables as col
from study.report.compared import Compared, counts, how, next_runs, over_sets, sentences
from study.report.document import Block, Bullets, Column, Paragraph, Picture, Section, Table
from study.report.phrases import Row
from study.report.plots.intervals import Line, Scale, dots, estimates, intervals
from study.report.plots.style import INK, Mark
from study.report.tables import Spec

_SPOKEN = 12
"""Comparisons in words; the table has all."""
_DRAWN = 60
"""Lines of one figure."""
_STAGE = "judge"


def section(inputs: Compared) -> Section:
    """All of it."""
    pairs = inputs.tables["compared"]
    spoken = sentences(inputs)
    blocks: list[Block] = [Paragraph(counts(inputs)), Paragraph(how(inputs))]
    if spoken:
        blocks.append(Bullets(spoken[:_SPOKEN]))
    blocks += [*_means_picture(inputs), *_means(inputs)]
    if len(pairs):
        blocks += [*_pairs_picture(inputs), *_pairs(inputs)]
    grid = _grid(inputs)
    sets = _sets(inputs)
    parts = [Section("effects", "Effects of the factors", grid, 2)] if grid else []
    parts += [Section("over-sets", "Over data sets", sets, 2)] if sets else []
    parts += _next(inputs)
    return Section("methods-compared", "Methods compared", (*blocks, *parts))


def _next(inputs: Compared) -> tuple[Section, ...]:
    said = next_runs(inputs)
    if not said:
        return ()
    power = fmt.compact(100 * inputs.rules.power)
    how = (
        f"Seeds with which a difference as large as the margin is found with {power}{fmt.PERCENT} power "
        "after the correction, by the SD seen so far. Decide on them once: a test that is repeated after "
        "every seed finds differences that are not there."
    )
    left = f"{fmt.count(len(said) - _SPOKEN)} more: column Seeds needed of the table above."
    told = (*said[:_SPOKEN], left) if len(said) > _SPOKEN else said
    return (Section("next-runs", "What to run next", (Paragraph(how), Bullets(told)), 2),)


def _value(inputs: Compared, column: str, title: str) -> Spec:
    return (
        col.percent(column, title, inputs.decimals)
        if inputs.is_share
        else col.plain(column, title, inputs.decimals)
    )


def _difference(inputs: Compared, column: str, title: str) -> Spec:
    say = partial(_scaled, inputs=inputs)
    return (Column(title), lambda row: col.number(say(float(row[column])), float(row[column])))


def _scaled(value: float, *, inputs: Compared) -> str:
    return fmt.signed(inputs.scale * value, inputs.decimals)


def _ends(inputs: Compared, title: str, low: str = "ci_low", high: str = "ci_high", *, signs: bool) -> Spec:
    say = fmt.signed_interval if signs else fmt.plain_interval
    return col.span(
        title,
        low,
        high,
        say=lambda one, other: say(inputs.scale * one, inputs.scale * other, inputs.decimals),
    )


def _table(*arguments: object, folded: bool = True) -> tuple[Table, ...]:
    return tuple(
        replace(one, stage=_STAGE)
        for one in col.table(*arguments, folded=folded)  # type: ignore[arg-type]
    )


def _named(inputs: Compared) -> list[Spec]:
    several = len(inputs.tables["methods"]["dataset"].unique()) > 1
    return [col.words("dataset", "Data set")] if several else []


def _means(inputs: Compared) -> tuple[Table, ...]:
    rows = inputs.tables["methods"]
    spec = [
        col.words("method", "Method", kind="name"),
        *_named(inputs),
        _value(inputs, "mean", inputs.title),
        _value(inputs, "sd", "SD"),
        _ends(inputs, inputs.ci, signs=False),
        col.N,
        _count("n_diverged", "Diverged"),
        _count("n_missing", "Missing"),
        (
            Column("Best in"),
            lambda row: col.number(_times(row), float(row["times_top"])),
        ),
        (
            Column("Places left open"),
            lambda row: col.number(_places(row), float(row["rank_low"])),
        ),
    ]
    caption = (
        f"Mean {inputs.metric} over seeds with its SD and {inputs.ci}. Best in: of the seeds that every "
        "method has; a tie counts for all. Places left open: those that the corrected "
        "verdicts do not rule out."
    )
    return _table("methods", "Means of the methods", caption, rows, spec, folded=False)


def _count(column: str, title: str) -> Spec:
    return (
        Column(title),
        lambda row: col.number(
            fmt.count(int(row[column])) if row[column] else fmt.MISSING, float(row[column])
        ),
    )


def _times(row: Row) -> str:
    if math.isnan(row["times_top"]):
        return fmt.MISSING
    return f"{fmt.halves(row['times_top'])}/{int(row['n_shared'])}"


def _places(row: Row) -> str:
    if math.isnan(row["rank_low"]):
        return fmt.MISSING
    low, high = int(row["rank_low"]), int(row["rank_high"])
    return str(low) if low == high else f"{low}–{high}"


def _pairs(inputs: Compared) -> tuple[Table, ...]:
    spec = [
        col.words("method", "Method", kind="name"),
        col.words("other", "Against"),
        *_named(inputs),
        col.verdict(),
        _difference(inputs, "diff", "Difference"),
        _ends(inputs, inputs.ci, signs=True),
        _ends(inputs, "Simultaneous CI", "simultaneous_low", "simultaneous_high", signs=True),
        col.wins(),
        col.words("design", "Design"),
        _size(),
        col.p("p_holm", "p (Holm)"),
        col.p("p_tost_holm", "p (TOST, Holm)"),
        _value(inputs, "mde", "Minimum detectable difference"),
        col.whole("n_needed", "Seeds needed"),
        _numbers(),
    ]
    caption = (
        f"{inputs.metric} of the method minus that of the other. Paired: by the t test over the seeds of "
        "both, effect size d_z; unpaired: by Welch's test, effect size Hedges' g. Simultaneous CI: all of "
        f"them hold at once with {fmt.confidence(inputs.rules.alpha)} confidence. "
        f"Minimum detectable difference: found with {fmt.compact(100 * inputs.rules.power)}{fmt.PERCENT} "
        "power after the correction. Seeds needed: of each method, to find a "
        "difference as large as the margin."
    )
    return _table("compared", "Methods against each other", caption, inputs.tables["compared"], spec)


def _size() -> Spec:
    return (
        Column("Effect size"),
        lambda row: col.number(fmt.signed(float(row["effect"]), 2), float(row["effect"])),
    )


def _numbers() -> Spec:
    def text(row: Row) -> str:
        n, other = int(row["n"]), int(row["n_other"])
        return str(n) if n == other else f"{n}, {other}"

    return (Column("n"), lambda row: col.number(text(row), float(row["n"])))


def _means_picture(inputs: Compared) -> tuple[Picture, ...]:
    rows = inputs.tables["methods"]
    if rows["method"].nunique() > _DRAWN:
        return ()
    names = list(dict.fromkeys(rows["method"]))
    sets = list(dict.fromkeys(rows["dataset"]))
    runs = inputs.tables["measured"]
    runs = runs[runs["value"].notna()]
    panel = "dataset" if len(sets) > 1 else ""
    mark = dict.fromkeys(names, Mark(INK, "D"))
    draw = partial(
        intervals,
        estimates(rows, "method", mark="method", panel=panel, scale=inputs.scale),
        [Line(name, name) for name in names],
        mark,
        Scale(inputs.title, shared=False),
        panels={name: name for name in sets} if panel else None,
        points=dots(runs, "method", "value", mark="method", panel=panel, scale=inputs.scale),
    )
    caption = f"Small points: single runs; marks: mean and {inputs.ci}. The axis does not begin at zero."
    made = col.picture(
        "methods-means", f"Mean {inputs.metric} of the methods", caption, counts(inputs), draw, means=rows
    )
    return (replace(made, stage=_STAGE),)


def _pairs_picture(inputs: Compared) -> tuple[Picture, ...]:
    rows = inputs.tables["compared"]
    if len(rows) > _DRAWN:
        return ()
    keyed = rows.assign(pair=rows["method"] + " − " + rows["other"])
    lines = [Line(name, name) for name in dict.fromkeys(keyed["pair"])]
    sets = list(dict.fromkeys(keyed["dataset"]))
    panel = "dataset" if len(sets) > 1 else ""
    half = inputs.scale * inputs.rules.margin
    band = (-half, half) if half else None
    draw = partial(
        intervals,
        estimates(keyed, "pair", value="diff", ends=("simultaneous_low", "simultaneous_high"), mark="pair",
                  panel=panel, scale=inputs.scale),
        lines,
        {line.key: Mark(INK, "o") for line in lines},
        Scale(f"Difference of {inputs.metric}", centre=0.0, band=band, shared=False),
        panels={name: name for name in sets} if panel else None,
    )  # fmt: skip
    caption = (
        "Mean differences with simultaneous intervals; the marks are the corrected verdicts. "
        "Holm's method may see a difference whose interval, which is Bonferroni's, still holds zero."
    )
    made = col.picture(
        "methods-differences", "Differences of the methods", caption, counts(inputs), draw, means=rows
    )
    return (replace(made, stage=_STAGE),)


def _grid(inputs: Compared) -> tuple[Block, ...]:
    rows = inputs.tables["effects"]
    if rows.empty:
        return ()
    how = (
        "The methods are a full grid of factors. A main effect is the mean at one level minus that at "
        "another, over all levels of the other factors; an interaction is how it differs between two levels "
        "of another factor. All main effects are one family, all interactions another."
    )
    spec = [
        (Column("Effect", "name"), lambda row: col.name(_effect(row))),
        *_named(inputs),
        col.words("kind", "Kind"),
        col.verdict(),
        _difference(inputs, "diff", "Difference"),
        _ends(inputs, inputs.ci, signs=True),
        _ends(inputs, "Simultaneous CI", "simultaneous_low", "simultaneous_high", signs=True),
        col.p("p_holm", "p (Holm)"),
        col.p("p_tost_holm", "p (TOST, Holm)"),
        _value(inputs, "mde", "Minimum detectable difference"),
        col.words("design", "Design"),
        col.N,
    ]
    caption = f"{inputs.metric}; paired where all cells have the same seeds, which n counts."
    return (Paragraph(how), *_table("effects", "Effects of the factors", caption, rows, spec, folded=False))


def _effect(row: Row) -> str:
    """``lr 0.1 − 0.01``, or ``lr 0.1 − 0.01, at batch_size 64 − at 32``."""
    text = f"{row['factor']} {row['level']} − {row['other_level']}"
    return f"{text}, at {row['by']} {row['by_level']} − at {row['by_other_level']}" if row["by"] else text


def _sets(inputs: Compared) -> tuple[Block, ...]:
    across, ranked = inputs.tables["across"], inputs.tables["ranked"]
    blocks: list[Block] = []
    if len(across):
        blocks.append(
            Paragraph(
                "Each data set counts once, with its mean difference over seeds. The interval holds the "
                "variance of seeds and of data sets: it speaks of new data sets of this kind."
            )
        )
        blocks.append(Bullets(over_sets(inputs)[:_SPOKEN]))
        spec = [
            col.words("method", "Method", kind="name"),
            col.words("other", "Against"),
            col.verdict(),
            _difference(inputs, "diff", "Difference"),
            _ends(inputs, inputs.ci, signs=True),
            _ends(inputs, "Simultaneous CI", "simultaneous_low", "simultaneous_high", signs=True),
            col.wins(),
            col.p("p_holm", "p (Holm)"),
            col.p("p_tost_holm", "p (TOST, Holm)"),
            col.N,
        ]
        caption = "Average difference over data sets; n and Better in count data sets. One family of its own."
        blocks += _table("across", "Average difference over data sets", caption, across, spec)
    if len(ranked):
        spec = [
            col.words("method", "Method", kind="name"),
            col.plain("mean_rank", "Mean rank", 2),
            col.plain_span(inputs.ci, 2),
            col.N,
        ]
        caption = "Rank of the mean in each data set, 1 the best, ties sharing their ranks; n data sets."
        blocks += _table("ranked", "Ranks over data sets", caption, ranked, spec)
    return tuple(blocks)
