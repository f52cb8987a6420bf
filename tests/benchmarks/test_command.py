"""What the command prints and writes."""

import subprocess
import sys
from pathlib import Path

from benchmarks import results
from benchmarks.__main__ import BENCHMARKS, LONG, _every
from benchmarks.row import Row

ROOT = Path(__file__).parents[2]


def command(*words):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_rows_fit_eighty_columns_and_say_whether_the_goal_is_met():
    done = command("--only", "forwards", "--only", "gpu-study")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["benchmark", "ratio", "goal"]
    assert max(map(len, lines)) <= 80
    assert [line.split(",")[0] for line in lines[1:3]] == ["images through backbones"] * 2
    assert all(line.endswith("met") for line in lines[1:3])


def test_a_benchmark_that_is_not_there_is_named():
    done = command("--only", "nothing")
    assert done.returncode != 0
    assert "invalid choice: 'nothing'" in done.stderr


def test_results_hold_every_row_and_no_date():
    rows = {name: [Row(f"row of {name}", 2.0, 3.0, "1 against 2 s")] for name in BENCHMARKS}
    text = results.render(rows, full=False, archive=None)
    assert all(f"| row of {name} | 2.00 | 3.00 | not met | 1 against 2 s |" in text for name in BENCHMARKS)
    assert text == results.render(rows, full=False, archive=None)
    assert "commit " in text
    assert "keras 3." in text


def test_a_quick_run_leaves_out_what_takes_long():
    assert _every(long=True) == list(BENCHMARKS)
    assert set(BENCHMARKS) - set(_every(long=False)) == set(LONG)
