"""Values as text."""

from __future__ import annotations

import math

import pytest

from study.report import format as fmt
from study.report import phrases

NAN = math.nan


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (fmt.percent(0.94235), "94.23"),
        (fmt.percent(0.94235, 1), "94.2"),
        (fmt.percent(NAN), "–"),
        (fmt.percent(-0.00001), "0.00"),
        (fmt.points(0.0942), "+9.42"),
        (fmt.points(-0.0942, 1), "−9.4"),
        (fmt.points(-0.00001), "0.00"),
        (fmt.points(0.00001), "0.00"),
        (fmt.points(0.0), "0.00"),
        (fmt.points(NAN), "–"),
        (fmt.percent_interval(0.91, 0.97), "[91.00, 97.00]"),
        (fmt.percent_interval(NAN, 0.97), "–"),
        (fmt.points_interval(-0.001, 0.002), "[−0.10, +0.20]"),
        (fmt.points_interval(0.1, NAN), "–"),
        (fmt.p_value(0.0123), "0.012"),
        (fmt.p_value(0.00099), "<0.001"),
        (fmt.p_value(0.0051), "0.005"),
        (fmt.p_value(1.0), "1.000"),
        (fmt.p_value(NAN), "–"),
        (fmt.count(90000), "90,000"),
        (fmt.fixed(math.inf, 2), "∞"),
        (fmt.fixed(-math.inf, 2), "−∞"),
        (fmt.fixed(-1234.5, 1), "−1,234.5"),
        (fmt.wins(1.0, 10), "10/10"),
        (fmt.wins(0.95, 10), "9.5/10"),
        (fmt.wins(NAN, 10), "–"),
        (phrases.won(0.7, 10), "7 of 10 seeds"),
        (phrases.won(0.95, 10), "9.5 of 10 seeds, a tie counting half"),
        (phrases.won(1.0, 1), "1 of 1 seed"),
        (fmt.compact(0.00003), "0.00003"),
        (fmt.compact(128.0), "128"),
        (fmt.compact(0.0), "0"),
        (fmt.confidence(0.05), "95\u00a0%"),
        (fmt.confidence(0.1), "90\u00a0%"),
    ],
)
def test_text_of_a_number(shown: str, expected: str) -> None:
    assert shown == expected


def test_narrow_intervals_get_a_second_decimal() -> None:
    assert phrases.decimal_places(0.091, 0.097) == 1
    assert phrases.decimal_places(0.0911, 0.0919) == 2
