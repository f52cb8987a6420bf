"""The audit fails for a known fault alone, and says what it could not check."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
assert SPEC
assert SPEC.loader
audit: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(audit)

WHOLE = {"name": "rich", "version": "14.0.0", "vulns": []}
FAULTY = {
    "name": "jinja2",
    "version": "2.4",
    "vulns": [{"id": "PYSEC-2014-8", "fix_versions": ["2.7.2"], "aliases": [], "description": ""}],
}
UNKNOWN = {"name": "own", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("packages", "faulty", "lines"),
    [
        ([WHOLE], False, ["pip-audit: 1 of 1 packages of requirements/dev.lock are checked"]),
        (
            [WHOLE, FAULTY],
            True,
            [
                "pip-audit: jinja2 2.4: expected no known fault, received PYSEC-2014-8; mended in 2.7.2",
                "pip-audit: 2 of 2 packages of requirements/dev.lock are checked",
            ],
        ),
        (
            [UNKNOWN, UNKNOWN],
            False,
            [
                "pip-audit: 0 of 2 packages of requirements/dev.lock are checked",
                "pip-audit: 2 are not checked, such as: Dependency not found",
            ],
        ),
    ],
)
def test_a_fault_fails_and_a_package_left_out_is_told(
    packages: list[Any], faulty: bool, lines: list[str]
) -> None:
    assert audit.judge({"dependencies": packages}, "") == (lines, faulty)


def test_without_a_service_one_line_says_so() -> None:
    lines, faulty = audit.judge(None, "no connection")
    assert lines == [
        "pip-audit: no package of requirements/dev.lock is checked, since its service does not answer "
        "(no connection)"
    ]
    assert not faulty
