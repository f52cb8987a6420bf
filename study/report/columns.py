"""Columns of the report's tables: each a heading with how a row fills it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from study.report import numbers
from study.report.conventions import MARK
from study.report.exhibits import Cell, Column, name, number
from study.report.labels import METRIC_TITLES, level_title, setting_words
from study.report.rows import Row

Spec = tuple[Column, Callable[[Row], Cell]]


def headline_n(least: int) -> Spec:
    """n, marked where it is below ``least``."""
    return (
        Column("n"),
        lambda row: number(
            f"{numbers.count(int(row['n']))}{MARK if int(row['n']) < least else ''}", row["n"]
        ),
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


def words(
    column: str, title: str, say: Callable[[str], str] = str, *, kind: Literal["name", "text"] = "text"
) -> Spec:
    """Words, after ``say``."""
    return (Column(title, kind), lambda row: name(say(str(row[column]))))


def whole(column: str, title: str) -> Spec:
    """A whole number."""
    return (Column(title), lambda row: number(numbers.fixed(row[column], 0), row[column]))


def setting(column: str, title: str) -> Spec:
    """A value of the setting, in its shortest form."""
    return (Column(title), lambda row: number(numbers.compact(float(row[column])), row[column]))


def percent(column: str, title: str, decimals: int = 2) -> Spec:
    """A fraction in percent."""
    return (Column(title), lambda row: number(numbers.percent(row[column], decimals), row[column]))


def points(column: str, title: str) -> Spec:
    """A difference of fractions in points, with its sign."""
    return (Column(title), lambda row: number(numbers.points(row[column]), row[column]))


def plain(column: str, title: str, decimals: int) -> Spec:
    """A number as it is."""
    return (Column(title), lambda row: number(numbers.fixed(row[column], decimals), row[column]))


def signed(column: str, title: str, decimals: int) -> Spec:
    """A difference of numbers as they are, with its sign."""
    return (Column(title), lambda row: number(numbers.signed(row[column], decimals), row[column]))


def p(column: str, title: str) -> Spec:
    """A p value."""
    return (Column(title), lambda row: number(numbers.p_value(row[column]), row[column]))


def wins(title: str) -> Spec:
    """In how many of the replicates the first side is ahead."""
    return (Column(title), lambda row: number(numbers.wins(row["wins"], int(row["n"])), row["wins"]))


def span(title: str, low: str = "ci_low", high: str = "ci_high") -> Spec:
    """An interval of a fraction, in percent."""
    return (Column(title), lambda row: number(numbers.percent_interval(row[low], row[high]), row[low]))


def points_span(title: str, low: str = "ci_low", high: str = "ci_high") -> Spec:
    """An interval of a difference of fractions, in points with signs."""
    return (Column(title), lambda row: number(numbers.points_interval(row[low], row[high]), row[low]))


def plain_span(title: str, decimals: int, low: str = "ci_low", high: str = "ci_high") -> Spec:
    """An interval of numbers as they are."""
    return (
        Column(title),
        lambda row: number(numbers.plain_interval(row[low], row[high], decimals), row[low]),
    )


def signed_span(title: str, decimals: int, low: str, high: str) -> Spec:
    """An interval of a difference of numbers as they are, with signs."""
    return (
        Column(title),
        lambda row: number(numbers.signed_interval(row[low], row[high], decimals), row[low]),
    )


def accuracy(level: str, *, of: str = "Test accuracy", images: bool = False) -> list[Spec]:
    """A mean accuracy with its SD over replicates and its interval at ``level``.

    With ``images`` also the interval that covers other test images.
    """
    seeds = [percent("mean", f"{of}, %"), percent("sd", "SD, points"), span(f"{level} interval, %")]
    return [*seeds, *([IMAGES] if images else [])]


MODEL: Spec = words("model", "Model", kind="name")
VERDICT: Spec = words("verdict", "Verdict")
N: Spec = whole("n", "n")
DIVERGED: Spec = whole("n_diverged", "Diverged")
IMAGES: Spec = span("With images, %", "image_ci_low", "image_ci_high")
TEST_IMAGES: Spec = whole("n_images", "Test images")
SETTING: Spec = words("setting", "Setting", setting_words)
METRIC: Spec = words("metric", "Metric", lambda metric: METRIC_TITLES.get(metric, metric))
