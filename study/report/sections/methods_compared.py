"""Methods compared on anybody's results: their means, the verdicts, several data sets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import pandas as pd

from study.params import Rules
from study.report import format as fmt
from study.report import tables as col
from study.report.document import Block, Bullets, Column, Paragraph, Picture, Section, Table
from study.report.phrases import Row, listing, many, records
from study.report.plots.intervals import Line, Scale, dots, estimates, intervals
from study.report.plots.style import INK, Mark
from study.report.tables import Spec

_SPOKEN = 12
"""Comparisons in words; the table has all."""
_DRAWN = 60
"""Lines of one figure."""
_STAGE = "judge"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What the section is made from.

    Attributes
    ----------
    tables
        Of ``analysis.methods.tables``, and ``measured``.
    metric, is_share
        Its name, and whether it is a fraction that is shown in percent.
    """

    tables: Mapping[str, pd.DataFrame]
    rules: Rules
    metric: str
    lower_is_better: bool
    is_share: bool
    in_percent: bool
    reference: str = ""

    @property
    def ci(self) -> str:
        """``95 % CI``."""
        return f"{fmt.confidence(self.rules.alpha)} CI"

    @property
    def scale(self) -> float:
        """What a value is multiplied with to be shown."""
        return 100.0 if self.is_share else 1.0

    @property
    def title(self) -> str:
        """Of the metric, with its unit."""
        return f"{self.metric}, %" if self.is_share or self.in_percent else self.metric

    def size(self, value: float, decimals: int | None = None) -> str:
        """The size of a difference: ``2.1 points``."""
        places = self.decimals if decimals is None else decimals
        text = fmt.fixed(self.scale * value, places)
        return many(text, "point") if self.is_share or self.in_percent else text

    @cached_property
    def decimals(self) -> int:
        """Two significant digits of a typical SD."""
        sds = self.tables["methods"]["sd"].dropna()
        typical = self.scale * float(sds[sds > 0].median()) if (sds > 0).any() else 0.01
        return int(min(max(1 - math.floor(math.log10(typical)), 0), 6))


def sentences(inputs: Compared) -> tuple[str, ...]:
    """What is known of each comparison, the first ones of each data set."""
    return tuple(
        _sentence(row, inputs, "seed", f" on {row['dataset']}" if row["dataset"] else "")
        for row in records(inputs.tables["compared"])
    )


def over_sets(inputs: Compared) -> tuple[str, ...]:
    """The same over data sets."""
    return tuple(_sentence(row, inputs, "data set", "") for row in records(inputs.tables["across"]))


def counts(inputs: Compared) -> str:
    """How many comparisons have which verdict."""
    verdicts = inputs.tables["compared"]["verdict"].value_counts()
    parts = [
        f"{verdicts[name]} {'is' if verdicts[name] == 1 else 'are'} {name}"
        for name in ("different", "different but trivial", "equivalent", "inconclusive")
        if name in verdicts
    ]
    n = len(inputs.tables["compared"])
    return f"Of {many(n, 'comparison')}, {listing(parts)}."


def how(inputs: Compared) -> str:
    """The rules in words."""
    rules = inputs.rules
    margin = (
        f"Equivalent means within {_margin(inputs)}"
        if rules.margin
        else "No margin was named (--margin), so no two methods can be called equivalent"
    )
    return (
        f"All comparisons are one family: p values are corrected by Holm's method at alpha "
        f"{fmt.compact(rules.alpha)}, for a difference and for equivalence alike. {margin}. A difference "
        "that is not significant is inconclusive, never none."
    )


def _margin(inputs: Compared) -> str:
    text = fmt.compact(inputs.scale * inputs.rules.margin)
    return many(text, "point") if inputs.is_share or inputs.in_percent else text


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
    sets = _sets(inputs)
    parts = (Section("over-sets", "Over data sets", sets, 2),) if sets else ()
    return Section("methods-compared", "Methods compared", (*blocks, *parts))


def _sentence(row: Row, inputs: Compared, thing: str, where: str) -> str:
    one, other, diff = str(row["method"]), str(row["other"]), float(row["diff"])
    low, high, n = float(row["ci_low"]), float(row["ci_high"]), int(row["n"])
    n_other = int(row.get("n_other", n))
    if math.isnan(low) or math.isnan(high):
        return f"{one} and {other} are not judged{where}: {_no_interval(row, thing)}."
    paired = row.get("design", "paired") == "paired"
    number = f"n = {many(n, thing)}" if paired or n == n_other else f"n = {n} and {many(n_other, thing)}"
    how = "paired" if paired else "unpaired"
    verdict = str(row["verdict"])
    if verdict.startswith("different"):
        side = "better" if (diff < 0) == inputs.lower_is_better else "worse"
        low, high = sorted((low, high)) if diff > 0 else sorted((-low, -high))
        shown = f"{_span(low, high, inputs)}, {number}, {how}"
        text = f"{one} is {side} than {other}{where} by {inputs.size(abs(diff))} ({inputs.ci} {shown})"
        if verdict != "different":
            text += "; the difference is real but lies within the margin"
        return f"{text}."
    shown = f"{inputs.ci} {_span(low, high, inputs, signs=True)}, {number}, {how}"
    mean = f"the mean difference is {_signed(diff, inputs)} ({shown})"
    if verdict == "equivalent":
        return f"{one} and {other} are equivalent{where}: {mean}."
    mde = float(row["mde"])
    tail = "" if math.isnan(mde) else f"; the minimum detectable difference is {inputs.size(mde)}"
    return f"Whether {one} or {other} is better{where} is inconclusive: {mean}{tail}."


def _no_interval(row: Row, thing: str) -> str:
    n = min(int(row["n"]), int(row.get("n_other", row["n"])))
    if n < 2:
        return f"n = {many(n, thing)} gives no interval"
    return f"{many(n, thing)} without any variance {'is' if n == 1 else 'are'} too few for a verdict"


def _signed(value: float, inputs: Compared) -> str:
    text = fmt.signed(inputs.scale * value, inputs.decimals)
    return many(text, "point") if inputs.is_share or inputs.in_percent else text


def _span(low: float, high: float, inputs: Compared, *, signs: bool = False) -> str:
    say = fmt.signed if signs else fmt.fixed
    return f"{say(inputs.scale * low, inputs.decimals)} to {say(inputs.scale * high, inputs.decimals)}"


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
