"""No call in the code could run what stands in a file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from small_tree import ROOT

FILES = sorted([*(ROOT / "study").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
NEEDED = {"np.load": ("allow_pickle", False), "load_model": ("safe_mode", True)}
NEVER = (
    "eval", "exec", "pickle.load", "pickle.loads", "pd.read_pickle", "joblib.load", "os.system", "os.popen",
    "marshal.loads", "extractall", "enable_unsafe_deserialization",
)  # fmt: skip


def faults(source: str) -> list[str]:
    """Calls that are never made, and those that lack the argument which makes them safe."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if any(name == one or name.endswith(f".{one}") for one in NEVER):
            found.append(f"line {node.lineno}: {name}")
        for one, (argument, value) in NEEDED.items():
            if name == one or name.endswith(f".{one}"):
                given = {
                    word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg == argument
                }
                if given.get(argument) is not value:
                    found.append(f"line {node.lineno}: {name} without {argument}={value}")
        if any(word.arg == "shell" for word in node.keywords):
            found.append(f"line {node.lineno}: {name} with a shell")
    return found


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_no_call_runs_what_stands_in_a_file(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, mmap_mode='r')",
        "keras.saving.load_model(path)",
        "keras.saving.load_model(path, safe_mode=False)",
        "pickle.load(file)",
        "eval(text)",
        "archive.extractall(folder)",
        "subprocess.run(text, shell=True)",
    ],
)
def test_such_calls_are_found(source: str) -> None:
    assert len(faults(source)) == 1
