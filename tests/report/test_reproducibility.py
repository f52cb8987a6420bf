"""Sentences on runs that were trained again."""

from __future__ import annotations

import pytest

from study.report.inputs import Provenance, Verification
from study.report.sections import reproducibility


def outcome(n: int, same: int, largest: float) -> Verification:
    return Verification(n_verified=n, n_identical=same, n_same=same, max_abs_difference=largest)


@pytest.mark.parametrize(
    ("n", "same", "largest", "expected"),
    [
        (0, 0, 0.0, "No recorded run was trained again."),
        (1, 1, 0.0, "The one recorded run trained again gave the same numbers to the last bit."),
        (6, 6, 0.0, "6 of 6 recorded runs trained again gave the same numbers to the last bit."),
        (
            6,
            4,
            0.00012345,
            "4 of 6 recorded runs trained again gave the same numbers to the last bit; the largest "
            "difference in any number is 0.000123.",
        ),
        (
            1,
            0,
            0.5,
            "The one recorded run trained again gave other numbers; the largest difference in any "
            "number is 0.5.",
        ),
    ],
)
def test_verification(n: int, same: int, largest: float, expected: str) -> None:
    assert reproducibility.verified(outcome(n, same, largest)) == expected


def test_on_another_machine_the_tolerance_is_said() -> None:
    moved = outcome(6, 0, 0.0004).model_copy(
        update={"n_same": 5, "tolerance": 0.002, "rounding": 0.0002, "elsewhere": ("cpu: x, now y",)}
    )
    assert reproducibility.verified(moved) == (
        "Not on the machine of the record (cpu: x, now y): 5 of 6 recorded runs trained again gave the same "
        "numbers within 0.002, where rounding alone made a difference of 0.0002; the largest difference in "
        "any number is 0.0004."
    )
    assert "were all recorded runs trained again, at most 58\u00a0% of" in reproducibility.sampled(
        moved, alpha=0.05
    )


@pytest.mark.parametrize(
    ("n", "same", "expected"),
    [
        (6, 6, "6 recorded runs drawn at random: were all recorded runs trained again, at most 39\u00a0% of"),
        (1, 1, "1 recorded run drawn at random: were all recorded runs trained again, at most 95\u00a0% of"),
        (60, 60, "at most 5\u00a0% of them would come out otherwise (one-sided bound, 95\u00a0%)."),
        (10, 9, "at most 39\u00a0% of them"),
        (3, 0, "none came out the same, so the share that would differ has no bound."),
    ],
)
def test_a_sample_bounds_the_rest(n: int, same: int, expected: str) -> None:
    """Of n alike 1 - 0.05^(1/n); of 10 with one otherwise 0.394 (tables of Clopper and Pearson)."""
    assert expected in reproducibility.sampled(outcome(n, same, 0.0), alpha=0.05)


def test_the_date_is_the_commits() -> None:
    origin = Provenance(
        commit="3f2a9c1d" * 5,
        date="2026-02-03",
        dirty=False,
        data_sha256="",
        weights={},
        versions={},
        backend="",
    )
    assert reproducibility.dated(origin).startswith("Date: 2026-02-03, the day of commit 3f2a9c1d3f2a,")
