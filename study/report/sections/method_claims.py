"""Claims on methods: each with its verdict, then every number behind them."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from study.report import format as fmt
from study.report import tables as col
from study.report.claimed import Claimed
from study.report.document import Column, Paragraph, Section, Table
from study.report.phrases import Row
from study.report.tables import Spec


def section(claimed: Claimed, asked: pd.DataFrame, *, alpha: float) -> Section:
    """All of it."""
    level = fmt.confidence(alpha)
    how = (
        f"A claim is supported where the {level} CI of each number that it speaks of lies where the claim "
        "puts it, refuted where that of one, corrected for their number, lies elsewhere, and inconclusive "
        "otherwise; never for want of significance. A gain is above 0 where the first is better. Each claim "
        "is judged by itself."
    )
    return Section(
        "claims",
        "Claims",
        (Paragraph(claimed.counted), Paragraph(how), *_claims(claimed), *_asked(claimed, asked)),
    )


def _claims(claimed: Claimed) -> tuple[Table, ...]:
    spec = [
        col.words("id", "Claim", kind="name"),
        col.verdict(),
        col.words("statement", "It says"),
        col.words("evidence", "Evidence"),
        col.words("hypothesis", "Tested as"),
        col.words("section", "Where"),
    ]
    caption = "Each claim as a hypothesis on these results; n stands with the evidence."
    found = col.table("claims", "Claims", caption, claimed.table, spec, folded=False)
    return tuple(replace(one, stage="judge") for one in found)


def _asked(claimed: Claimed, rows: pd.DataFrame) -> tuple[Table, ...]:
    spec = [
        col.words("claim", "Claim", kind="name"),
        col.words("what", "Number"),
        col.words("answer", "Answer"),
        _number("estimate", "Estimate", claimed),
        _number("ci_low", "CI, low", claimed),
        _number("ci_high", "CI, high", claimed),
        _number("claimed_low", "Claimed above", claimed),
        _number("claimed_high", "Claimed below", claimed),
        col.words("design", "Design"),
        col.N,
    ]
    caption = (
        "Each number that a claim speaks of, with its CI. Where it is contradicted the CI is "
        "corrected for the number of questions of its claim."
    )
    found = col.table("asked", "Numbers behind the claims", caption, rows, spec)
    return tuple(replace(one, stage="judge") for one in found)


def _number(column: str, title: str, claimed: Claimed) -> Spec:
    def text(row: Row) -> str:
        value = float(row[column])
        if not math.isfinite(value):
            return fmt.MISSING
        if row["unit"] == "settings":
            return fmt.compact(value)
        metric = claimed.metrics[str(row["metric"])]
        return metric.value(value) if row["unit"] == "value" else metric.signed(value)

    return (Column(title), lambda row: col.number(text(row), float(row[column])))
