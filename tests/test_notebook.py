"""study.judge: the door for programs and notebooks."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import study
from study.errors import StudyError

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "judge.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```(\w+)\n(.*?)```", PAGE, flags=re.DOTALL)
FIRST = dict(reversed(EXAMPLE))
LAST = dict(EXAMPLE)


@pytest.fixture
def results(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text(FIRST["csv"], encoding="utf-8")
    return path


def test_the_page_is_short():
    assert len(PAGE.splitlines()) <= 140


def test_the_example_says_what_the_page_says(results):
    found = study.judge(results, margin=0.005)
    said = [one.replace("\u00a0", " ") for one in found.sentences]
    assert [found.columns, *said] == FIRST["text"].strip().splitlines()


def test_the_claims_say_what_the_page_says(results, tmp_path):
    claims = tmp_path / "claims.yaml"
    claims.write_text(LAST["yaml"], encoding="utf-8")
    said = [one.replace("\u00a0", " ") for one in study.judge(results, claims=claims).claims]
    assert said == LAST["text"].strip().splitlines()


def test_a_frame_gives_the_same_as_its_file(results):
    of_file, of_frame = study.judge(results), study.judge(pd.read_csv(results))
    assert of_frame.sentences == of_file.sentences
    for name, table in of_file.tables.items():
        pd.testing.assert_frame_equal(table, of_frame.tables[name])


def test_a_notebook_shows_it(results):
    frame = pd.read_csv(results).replace("ours", "<b>ours")
    shown = study.judge(frame)._repr_html_()
    assert "&lt;b&gt;ours is better than baseline by 2.09 points" in shown
    assert "<b>" not in shown
    assert shown.count("<table>") == 2


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"reference": "theirs"}, "reference: expected one of baseline, ours, received theirs"),
        ({"margin": -1.0}, "margin: expected a number of at least 0, received -1"),
        ({"alpha": 5.0}, "alpha: expected a number between 0 and 1, received 5"),
        ({"metric": "f1"}, "--metric: expected one of method, seed, test_acc, received f1"),
    ],
)
def test_a_wrong_option_is_one_line(results, named, said):
    with pytest.raises(StudyError, match=re.escape(said)):
        study.judge(results, **named)


def test_importing_the_package_loads_nothing():
    code = "import sys, study; sys.exit(any(name in sys.modules for name in ('numpy', 'pandas')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_it_runs_without_the_extras(results):
    absent = ["tensorflow", "keras", "dvc", "pyarrow", "jax"]
    code = f"""
import sys
for name in {absent}: sys.modules[name] = None
import study
print(study.judge({str(results)!r}, margin=0.005).sentences[0])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.stdout.startswith("ours is better than baseline"), done.stderr


def test_what_to_run_next(results):
    frame = pd.read_csv(results)
    ours = frame[frame["method"] == "ours"]
    close = ours.assign(method="near", test_acc=ours["test_acc"] + [0.004, 0, 0.003, 0, -0.001])
    said = study.judge(pd.concat([frame, close]), margin=0.003).next_runs
    assert said[-1] == "baseline is settled."
    assert re.fullmatch(r"near and ours: \d+ more seeds of each would find 0\.3 points or more\.", said[0])
    assert study.judge(results, margin=0.005).next_runs == (
        "Every comparison is settled: no more runs are needed.",
    )
    assert study.judge(results).next_runs == ()


def of_settings(*settings):
    rows = [
        {"lr": lr, "batch_size": size, "seed": seed, "test_acc": round(0.7 + lr + 1e-3 * size + noise, 4)}
        for lr, size in settings
        for seed, noise in enumerate((0.001, -0.002, 0.0013 * lr, 0.003))
    ]
    return study.judge(pd.DataFrame(rows), method=("lr", "batch_size"))


def test_a_full_grid_shows_its_effects():
    found = of_settings((0.1, 8), (0.1, 16), (0.01, 8), (0.01, 16))
    assert found.tables["effects"]["kind"].tolist() == ["main", "main", "interaction"]
    assert "batch_size 16 − 8" in found._repr_html_()
    assert "lr 0.1 − 0.01, at batch_size 16 − at 8" in found._repr_html_()


def test_one_factor_at_a_time_is_compared_with_the_reference():
    found = of_settings((0.1, 8), (0.1, 16), (0.01, 8), (0.03, 8))
    assert set(found.tables["compared"]["other"]) == {"lr=0.1, batch_size=8"}
    assert found.tables["effects"].empty
    assert any("varied one at a time around lr=0.1, batch_size=8" in mark for mark in found.marks)
