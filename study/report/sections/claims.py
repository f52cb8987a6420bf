"""Claims of the original report: how each is judged here, its published accuracies, its contradictions."""

from __future__ import annotations

from functools import partial

import pandas as pd

from study.report import format as fmt
from study.report import phrases
from study.report import tables as col
from study.report.document import Block, Paragraph, Picture, Section
from study.report.inputs import Inputs
from study.report.phrases import listing, many, records
from study.report.plots.intervals import Estimate, Line, Scale, estimates, intervals
from study.report.plots.style import SERIES, Mark
from study.tables import definitions

_UNTESTED = "not testable on this data"
_ORDER = ("supported", "refuted", "inconclusive", _UNTESTED)
_ORIGINAL_TABLES = {"P1": "5.1", "P2": "5.1", "P3": "5.1", "P4": "4.1", "P5": "4.1", "P6": "4.1"}


def section(inputs: Inputs) -> Section:
    """Every claim with its verdict, then the published accuracies where these data can test them."""
    rows = inputs.tables[definitions.CLAIMS]
    tested = rows[rows["verdict"] != _UNTESTED]
    blocks: list[Block] = [*_claims(tested), *_untested(rows), *_published(inputs)]
    contradictions = inputs.text.blocks("claims/contradictions")
    blocks.append(Section("contradictions", "Contradictions of the original report", contradictions, 2))
    return Section("claims", "Claims", tuple(blocks))


def counted(inputs: Inputs) -> str:
    """How many claims of the original report came to which verdict."""
    rows = inputs.tables[definitions.CLAIMS]
    if rows.empty:
        return "No claim of the original report was judged."
    tally = rows["verdict"].value_counts()
    order = [*_ORDER, *sorted(set(tally.index) - set(_ORDER))]
    parts = [f"{tally[verdict]} {verdict}" for verdict in order if verdict in tally]
    text = f"Of {many(len(rows), 'claim')} of the original report: {listing(parts)}."
    other = int((rows["verdict"] != rows["seeds_only_verdict"]).sum())
    if not other:
        return text
    have = "has" if other == 1 else "have"
    return f"{text} {other} {have} another verdict on these images only."


def _claims(rows: pd.DataFrame) -> tuple[Block, ...]:
    spec = [
        col.words("id", "Claim", kind="name"),
        col.verdict(),
        col.these_images(),
        col.words("statement", "The original report says"),
        col.words("evidence", "Evidence"),
        col.words("hypothesis", "Tested as"),
        col.words("section", "Where"),
    ]
    caption = (
        "Each claim as a hypothesis on these data; n stands with the evidence. Verdicts are for new seeds "
        "and images unless the evidence says seeds alone. On these images only: the verdict over seeds "
        "alone, where it is another."
    )
    return col.table("claims", "Claims of the original report", caption, rows, spec, folded=False)


def _untested(rows: pd.DataFrame) -> tuple[Block, ...]:
    rest = records(rows[rows["verdict"] == _UNTESTED])
    if not rest:
        return ()
    reasons = dict.fromkeys(row["evidence"].rstrip(".") for row in rest)
    said = (
        f"{listing([row['id'] for row in rest if row['evidence'].rstrip('.') == reason])}: {reason}"
        for reason in reasons
    )
    return (Paragraph(f"Not testable on this data: {'; '.join(said)}."),)


def _published(inputs: Inputs) -> tuple[Block, ...]:
    rows = inputs.tables[definitions.PUBLISHED]
    tested = rows[rows["verdict"] != _UNTESTED]
    if tested.empty:
        return ()
    titles = {
        row["id"]: f"{row['id']}, {fmt.method_title(row['what'])}, "
        f"Table {_ORIGINAL_TABLES.get(row['id'], fmt.MISSING)}"
        for row in records(rows)
    }
    spec = [
        col.words("id", "Number", titles.__getitem__, kind="name"),
        col.percent("published", "Published, %"),
        col.verdict(),
        col.percent("mean", "Mean here, %"),
        col.span("Prediction interval, %", "low", "high"),
        col.N,
    ]
    caption = f"{phrases.n_of(tested)}. Prediction interval: where one more run with new seeds would fall."
    known = rows[rows["low"].notna()]
    drawn = (_published_picture(known, titles, inputs),) if len(known) else ()
    return (
        Paragraph(published(rows)),
        *drawn,
        *col.table("published", "Published accuracies", caption, rows, spec),
    )


def published(rows: pd.DataFrame) -> str:
    """How many of the original report's accuracies lie where one more run would fall."""
    if rows.empty:
        return "No published accuracy was compared."
    tally = rows["verdict"].value_counts()
    parts = [
        f"{tally[verdict]} {'lies' if tally[verdict] == 1 else 'lie'} {words}"
        for verdict, words in (
            ("inside", "inside the interval in which one more run would fall"),
            ("outside", "outside of it"),
        )
        if verdict in tally
    ]
    alone = int(tally.get("inconclusive", 0))
    if alone:
        has, them = ("has", "it") if alone == 1 else ("have", "them")
        parts.append(f"{alone} {has} no such interval beside {them}")
    if _UNTESTED in tally:
        parts.append(f"{tally[_UNTESTED]} cannot be tested on this data")
    return f"Of {many(len(rows), 'published accuracy', 'published accuracies')}, {listing(parts)}."


def _published_picture(rows: pd.DataFrame, titles: dict[str, str], inputs: Inputs) -> Picture:
    marks = {"here": Mark(SERIES[0], "|"), "published": Mark(SERIES[1], "D")}
    bare = rows.drop(columns="verdict")
    shown = [
        *estimates(bare.assign(mark="here"), "id", ends=("low", "high"), mark="mark"),
        *(
            Estimate(row["id"], 100 * row["published"], float("nan"), float("nan"), "published",
                     hollow=row["verdict"] == "outside")
            for row in records(rows)
        )
    ]  # fmt: skip
    lines = [Line(one, titles[one]) for one in rows["id"]]
    draw = partial(intervals, shown, lines, marks, Scale("Test accuracy, %"))
    caption = (
        f"Bars: {phrases.level(inputs.params)} prediction interval of one more run, {phrases.n_of(rows)}; "
        f"diamonds: the published numbers, each from one run, hollow outside the bar. {phrases.NOT_ZERO}"
    )
    return col.picture("published", "Published accuracies", caption, published(rows), draw, means=rows)
