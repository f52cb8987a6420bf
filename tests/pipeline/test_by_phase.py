"""What the report names where phases were trained by different packages or machines."""

from __future__ import annotations

from typing import Any

import pytest

from study.stages import report


def records(**of_confirm: str) -> dict[tuple[str, str], dict[str, Any]]:
    both = {
        (phase, backbone): {"versions": {"numpy": "2.4"}, "version": "2.20"}
        for phase in ("explore", "confirm")
        for backbone in ("a", "b")
    }
    for name in ("a", "b"):
        both["confirm", name] |= of_confirm
    return both


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (records(), "2.20"),
        (records(version="2.21"), "explore: 2.20, confirm: 2.21"),
        (records() | {("confirm", "b"): {"version": "2.21"}}, "explore: 2.20, confirm: 2.20 and 2.21"),
    ],
)
def test_each_phase_is_named_where_they_differ(
    made: dict[tuple[str, str], dict[str, Any]], expected: str
) -> None:
    assert report.by_phase(made, lambda one: one["version"]) == expected
