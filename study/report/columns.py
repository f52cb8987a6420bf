"""Columns of the report's tables: each a heading with how a row fills it."""

from __future__ import annotations

from collections.abc import Callable

from study.report import numbers
from study.report.conventions import MARK
from study.report.exhibits import Cell, Column, name, number
from study.report.labels import level_title
from study.report.rows import Row

Spec = tuple[Column, Callable[[Row], Cell]]

MODEL: Spec = (Column("Model", "name"), lambda row: name(str(row["model"])))
VERDICT: Spec = (Column("Verdict", "text"), lambda row: name(str(row["verdict"])))
N: Spec = (Column("n"), lambda row: number(numbers.count(int(row["n"])), row["n"]))


def headline_n(least: int) -> Spec:
    """n, marked where it is below ``least``."""
    return (
        Column("n"),
        lambda row: number(
            f"{numbers.count(int(row['n']))}{MARK if int(row['n']) < least else ''}", row["n"]
        ),
    )


DIVERGED: Spec = (
    Column("Diverged"),
    lambda row: number(numbers.count(int(row["n_diverged"])), row["n_diverged"]),
)


def level(factor: str) -> Spec:
    """The level of a factor, by which the table sorts as numbers where they are numbers."""
    return (Column("Level", "text"), lambda row: number_or_name(level_title(factor, str(row["level"]))))


def number_or_name(text: str) -> Cell:
    """A level: sorts as a number where it is one."""
    try:
        return number(text, float(text))
    except ValueError:
        return name(text)


def setting(column: str, title: str) -> Spec:
    """A value of the setting, in its shortest form."""
    return (Column(title), lambda row: number(numbers.compact(float(row[column])), row[column]))


def percent(column: str, title: str) -> Spec:
    """A fraction in percent."""
    return (Column(title), lambda row: number(numbers.percent(row[column]), row[column]))


def points(column: str, title: str) -> Spec:
    """A difference of fractions in points, with its sign."""
    return (Column(title), lambda row: number(numbers.points(row[column]), row[column]))


def plain(column: str, title: str, decimals: int) -> Spec:
    """A number as it is."""
    return (Column(title), lambda row: number(numbers.fixed(row[column], decimals), row[column]))


def p(column: str, title: str) -> Spec:
    """A p value."""
    return (Column(title), lambda row: number(numbers.p_value(row[column]), row[column]))


def wins(title: str) -> Spec:
    """In how many of the replicates the first side is ahead."""
    return (Column(title), lambda row: number(numbers.wins(row["wins"], int(row["n"])), row["wins"]))


def interval(title: str) -> Spec:
    """The interval over seeds of a mean, in percent."""
    return (
        Column(title),
        lambda row: number(numbers.percent_interval(row["ci_low"], row["ci_high"]), row["ci_low"]),
    )


def image_interval() -> Spec:
    """The interval over seeds and images of a mean, in percent."""
    return (
        Column("With images, %"),
        lambda row: number(
            numbers.percent_interval(row["image_ci_low"], row["image_ci_high"]), row["image_ci_low"]
        ),
    )


def points_interval(low: str, high: str, title: str) -> Spec:
    """An interval of a difference in points."""
    return (
        Column(title),
        lambda row: number(numbers.points_interval(row[low], row[high]), row[low]),
    )


def span(low: str, high: str, title: str) -> Spec:
    """Any two ends in percent."""
    return (
        Column(title),
        lambda row: number(numbers.percent_interval(row[low], row[high]), row[low]),
    )


def plain_interval(low: float, high: float, decimals: int = 4) -> str:
    """An interval as it is, for a cell; a dash when it is not defined."""
    if low != low or high != high:
        return numbers.MISSING
    return f"[{numbers.fixed(low, decimals)}, {numbers.fixed(high, decimals)}]"
