"""The run store answers for exactly the same inputs and never with half a file."""

import os
import subprocess
import sys

import numpy as np
import pytest

from study.training.store import RunStore, StoreError, key_of

INPUTS = {"lr": 0.0005, "seed": 3, "data": "abc", "augment": None}
ARRAYS = {"history": np.arange(12, dtype=np.float32).reshape(2, 6), "valid_class": np.array([1, 2], np.uint8)}


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


def test_what_is_put_comes_back(store):
    assert store.get(INPUTS) is None
    store.put(INPUTS, ARRAYS)
    got = store.get(dict(reversed(INPUTS.items())))
    assert got.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert got[name].dtype == array.dtype
        assert got[name].tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "change", [{"lr": 0.00050001}, {"seed": 4}, {"data": "abd"}, {"augment": {}}, {"new": 1}]
)
def test_other_inputs_are_another_run(store, change):
    store.put(INPUTS, ARRAYS)
    assert store.get(INPUTS | change) is None


def test_the_same_run_gives_the_same_bytes(store, tmp_path):
    store.put(INPUTS, ARRAYS)
    other = RunStore(tmp_path / "other")
    other.put(INPUTS, ARRAYS)
    assert store.path(INPUTS).read_bytes() == other.path(INPUTS).read_bytes()


@pytest.mark.parametrize("where", range(0, 1400, 97))
def test_a_damaged_file_is_noticed_and_counts_as_absent(store, where):
    store.put(INPUTS, ARRAYS)
    path = store.path(INPUTS)
    content = bytearray(path.read_bytes())
    where %= len(content)
    content[where] ^= 0xFF
    path.write_bytes(bytes(content))
    got = store.get(INPUTS)
    if got is None:
        assert store.damaged == [path]
    else:
        assert all(got[name].tobytes() == ARRAYS[name].tobytes() for name in ARRAYS)


@pytest.mark.parametrize("length", [0, 1, 100, 700])
def test_a_truncated_file_counts_as_absent(store, length):
    store.put(INPUTS, ARRAYS)
    path = store.path(INPUTS)
    path.write_bytes(path.read_bytes()[:length])
    assert store.get(INPUTS) is None
    assert store.damaged == [path]


def test_a_file_under_another_key_is_not_believed(store):
    store.put(INPUTS, ARRAYS)
    other = INPUTS | {"seed": 9}
    target = store.path(other)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.rename(store.path(INPUTS), target)
    assert store.get(other) is None
    assert store.damaged == [target]


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    """A real limit of the file size, in a process of its own."""
    code = (
        "import resource, signal, sys, numpy as np\n"
        "from pathlib import Path\n"
        "from study.training.store import RunStore, StoreError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    RunStore(Path(sys.argv[1])).put({'a': 1}, {'x': np.zeros(10_000)})\n"
        "except StoreError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "expected to write" in done.stdout
    assert done.stdout.count("\n") == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "runs").write_text("a file stands here")
    with pytest.raises(StoreError, match="expected to write") as caught:
        RunStore(tmp_path / "runs").put(INPUTS, ARRAYS)
    assert "\n" not in str(caught.value)


def test_nan_in_inputs_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        key_of({"lr": float("nan")})
