"""How a row judges and prints itself."""

import pytest

from benchmarks.row import Row, number


@pytest.mark.parametrize(
    ("value", "goal", "at_most", "met"),
    [
        (3.0, 3.0, False, True),
        (2.9, 3.0, False, False),
        (0.004, 0.005, True, True),
        (0.006, 0.005, True, False),
        (None, 3.0, False, None),
        (3.0, None, False, None),
    ],
)
def test_a_goal_is_met_or_not_or_there_is_nothing_to_meet(value, goal, at_most, met):
    row = Row("a", value, goal, at_most=at_most)
    assert row.met is met
    assert row.cells()[3] == {None: "", True: "met", False: "not met"}[met]


def test_what_was_not_measured_says_so():
    assert Row("a", None, 10.0, at_most=True).cells() == ("a", "not measured", "<= 10.0", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"), (1.6e-06, "1.6e-06"), (0.0001, "0.0001"), (0.0052, "0.0052"), (0.926, "0.926"),
        (2.268, "2.27"), (73.63, "73.6"), (205.2, "205"), (1234.5, "1,234"),
    ],
)  # fmt: skip
def test_numbers_have_about_three_digits(value, text):
    assert number(value) == text
