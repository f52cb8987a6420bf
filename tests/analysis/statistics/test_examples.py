"""Every public function of the statistics has a worked example that runs."""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

from study.analysis import statistics

FOLDER = Path(statistics.__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
DECIDES_NUMBERS = "metrics"
"""Its every byte is part of a run's identity, so its examples stand in its own tests."""


@pytest.mark.parametrize("name", [name for name in NAMES if name != DECIDES_NUMBERS])
def test_examples_run(name, monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[3])
    done = doctest.testmod(importlib.import_module(f"study.analysis.statistics.{name}"))
    assert done.failed == 0
    functions = [
        node
        for node in ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    without = [one.name for one in functions if ">>>" not in (ast.get_docstring(one) or "")]
    assert without == []
    assert done.attempted >= len(functions) >= 1
