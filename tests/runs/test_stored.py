"""The run store from the command line: what is in it, is it whole, what can go."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from study.pipeline import provenance
from study.runs import stored
from study.training.store import RunStore, key_of

ROOT = Path(__file__).parents[2]
ARRAYS = {"history": np.arange(12, dtype=np.float32).reshape(2, 6), "valid_class": np.array([1, 2], np.uint8)}


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A store with two runs of the present code, one of older code and a damaged one."""
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    runs = RunStore(tmp_path / ".study" / "runs")
    now = {"source_sha256": provenance.training_source_sha256(), **provenance.backend()}
    inputs = {
        "first": {"backbone": "efficientnet-lite0", "seed": 1, **now},
        "second": {"backbone": "efficientnet-lite0", "seed": 2, **now},
        "older": {"backbone": "efficientnet-lite0", "seed": 3, **now, "source_sha256": "0" * 64},
        "damaged": {"backbone": "efficientnet-lite1", "seed": 4, **now},
    }
    for one in inputs.values():
        runs.put(one, ARRAYS)
    path = runs.path(inputs["damaged"])
    content = bytearray(path.read_bytes())
    middle = slice(len(content) // 3, len(content) // 2)
    content[middle] = bytes(byte ^ 0xFF for byte in content[middle])
    path.write_bytes(bytes(content))
    return runs, inputs


def states(found, planned=frozenset()):
    return {(row["backbone"], row["state"]): row["runs"] for row in stored.listing(found, set(planned))}


def test_every_entry_has_its_state(kept):
    runs, inputs = kept
    assert states(runs.entries(), {key_of(inputs["first"])}) == {
        ("efficientnet-lite0", "planned"): 1,
        ("efficientnet-lite0", "not planned"): 1,
        ("efficientnet-lite0", "other code"): 1,
        ("", "damaged"): 1,
        ("all", ""): 4,
    }


def test_an_entry_under_another_name_is_damaged(kept):
    runs, inputs = kept
    source = runs.path(inputs["first"])
    (source.parent / f"{'f' * 64}.npz").write_bytes(source.read_bytes())
    assert states(runs.entries())["", "damaged"] == 2


def test_pruning_takes_what_nothing_can_ask_for(kept):
    runs, inputs = kept
    planned = {key_of(inputs["first"])}
    going = stored.prunable(stored.entries(), planned, unplanned=False)
    assert {entry.path for entry in going} == {runs.path(inputs["older"]), runs.path(inputs["damaged"])}
    size = sum(path.stat().st_size for path in (runs.path(inputs["older"]), runs.path(inputs["damaged"])))
    assert stored.remove(going) == size
    assert len(stored.entries()) == 2
    rest = stored.prunable(stored.entries(), planned, unplanned=True)
    assert [entry.path for entry in rest] == [runs.path(inputs["second"])]


def test_the_command_checks_and_prunes(kept):
    runs, inputs = kept

    def study(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "study", "store", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    damaged = runs.path(inputs["damaged"])
    checked = study("check")
    assert checked.returncode == 1
    assert checked.stderr.splitlines() == [
        f"{damaged}: expected a run that agrees with its hashes, received a damaged file",
        "3 of 4 runs are whole",
    ]
    listed = study()
    assert listed.returncode == 0
    assert "damaged" in listed.stdout
    assert "2 of 4 runs would go" in study("prune", "--dry-run").stderr
    assert len(stored.entries()) == 4
    assert "2 of 4 runs are gone" in study("prune").stderr
    assert study("check").returncode == 0
