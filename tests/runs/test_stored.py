"""The run store from the command line: what is in it, is it whole, what can go."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from study.pipeline import provenance
from study.runs import stored
from study.training.store import RunStore, key_of

ROOT = Path(__file__).parents[2]
ARRAYS = {"history": np.arange(12, dtype=np.float32).reshape(2, 6), "seconds": np.array(90.0)}


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


def states(planned=frozenset()):
    return {(row["backbone"], row["state"]): row["runs"] for row in stored.listing(stored.kept(set(planned)))}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*.npz")}


def test_every_entry_has_its_state(kept):
    _, inputs = kept
    assert states({key_of(inputs["first"])}) == {
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
    assert states()["", "damaged"] == 2


def test_an_entry_that_cannot_be_read_is_not_called_damaged(kept):
    """A folder cannot be read as a file, whoever runs the tests."""
    runs, inputs = kept
    path = runs.path(inputs["first"])
    path.unlink()
    path.mkdir()
    assert states()["", "cannot be read"] == 1
    assert states()["", "damaged"] == 1


def test_an_entry_says_what_it_took_and_how_it_differs(kept):
    found = {one.entry.path: one for one in stored.kept(set())}
    runs, inputs = kept
    older = found[runs.path(inputs["older"])]
    assert older.entry.seconds == 90
    assert older.why == f"source_sha256 000000000000, now {provenance.training_source_sha256()[:12]}"


@pytest.fixture
def study(tmp_path):
    """The command, in a folder that has parameters but no data, as a fresh clone does."""
    shutil.copy(ROOT / "params.yaml", tmp_path)

    def run(*arguments, **changes):
        return subprocess.run(
            [sys.executable, "-m", "study", "store", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **changes},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


def test_pruning_takes_out_the_damaged_and_nothing_else(kept, study):
    runs, inputs = kept
    before = contents(runs.folder)
    damaged = runs.path(inputs["damaged"]).name
    for changes in ({}, {"KERAS_BACKEND": "jax"}, {"TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": ""}):
        told = study("prune", **changes)
        assert told.returncode == 0, told.stderr
        assert contents(runs.folder) == {name: held for name, held in before.items() if name != damaged}
    assert told.stderr == "Nothing is taken out\n"


def test_runs_of_other_code_go_where_asked_and_come_back(kept, study, tmp_path):
    runs, inputs = kept
    before = contents(runs.folder)
    dry = study("prune", "--other-code", "--dry-run")
    assert contents(runs.folder) == before
    told = study("prune", "--other-code").stderr.splitlines()
    now = provenance.training_source_sha256()[:12]
    assert dry.stderr.splitlines() == [*told[:-1], "2 of 4 runs would go"]
    assert told[0].startswith("damaged: 1 run, 0.0 MB, 0 s of training: it does not agree with its hashes")
    assert told[1] == (f"other code: 1 run, 0.0 MB, 2 min of training: source_sha256 000000000000, now {now}")
    assert told[2].startswith(f"2 of 4 runs are now in {Path('.study') / 'removed'}")
    assert contents(runs.folder).keys() == {runs.path(inputs[name]).name for name in ("first", "second")}
    assert contents(tmp_path / ".study") == before

    assert "Taken out, to be restored or deleted: 2 runs" in study().stderr
    assert study("restore").stderr.startswith("1 of 2 runs are back")
    assert runs.get(inputs["older"]) is not None
    assert contents(tmp_path / ".study") == before


def test_another_backend_takes_all_only_where_asked_and_says_why(kept, study, tmp_path):
    runs, _ = kept
    before = contents(runs.folder)
    told = study("prune", "--other-code", KERAS_BACKEND="jax").stderr
    assert "backend tensorflow, now jax" in told
    assert "4 of 4 runs are now in" in told
    assert study("restore").stderr.startswith("3 of 4 runs are back")
    assert contents(tmp_path / ".study") == before


def test_a_run_that_was_trained_again_is_not_replaced(kept, study):
    runs, inputs = kept
    study("prune", "--other-code")
    again = {**ARRAYS, "seconds": np.array(1.0)}
    runs.put(inputs["older"], again)
    assert study("restore").stderr.startswith("0 of 2 runs are back")
    assert runs.get(inputs["older"])["seconds"] == 1


def test_what_is_unplanned_stays_where_the_plan_is_not_known(kept, study):
    """A fresh clone has neither data nor a selection."""
    runs, _ = kept
    before = contents(runs.folder)
    told = study("prune", "--unplanned")
    assert told.returncode == 1
    assert "expected this file, received none; run dvc repro" in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert contents(runs.folder) == before
    listed = study("list")
    assert listed.returncode == 0
    assert listed.stderr.startswith("What is planned is not known: ")
    assert "present code" in listed.stdout


def test_emptying_asks_or_is_told(kept, study, tmp_path):
    runs, _ = kept
    assert study("empty", "--yes").stderr == "Nothing was taken out\n"
    study("prune", "--other-code")
    left = contents(runs.folder)
    refused = study("empty")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        "empty: expected --yes or a terminal to ask at, received neither"
    )
    assert len(contents(tmp_path / ".study")) == 4
    told = study("empty", "--yes")
    assert told.stderr.startswith("To be deleted for good: 2 runs, 0.0 MB, 2 min of training")
    assert contents(tmp_path / ".study") == contents(runs.folder) == left


def test_the_command_checks(kept, study, tmp_path):
    runs, inputs = kept
    damaged = runs.path(inputs["damaged"])
    checked = study("check")
    assert checked.returncode == 1
    where = damaged.relative_to(tmp_path)
    assert checked.stderr.splitlines() == [
        f"{where}: expected a run that agrees with its hashes, received a damaged file",
        "3 of 4 runs are whole",
    ]
    study("prune")
    assert study("check").returncode == 0
