"""Files as people and trackers write them are read to the same runs."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from study.analysis import methods
from study.results_file import Choice, ResultsError, measure, read
from tests.analysis.rules import RULES

RUNS = [
    {"model": model, "seed": seed, "test_acc": round(0.7 + 0.02 * (model == "wide") + 0.00317 * seed, 5)}
    for model in ("deep", "wide")
    for seed in range(3)
]
EXPECTED = {(run["model"], str(run["seed"])): run["test_acc"] for run in RUNS}


def values(path, **named):
    table = measure(read(path), Choice(**named), where=str(path)).table
    return {(row["method"], row["seed"]): row["value"] for row in table.to_dict("records")}


@pytest.mark.parametrize(("name", "separator"), [("r.csv", ","), ("r.tsv", "\t"), ("R.CSV", ",")])
def test_text(tmp_path, name, separator):
    pd.DataFrame(RUNS).to_csv(tmp_path / name, sep=separator, index=False)
    assert values(tmp_path / name) == EXPECTED


def test_a_byte_order_mark_and_blanks(tmp_path):
    lines = [f"{run['model']}, {run['seed']}, {run['test_acc']}" for run in RUNS]
    (tmp_path / "r.csv").write_text("\ufeffmodel, seed, test_acc\n" + "\n".join(lines), encoding="utf-8")
    assert values(tmp_path / "r.csv") == EXPECTED


def test_json_lines(tmp_path):
    nested = [
        {"config": {"model": run["model"], "seed": run["seed"]}, "test_acc": run["test_acc"]} for run in RUNS
    ]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, nested)) + "\n", encoding="utf-8")
    assert values(tmp_path / "r.jsonl") == EXPECTED


def test_parquet(tmp_path):
    pd.DataFrame(RUNS).to_parquet(tmp_path / "r.parquet")
    assert values(tmp_path / "r.parquet") == EXPECTED


def test_parquet_without_pyarrow_says_what_is_missing(tmp_path, monkeypatch):
    pd.DataFrame(RUNS).to_parquet(tmp_path / "r.parquet")
    for name in [name for name in sys.modules if name.startswith("pyarrow")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ResultsError, match="expected pyarrow, which reads Parquet, received none"):
        read(tmp_path / "r.parquet")


def test_an_export_of_weights_and_biases(tmp_path):
    rows = [
        {
            "Name": f"run-{index}", "State": "finished", "Notes": "-", "User": "me", "Tags": "",
            "Created": "2026-05-01T10:00:00.000Z", "Runtime": "3600", "Sweep": "", "model": run["model"],
            "optimizer.lr": 0.1, "seed": run["seed"], "test_acc": run["test_acc"], "train_loss": 0.1 * index,
        }
        for index, run in enumerate(RUNS)
    ]  # fmt: skip
    rows[1]["State"] = "crashed"
    pd.DataFrame(rows).to_csv(tmp_path / "wandb_export.csv", index=False)
    found = values(tmp_path / "wandb_export.csv")
    assert pd.isna(found.pop(("deep", "1")))
    assert found == {key: value for key, value in EXPECTED.items() if key != ("deep", "1")}


def test_experiments_of_dvc(tmp_path):
    base = {"Created": "2026-05-01T10:00:00", "parent": "", "State": "", "Executor": ""}
    rows = [
        {"Experiment": "", "rev": "workspace", "typ": "baseline", **base, **RUNS[0]},
        {"Experiment": "", "rev": "main", "typ": "baseline", **base, **RUNS[0]},
        *(
            {"Experiment": f"exp-{index}", "rev": f"{index:07x}", "typ": "branch_commit", **base, **run}
            for index, run in enumerate(RUNS)
        ),
    ]
    rows[-1]["typ"] = "branch_base"
    rows[1]["test_acc"] = "!"
    for row in rows:
        row["train.py"] = "c75b0ebeb944a19be9c2ead2f56cb40c"
    pd.DataFrame(rows).to_csv(tmp_path / "exp.csv", index=False)
    assert values(tmp_path / "exp.csv") == EXPECTED


def test_a_folder_of_mlflow(tmp_path):
    folder = tmp_path / "mlruns"
    (folder / "0").mkdir(parents=True)
    (folder / "0" / "meta.yaml").write_text("experiment_id: '0'\nlifecycle_stage: active\nname: Default\n")
    for index, run in enumerate([*RUNS, {"model": "gone", "seed": 0, "test_acc": 0.1}]):
        place = folder / "417" / f"{index:032x}"
        for name, text in (("model", run["model"]), ("seed", run["seed"])):
            (place / "params").mkdir(parents=True, exist_ok=True)
            (place / "params" / name).write_text(str(text))
        (place / "metrics" / "test").mkdir(parents=True)
        steps = [f"17000000000{step} {value} {step}" for step, value in ((2, run["test_acc"]), (1, 0.2))]
        (place / "metrics" / "test" / "acc").write_text("\n".join(steps) + "\n")
        stage = "deleted" if run["model"] == "gone" else "active"
        (place / "meta.yaml").write_text(f"lifecycle_stage: {stage}\nrun_id: {index:032x}\nstatus: 3\n")
    (folder / "417" / "meta.yaml").write_text("experiment_id: '417'\nlifecycle_stage: active\nname: mine\n")
    assert values(folder) == EXPECTED
    assert values(tmp_path / "mlruns") == EXPECTED


@pytest.mark.parametrize(
    "name", ["{model}-seed{seed}.csv", "{model}/seed_{seed}.csv", "{model}/{seed}/log.csv"]
)
def test_logs_of_keras(tmp_path, name):
    for run in RUNS:
        path = tmp_path / "logs" / name.format(**run)
        path.parent.mkdir(parents=True, exist_ok=True)
        last = f"0,0.5,0.6,0.4\n1,0.6,0.5,{run['test_acc']}\n"
        path.write_text(f"epoch,accuracy,loss,val_accuracy\n{last}")
    assert values(tmp_path / "logs", metric="val_accuracy") == EXPECTED


def test_a_log_without_a_seed_is_named(tmp_path):
    (tmp_path / "deep.csv").write_text("epoch,loss\n0,0.5\n")
    with pytest.raises(ResultsError, match=r"expected a name of method and seed, .*, received deep.csv"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("r.xlsx", b"PK", "expected a file .csv, .tsv, .jsonl or .parquet, or a folder, received .xlsx"),
        ("r.csv", b"", "received No columns to parse"),
        ("r.csv", b"\xff\xfe\x00", "expected a table of results, received"),
        ("r.jsonl", b"{not json", "expected a table of results, received"),
        ("r.parquet", b"PAR1", "expected a table of results, received"),
        ("gone/", b"", "expected a folder mlruns, or a folder of CSV files with a column epoch"),
    ],
)
def test_what_is_no_table_is_one_line(tmp_path, name, content, said):
    path = tmp_path / name
    if name.endswith("/"):
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(ResultsError) as refused:
        read(path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ResultsError, match="no such file"):
        read(tmp_path / "none.csv")


def test_a_study_of_this_project_is_read_like_any_other():
    root = Path(__file__).parents[2]
    found = measure(read(root / "reports"), Choice(), where="reports")
    assert found.columns.sentence.startswith(
        "method: column `model`; seed: column `replicate`; metric: `test_"
    )
    pairs = pd.read_csv(root / "reports" / "tables" / "pairs.csv")
    judged = methods.tables(found.table, rules=RULES, lower_is_better=False)["compared"]
    for row in judged.to_dict("records"):
        same = pairs[(pairs["model_a"] == row["other"]) & (pairs["model_b"] == row["method"])].iloc[0]
        assert [row["diff"], -row["ci_high"], -row["ci_low"], row["p"]] == pytest.approx(
            [-same["diff"], same["ci_low"], same["ci_high"], same["p_t"]]
        )
        assert row["verdict"] == same["seeds_only_verdict"]
