"""study judge: a report from a results file, a question where a column is not clear."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
CODE = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from study.__main__ import main; main()"


def study(*words, cwd):
    command = [sys.executable, "-P", "-c", CODE, *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=240)


def write(path, **more):
    rng = np.random.default_rng(4)
    rows = [
        {"algo": algo, "seed": seed, "env": env, "return": round(mean + rng.normal(0, 1), 3), **more}
        for algo, mean in (("sac", 10.0), ("ppo", 14.0), ("td3", 14.2))
        for env in ("ant", "hopper")
        for seed in range(6)
    ]
    pd.DataFrame(rows).to_csv(path, index=False)


def test_a_report_of_methods_on_data_sets(tmp_path):
    write(tmp_path / "runs.csv")
    done = study("judge", "runs.csv", "--margin", 0.5, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == (
        "method: column `algo`; seed: column `seed`; data set: column `env`; "
        "metric: `return` (higher is better)"
    )
    out = tmp_path / "runs-report"
    judged = json.loads((out / "judgement.json").read_text(encoding="utf-8"))
    compared = pd.read_csv(out / "tables" / "compared.csv")
    assert len(compared) == len(judged["compared"]) == 6
    assert set(pd.read_csv(out / "tables" / "across.csv")["n"]) == {2}
    page = (out / "report.html").read_text(encoding="utf-8")
    article = (out / "report.tex").read_text(encoding="utf-8")
    assert judged["sentences"][-1] in page
    assert r"\section{Methods compared}" in article
    assert {path.name for path in (out / "figures").iterdir()} == {
        "methods-means.pdf",
        "methods-differences.pdf",
    }
    again = study("judge", "runs.csv", "--margin", 0.5, "--reference", "sac", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert len(pd.read_csv(out / "tables" / "compared.csv")) == 4


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["runs.csv", "--metric", "gain"], 2, "runs.csv: --metric: expected one of algo, seed, env, return"),
        (["none.csv"], 1, "none.csv: expected a table of results, received no such file or directory"),
        (["runs.csv", "--margin", "much"], 2, "argument --margin: expected a number, received much"),
        (["runs.csv", "--out", "mine"], 1, "mine: expected a new folder or an earlier report"),
        (["two.csv"], 2, "two.csv: which metric? columns `return`, `score` fit; name it with --metric"),
    ],
)
def test_what_does_not_go_is_one_line_and_writes_nothing(tmp_path, words, code, said):
    write(tmp_path / "runs.csv")
    pd.read_csv(tmp_path / "runs.csv").assign(score=range(36)).to_csv(tmp_path / "two.csv", index=False)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.pdf").touch()
    before = sorted(tmp_path.rglob("*"))
    done = study("judge", *words, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr or said.removeprefix("argument ") in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before
