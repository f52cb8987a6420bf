"""A small study that is looked at while it runs: its stages from the run store to the report."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import small_tree
from scipy import stats

from study import params
from study.analysis.statistics.looks import level_at
from study.files import FileError, read_json, write_json
from study.pipeline import paths, results
from study.runs.pilot import replayed

pytestmark = pytest.mark.slow
inside = pytest.mark.usefixtures("tree")
LOOKS = (3, 5, 8)
SURE, UNSURE = small_tree.BACKBONES
RECORD = paths.RESULTS / "explore" / f"{SURE}.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("looked") / "study"
    small_tree.make(folder, looks=LOOKS, sure=[SURE])
    return folder


@pytest.fixture
def tree(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "study"
    shutil.copytree(made, copy)
    monkeypatch.chdir(copy)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return copy


def counts(backbone: str) -> dict[str, int]:
    rows = read_json(paths.RESULTS / "explore" / f"{backbone}.json")["record"][0]["results"]
    return pd.DataFrame(rows)["setting"].value_counts().to_dict()


@inside
def test_a_setting_stops_where_its_verdict_is_settled_or_out_of_reach() -> None:
    """The third setting's made-up runs are the reference's: so few equal values are settled at 8 alone."""
    assert counts(SURE) == counts(UNSURE) == {"reference": 8, "lr=0.001": 5, "images_per_class=2": 8}
    table = pd.read_csv(paths.TABLES / "looks.csv")
    of_sure, of_unsure = (table[table["model"] == model] for model in (SURE, UNSURE))
    assert list(of_sure["look"]) == list(LOOKS)
    assert list(of_sure["runs"]) == [9, 15, 21]
    assert list(of_sure["n_open"]) == list(of_unsure["n_open"]) == [2, 1, 0]
    assert list(of_sure["n_different"]) == [0, 1, 1]
    assert list(of_unsure["n_unreachable"]) == [0, 1, 1]
    assert list(of_sure["n_equivalent"]) == list(of_unsure["n_equivalent"]) == [0, 0, 1]


@inside
def test_the_tables_are_of_unequal_replicates_and_hold_over_looks() -> None:
    comparisons = pd.read_csv(paths.TABLES / "comparisons.csv").query("metric == 'test_accuracy'")
    found = comparisons[comparisons["factor"] == "lr"].set_index("model")
    assert list(found["n"]) == [5, 5]
    assert list(found["verdict"]) == ["different", "inconclusive"]
    assert found.loc[SURE, "p_holm"] > 2 * found.loc[SURE, "p_images"]
    interval = found.loc[SURE, "ci_high"] - found.loc[SURE, "ci_low"]
    sd = found.loc[SURE, "diff"] / found.loc[SURE, "dz"]
    level = level_at(5, 0.05, LOOKS)
    assert interval == pytest.approx(2 * stats.t.isf(level / 2, 4) * sd / 5**0.5)
    summary = pd.read_csv(paths.TABLES / "summary.csv").query("metric == 'accuracy' and split == 'test'")
    assert sorted(summary[summary["phase"] == "explore"]["n"].unique()) == [5, 8]
    ensembles = read_json(paths.ENSEMBLES_JSON)
    assert [row["replicate"] for row in ensembles["greedy"]] == [0, 1, 2, 3, 4]


@inside
def test_the_report_prints_the_path() -> None:
    small_tree.stage("report")
    text = (paths.REPORTS / "report.html").read_text(encoding="utf-8")
    assert "looked at after 3, 5 and 8 replicates" in text
    assert "It took 42 runs in place of 48" in text
    assert "Look by look" in text


@inside
def test_the_phase_goes_on_from_the_store_with_the_same_bytes() -> None:
    before = RECORD.read_bytes()
    RECORD.unlink()
    small_tree.stage("train", SURE)
    assert RECORD.read_bytes() == before


@inside
def test_all_runs_at_once_take_the_same_path() -> None:
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("looks: [3, 5, 8]", "looks: []"), encoding="utf-8")
    looked = counts(SURE)
    for backbone in small_tree.BACKBONES:
        small_tree.stage("train", backbone)
    assert set(counts(SURE).values()) == {8}
    chosen = params.load(paths.PARAMS)
    rules = params.load(paths.PARAMS, changes=["analysis.looks=[3, 5, 8]"]).rules
    found = replayed(chosen, rules)
    assert found[SURE].path.replicates == looked
    assert found[SURE].verdicts["lr=0.001"] == ("different", "different")


def test_runs_that_no_verdict_asked_for_are_refused(tree: Path) -> None:
    content = read_json(RECORD)
    rows = content["record"][0]["results"]
    content["record"][0]["results"] = [row for row in rows if row["run"] != f"{SURE}/reference/explore/7"]
    write_json(RECORD, content)
    said = r"reference: expected replicates of a look, 3, 5, 8, received 7; run"
    with pytest.raises(FileError, match=said):
        results.planned(params.load(paths.PARAMS), "explore")
    content["record"][0]["results"] = [row for row in rows if row["replicate"] < 3]
    write_json(RECORD, content)
    done = subprocess.run(
        [sys.executable, "-m", "study.stages.analyse"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(small_tree.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "run dvc repro" in done.stderr
