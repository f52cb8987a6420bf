"""Numbers as text."""

from __future__ import annotations

import math

import pytest

from study.report import numbers

NAN = math.nan


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (numbers.percent(0.94235), "94.23"),
        (numbers.percent(0.94235, 1), "94.2"),
        (numbers.percent(NAN), "–"),
        (numbers.percent(-0.00001), "0.00"),
        (numbers.points(0.0942), "+9.42"),
        (numbers.points(-0.0942, 1), "−9.4"),
        (numbers.points(-0.00001), "0.00"),
        (numbers.points(0.00001), "0.00"),
        (numbers.points(0.0), "0.00"),
        (numbers.points(NAN), "–"),
        (numbers.percent_interval(0.91, 0.97), "[91.00, 97.00]"),
        (numbers.percent_interval(NAN, 0.97), "–"),
        (numbers.points_interval(-0.001, 0.002), "[−0.10, +0.20]"),
        (numbers.points_interval(0.1, NAN), "–"),
        (numbers.p_value(0.0123), "0.012"),
        (numbers.p_value(0.00099), "<0.001"),
        (numbers.p_value(0.0051), "0.005"),
        (numbers.p_value(1.0), "1.000"),
        (numbers.p_value(NAN), "–"),
        (numbers.count(90000), "90,000"),
        (numbers.fixed(math.inf, 2), "∞"),
        (numbers.fixed(-math.inf, 2), "−∞"),
        (numbers.fixed(-1234.5, 1), "−1,234.5"),
        (numbers.wins(1.0, 10), "10/10"),
        (numbers.wins(0.95, 10), "9.5/10"),
        (numbers.wins(NAN, 10), "–"),
        (numbers.spoken_wins(0.7, 10), "7 of 10 replicates"),
        (numbers.spoken_wins(0.95, 10), "9.5 of 10 replicates, a tie counting half"),
        (numbers.spoken_wins(1.0, 1), "1 of 1 replicate"),
        (numbers.compact(0.00003), "0.00003"),
        (numbers.compact(128.0), "128"),
        (numbers.compact(0.0), "0"),
        (numbers.confidence(0.05), "95\u00a0%"),
        (numbers.confidence(0.1), "90\u00a0%"),
    ],
)
def test_text_of_a_number(shown: str, expected: str) -> None:
    assert shown == expected


def test_narrow_intervals_get_a_second_decimal() -> None:
    assert numbers.decimals_for(0.091, 0.097) == 1
    assert numbers.decimals_for(0.0911, 0.0919) == 2
