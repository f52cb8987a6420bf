"""Columns of the report's tables, and tables made of them: each column a heading with how a row fills it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Literal

import pandas as pd

from study.params import Params
from study.report import format as fmt
from study.report.document import Cell, Column, CsvFile, Picture, Table
from study.report.phrases import MARK, Row, ci, records
from study.tables.schema import as_text

Spec = tuple[Column, Callable[[Row], Cell]]

VERDICTS = {
    "different": ("●", "different"),
    "different but trivial": ("◆", "trivial"),
    "equivalent": ("□", "equivalent"),
    "inconclusive": ("○", "inconclusive"),
    "supported": ("✔", "supported"),
    "refuted": ("✘", "refuted"),
    "not testable on this data": ("·", "inconclusive"),
    "inside": ("✔", "supported"),
    "outside": ("✘", "refuted"),
    "agree": ("□", "equivalent"),
    "differ": ("●", "different"),
    "cannot be told apart": ("○", "inconclusive"),
}
"""Symbol and tone of each verdict, the same in tables and figures."""


def table(
    slug: str, title: str, caption: str, rows: pd.DataFrame, spec: Iterable[Spec], *, folded: bool = True
) -> tuple[Table, ...]:
    """A table whose columns ``spec`` fills from ``rows``; its CSV has the rows as they are.

    A column that has no value in any row is not shown, and without rows there is no table.
    """
    if rows.empty:
        return ()
    filled = [(column, [make(row) for row in records(rows)]) for column, make in spec]
    shown = [(head, cells) for head, cells in filled if any(cell.text != fmt.MISSING for cell in cells)]
    heads, columns = zip(*shown, strict=True)
    body = tuple(zip(*columns, strict=True))
    return (Table(slug.replace("_", "-"), title, caption, heads, body, csv_text(rows), folded=folded),)


def csv_text(rows: pd.DataFrame) -> str:
    """Rows as CSV with shortest exact decimals; no text in it is a formula to a spreadsheet."""
    plain = rows.map(lambda value: as_text(value) if isinstance(value, str) else value)
    return str(plain.to_csv(index=False, lineterminator="\n"))


def picture(
    slug: str, title: str, caption: str, alt: str, draw: Callable[..., object], **rows: pd.DataFrame
) -> Picture:
    """``rows`` are those drawn: ``means`` in the file of the figure's name, others named after it."""
    slug = slug.replace("_", "-")
    files = tuple(
        CsvFile(f"{slug if of == 'means' else f'{slug}-{of}'}.csv", csv_text(frame))
        for of, frame in rows.items()
    )
    return Picture(slug, title, caption, alt, draw, files)  # type: ignore[arg-type]


def name(text: str, tone: str = "") -> Cell:
    """A cell of words."""
    return Cell(text, text.casefold(), tone)


def number(text: str, value: float) -> Cell:
    """A cell of a formatted number; what is missing sorts last."""
    return Cell(text, "" if math.isnan(value) else repr(float(value)))


def number_or_name(text: str) -> Cell:
    """A level: sorts as a number where it is one."""
    try:
        return number(text, float(text))
    except ValueError:
        return name(text)


def words(
    column: str, title: str, say: Callable[[str], str] = str, *, kind: Literal["name", "text"] = "text"
) -> Spec:
    """Words, after ``say``."""
    return (Column(title, kind), lambda row: name(say(str(row[column])) or fmt.MISSING))


def verdict(say: Callable[[Row], str] = lambda row: str(row["verdict"])) -> Spec:
    """A verdict with its symbol."""

    def cell(row: Row) -> Cell:
        text = say(row)
        symbol, tone = VERDICTS.get(text, ("", ""))
        return Cell(f"{symbol} {text}".strip(), text.casefold(), tone)

    return (Column("Verdict", "text"), cell)


def these_images() -> Spec:
    """The verdict of seeds alone, which holds for these images only, where it is another one."""

    def cell(row: Row) -> Cell:
        alone = str(row["seeds_only_verdict"])
        return name(alone if alone != row["verdict"] else fmt.MISSING)

    return (Column("On these images only", "text"), cell)


def level(factor: str = "") -> Spec:
    """The level of ``factor``, or of the row's own; sorts as a number where it is one."""
    return (
        Column("Level", "text"),
        lambda row: number_or_name(fmt.level_title(factor or str(row["factor"]), str(row["level"]))),
    )


def _value(title: str, column: str, text: Callable[[float], str]) -> Spec:
    return (Column(title), lambda row: number(text(float(row[column])), float(row[column])))


def whole(column: str, title: str) -> Spec:
    """A whole number."""
    return _value(title, column, lambda value: fmt.fixed(value, 0))


def setting(column: str, title: str) -> Spec:
    """A value of the setting, in its shortest form."""
    return _value(title, column, fmt.compact)


def percent(column: str, title: str, decimals: int = 2) -> Spec:
    """A fraction in percent."""
    return _value(title, column, lambda value: fmt.percent(value, decimals))


def points(column: str, title: str) -> Spec:
    """A difference of fractions in points, with its sign."""
    return _value(title, column, fmt.points)


def plain(column: str, title: str, decimals: int) -> Spec:
    """A number as it is."""
    return _value(title, column, lambda value: fmt.fixed(value, decimals))


def signed(column: str, title: str, decimals: int) -> Spec:
    """A difference of numbers as they are, with its sign."""
    return _value(title, column, lambda value: fmt.signed(value, decimals))


def p(column: str, title: str) -> Spec:
    """A p value."""
    return _value(title, column, fmt.p_value)


def wins(title: str = "Better in") -> Spec:
    """In how many of the replicates the first side is better."""
    return (Column(title), lambda row: number(fmt.wins(row["wins"], int(row["n"])), row["wins"]))


def beside_margin() -> Spec:
    """Probabilities that a difference is below, inside and above the margin; missing where one is."""

    def cell(row: Row) -> Cell:
        parts = [float(row[f"{where}_margin"]) for where in ("below", "inside", "above")]
        text = " / ".join(fmt.fixed(100 * part, 1) for part in parts)
        return number(fmt.MISSING if any(map(math.isnan, parts)) else text, parts[1])

    return (Column("P(below, inside, above margin), %"), cell)


def headline_n(params: Params) -> Spec:
    """n, marked where it is below ``headline_seeds``."""
    least = params.analysis.headline_seeds
    return _value("n", "n", lambda n: f"{fmt.count(int(n))}{MARK if int(n) < least else ''}")


def span(
    title: str,
    low: str = "ci_low",
    high: str = "ci_high",
    *,
    say: Callable[[float, float], str] = fmt.percent_interval,
) -> Spec:
    """An interval; ``say`` writes its ends, by default fractions in percent."""
    return (Column(title), lambda row: number(say(row[low], row[high]), row[low]))


def points_span(title: str, low: str = "ci_low", high: str = "ci_high") -> Spec:
    """An interval of a difference of fractions, in points with signs."""
    return span(title, low, high, say=fmt.points_interval)


def plain_span(title: str, decimals: int, low: str = "ci_low", high: str = "ci_high") -> Spec:
    """An interval of numbers as they are."""
    return span(title, low, high, say=lambda one, other: fmt.plain_interval(one, other, decimals))


def signed_span(title: str, decimals: int, low: str, high: str) -> Spec:
    """An interval of a difference of numbers as they are, with signs."""
    return span(title, low, high, say=lambda one, other: fmt.signed_interval(one, other, decimals))


def accuracy(params: Params, *, images: bool = False) -> list[Spec]:
    """A mean test accuracy with its SD over replicates and its interval.

    With ``images`` also the interval that covers other test images.
    """
    seeds = [percent("mean", "Test accuracy, %"), percent("sd", "SD, points"), span(f"{ci(params)}, %")]
    both = span(f"{ci(params)} (seeds and images), %", "image_ci_low", "image_ci_high")
    return [*seeds, *([both] if images else [])]


def paired(params: Params, n: Spec) -> list[Spec]:
    """A verdict on a difference of accuracies, and what it rests on."""
    return [
        verdict(),
        these_images(),
        points("diff", "Difference, points"),
        points_span(f"{ci(params)}, points"),
        points_span(f"{ci(params)} (seeds and images), points", "image_ci_low", "image_ci_high"),
        wins(),
        p("p_holm", "p (Holm)"),
        p("p_tost_holm", "p (TOST, Holm)"),
        p("p_max_t", "p (max-T)"),
        beside_margin(),
        n,
    ]


def score(params: Params) -> list[Spec]:
    """A mean score in its own unit, with its SD and its interval."""
    return [plain("mean", "Mean", 4), plain("sd", "SD", 4), plain_span(ci(params), 4)]


SIMULTANEOUS = ("simultaneous_low", "simultaneous_high")
"""Ends of the bar beside a verdict."""
MODEL: Spec = words("model", "Model", kind="name")
METHOD: Spec = words("method", "Method", fmt.method_title, kind="name")
N: Spec = whole("n", "n")
DIVERGED: Spec = (
    Column("Diverged"),
    lambda row: number(fmt.count(int(row["n_diverged"])) if row["n_diverged"] else fmt.MISSING,
                       row["n_diverged"])
)  # fmt: skip
SETTING: Spec = words("setting", "Setting", fmt.setting_words)
METRIC: Spec = words("metric", "Metric", fmt.metric_title)
