"""One set of rules: made from params.yaml, and no number of it written again."""

import ast
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from study import params

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "study" / "analysis").rglob("*.py"))
LEVELS = {0.05, 0.95, 0.9, 0.8, 0.1, 0.01, 0.025, 0.975}


def written_again(source: str) -> list[tuple[int, float]]:
    """Line and value of each number that is a level of tests or intervals."""
    return [
        (node.lineno, node.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value in LEVELS
    ]


def test_the_rules_are_those_of_the_parameters():
    loaded = params.load(ROOT / "params.yaml", changes=["analysis.alpha=0.01", "analysis.power=0.7"])
    rules = loaded.rules
    assert (rules.alpha, rules.level, rules.power) == (0.01, 0.99, 0.7)
    assert rules.margin == loaded.analysis.equivalence_margin
    assert rules.correction == loaded.analysis.correction
    assert rules.ordered_factors == tuple(loaded.analysis.ordered_factors)
    with pytest.raises(FrozenInstanceError):
        rules.alpha = 0.05


def test_no_level_is_written_in_the_analysis():
    # Effects that shall be found, and the 95 % CI of somebody else, are no level of ours.
    allowed = {"seeds_needed.py": {0.01}, "values.py": {0.975}}
    found = {
        str(path.relative_to(ROOT)): again
        for path in MODULES
        if (
            again := [
                one for one in written_again(path.read_text()) if one[1] not in allowed.get(path.name, ())
            ]
        )
    }
    assert found == {}


def test_a_level_that_is_written_is_seen():
    assert written_again("def f(x, *, alpha=0.05):\n    return x < 0.95, 0.5") == [(1, 0.05), (2, 0.95)]
