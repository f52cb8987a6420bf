"""Recorded results and tables that were edited by hand."""

from __future__ import annotations

from changes import cells, content, cut, edited, gone, text
from rows import ANY, Row

RESULTS = "reports/results/explore/efficientnet-lite0.json"
CONFIRMED = "reports/results/confirm/efficientnet-lite0.json"
SELECTION = "reports/selection.json"
DATASET = "reports/dataset.json"
ENSEMBLES = "reports/ensembles.json"
FEATURES = "reports/features/efficientnet-lite0.json"
VERIFICATION = "reports/verification.json"


def result(edit):
    """Edit the first recorded run of the explore phase."""
    return edited(RESULTS, lambda value: edit(value["record"][0]["results"][0]))


def record(edit):
    return edited(RESULTS, lambda value: edit(value["record"][0]))


def chosen(edit):
    return edited(SELECTION, lambda value: edit(value["selection"][0]))


def dataset(edit):
    return edited(DATASET, lambda value: edit(value["dataset"][0]))


def features(edit):
    return edited(FEATURES, lambda value: edit(value["features"][0]))


def table(name, edit):
    return cells(f"reports/tables/{name}.csv", edit)


def renamed(record):
    for row in record["results"]:
        row |= {name: row[name].replace("lite0", "lite1") for name in ("run", "model")}


def put(rows, line, column, value):
    rows[line][rows[0].index(column)] = value


# fmt: off
RECORDS = (
    Row("results: missing", gone(RESULTS), "select", "reports/results/explore/efficientnet-lite0.json: expected this file, received none; run dvc repro"),
    Row("results: empty", content(RESULTS, ""), "select", f"reports/results/explore/efficientnet-lite0.json: expected JSON, received {ANY}; run dvc repro"),
    Row("results: cut", cut(RESULTS), "select", f"reports/results/explore/efficientnet-lite0.json: expected JSON, received {ANY}; run dvc repro"),
    Row("results: a list", content(RESULTS, "[]"), "select", "reports/results/explore/efficientnet-lite0.json: expected a mapping, received []"),
    Row("results: no record", edited(RESULTS, lambda v: v.update(record=[])), "select", "reports/results/explore/efficientnet-lite0.json: record: expected a list of one record, received []"),
    Row("results: no results", record(lambda r: r.pop("results")), "select", "reports/results/explore/efficientnet-lite0.json: record[0].results: expected a list of rows, received nothing"),
    Row("results: results a number", record(lambda r: r.update(results=3)), "select", "reports/results/explore/efficientnet-lite0.json: record[0].results: expected a list of rows, received 3"),
    Row("results: no hash of the code", record(lambda r: r.pop("source_sha256")), "select", "reports/results/explore/efficientnet-lite0.json: record[0].source_sha256: expected text, received nothing"),
    Row("results: of other code", record(lambda r: r.update(source_sha256="0" * 64)), "select", f"reports/results/explore/efficientnet-lite0.json: expected results of the training code {ANY}, received those of 000000000000; run dvc repro"),
    Row("results: of other code, verified", record(lambda r: r.update(source_sha256="0" * 64)), "study verify", f"reports/results/explore/efficientnet-lite0.json: expected results of the training code {ANY}, received those of 000000000000; run dvc repro"),
    Row("results: a column missing", result(lambda r: r.pop("test_accuracy")), "select", "reports/results/explore/efficientnet-lite0.json: table results, row 1: expected the column test_accuracy, received none"),
    Row("results: a column too many", result(lambda r: r.update(note="good")), "select", "reports/results/explore/efficientnet-lite0.json: table results, row 1: expected no column but its own, received 'note'"),
    Row("results: an accuracy that its predictions do not have", result(lambda r: r.update(test_accuracy=0.5)), "analyse", f"reports/results: efficientnet-lite0/reference/explore/0: expected test_accuracy {ANY}, as its predictions have, received 0.5; delete that file and run dvc repro"),
    Row("results: a number as text", result(lambda r: r.update(valid_accuracy="0.5")), "select", "reports/results/explore/efficientnet-lite0.json: table results, column valid_accuracy: expected a number, received '0.5'"),
    Row("results: words for a number", result(lambda r: r.update(valid_accuracy="high")), "select", "reports/results/explore/efficientnet-lite0.json: table results, column valid_accuracy: expected a number, received 'high'"),
    Row("results: true for a number", result(lambda r: r.update(valid_accuracy=True)), "select", "reports/results/explore/efficientnet-lite0.json: table results, column valid_accuracy: expected a number, received True"),
    Row("results: a list for a number", result(lambda r: r.update(valid_accuracy=[0.5])), "select", "reports/results/explore/efficientnet-lite0.json: table results, column valid_accuracy: expected a number, received [0.5]"),
    Row("results: percent for a fraction", result(lambda r: r.update(valid_accuracy=81.3)), "select", "reports/results/explore/efficientnet-lite0.json: efficientnet-lite0/reference/explore/0: expected valid_accuracy from 0 to 1, received 81.3"),
    Row("results: an accuracy below zero", result(lambda r: r.update(test_accuracy=-0.1)), "select", "reports/results/explore/efficientnet-lite0.json: efficientnet-lite0/reference/explore/0: expected test_accuracy from 0 to 1, received -0.1"),
    Row("results: an accuracy missing", result(lambda r: r.update(valid_accuracy=None)), "select", "reports/results/explore/efficientnet-lite0.json: efficientnet-lite0/reference/explore/0: expected valid_accuracy from 0 to 1, received nan"),
    Row("results: NaN", result(lambda r: r.update(valid_accuracy=float("nan"))), "select", "reports/results/explore/efficientnet-lite0.json: efficientnet-lite0/reference/explore/0: expected valid_accuracy from 0 to 1, received nan"),
    Row("results: infinity", result(lambda r: r.update(valid_accuracy=float("inf"))), "select", "reports/results/explore/efficientnet-lite0.json: efficientnet-lite0/reference/explore/0: expected valid_accuracy from 0 to 1, received inf"),
    Row("results: half a replicate", result(lambda r: r.update(replicate=0.5)), "select", "reports/results/explore/efficientnet-lite0.json: table results, column replicate: expected a whole number, received 0.5"),
    Row("results: an unknown status", result(lambda r: r.update(status="fine")), "select", "reports/results/explore/efficientnet-lite0.json: efficientnet-lite0/reference/explore/0: expected status ok or diverged, received fine"),
    Row("results: a run twice", record(lambda r: r["results"].append(r["results"][0])), "select", "reports/results/explore/efficientnet-lite0.json: table results: expected one row a key, received run 'efficientnet-lite0/reference/explore/0' again"),
    Row("results: a digit in place", text(RESULTS, '"test_accuracy": 0.', '"test_accuracy": 0.9'), "select", f"{RESULTS}: expected the content whose SHA-256 it holds, {ANY}, received {ANY}; delete it and run dvc repro"),
    Row("results: without its hash", text(RESULTS, "content_sha256", "content_sha255"), "select", f"{RESULTS}: expected the content whose SHA-256 it holds, none, received {ANY}; delete it and run dvc repro"),
    Row("results: on other data", record(lambda r: r.update(data_sha256="0" * 64)), "analyse", f"reports/results/explore/efficientnet-lite1.json: expected results on data 000000000000, as the others, received those on {ANY}; run dvc repro"),
    Row("results: with other weights", edited(CONFIRMED, lambda v: v["record"][0].update(weights_sha256="0" * 64)), "analyse", f"{CONFIRMED}: expected results on weights {ANY}, as the others, received those on 000000000000; run dvc repro"),
    Row("results: a run missing", record(lambda r: r["results"].pop()), "select", "reports/results/explore: expected a result of 18 planned runs, received none of 1, such as efficientnet-lite0/images_per_class=2/explore/2; run dvc repro"),
    Row("results: a run renamed", result(lambda r: r.update(run="x")), "select", "reports/results/explore: expected a result of 18 planned runs, received none of 1, such as efficientnet-lite0/reference/explore/0; run dvc repro"),
    Row("results: a run of another backbone", result(lambda r: r.update(model="efficientnet-lite1")), "select", "reports/results/explore/efficientnet-lite0.json: efficientnet-lite0/reference/explore/0: expected model efficientnet-lite0, received efficientnet-lite1"),
    Row("results: a run of another replicate", result(lambda r: r.update(replicate=2)), "select", "reports/results/explore/efficientnet-lite0.json: efficientnet-lite0/reference/explore/0: expected replicate 0, received 2"),
    Row("results: a run of another phase", result(lambda r: r.update(phase="confirm")), "analyse", "reports/results/explore/efficientnet-lite0.json: efficientnet-lite0/reference/explore/0: expected phase explore, received confirm"),
    Row("results: of another backbone", record(renamed), "select", "reports/results/explore: expected each run once, received efficientnet-lite1/reference/explore/0 of two backbones"),
    Row("results: the confirmed ones missing", gone(CONFIRMED), "analyse", "reports/results/confirm/efficientnet-lite0.json: expected this file, received none; run dvc repro"),
    Row("selection: missing", gone(SELECTION), "ensemble", "reports/selection.json: expected this file, received none; run dvc repro"),
    Row("selection: missing, confirmed", gone(SELECTION), "confirm efficientnet-lite0", "reports/selection.json: expected this file, received none; run dvc repro"),
    Row("selection: empty", edited(SELECTION, lambda v: v.clear()), "ensemble", "reports/selection.json: selection: expected a list of rows, received nothing"),
    Row("selection: a backbone missing", edited(SELECTION, lambda v: v["selection"].pop()), "analyse", "reports/selection.json: expected a setting of efficientnet-lite0, efficientnet-lite1, received those of efficientnet-lite0; run dvc repro"),
    Row("selection: a backbone missing, confirmed", edited(SELECTION, lambda v: v["selection"].pop()), "confirm efficientnet-lite1", "reports/selection.json: expected a setting of efficientnet-lite0, efficientnet-lite1, received those of efficientnet-lite0; run dvc repro"),
    Row("selection: an unknown setting", chosen(lambda r: r.update(setting="lr=9")), "analyse", "reports/selection.json: efficientnet-lite0: expected a setting of params.yaml, received lr=9; run dvc repro"),
    Row("selection: an unknown setting, confirmed", chosen(lambda r: r.update(setting="lr=9")), "confirm efficientnet-lite0", "reports/selection.json: efficientnet-lite0: expected a setting of params.yaml, received lr=9; run dvc repro"),
    Row("selection: an unknown backbone", chosen(lambda r: r.update(model="vgg16")), "ensemble", "reports/selection.json: expected a setting of efficientnet-lite0, efficientnet-lite1, received those of efficientnet-lite1, vgg16; run dvc repro"),
    Row("selection: text for a number", chosen(lambda r: r.update(valid_mean="best")), "ensemble", "reports/selection.json: table selection, column valid_mean: expected a number, received 'best'"),
    Row("selection: a column missing", chosen(lambda r: r.pop("setting")), "ensemble", "reports/selection.json: table selection, row 1: expected the column setting, received none"),
    Row("selection: a backbone twice", edited(SELECTION, lambda v: v["selection"].append(v["selection"][0])), "ensemble", "reports/selection.json: table selection: expected one row a key, received model 'efficientnet-lite0' again"),
    Row("dataset.json: missing", gone(DATASET), "select", "reports/dataset.json: expected this file, received none; run dvc repro"),
    Row("dataset.json: empty", content(DATASET, ""), "select", f"reports/dataset.json: expected JSON, received {ANY}; run dvc repro"),
    Row("dataset.json: no data set", edited(DATASET, lambda v: v.update(dataset=[])), "select", "reports/dataset.json: dataset: expected a list of one record, received []"),
    Row("dataset.json: no counts", dataset(lambda d: d.pop("counts")), "select", "reports/dataset.json: dataset[0].counts: expected a mapping, received nothing"),
    Row("dataset.json: no training images", dataset(lambda d: d["counts"].pop("train")), "select", "reports/dataset.json: counts of train: expected those of 3 classes, received []"),
    Row("dataset.json: a count as text", dataset(lambda d: d["counts"]["train"]["cat"].update(cifar10="8")), "select", "reports/dataset.json: dataset[0].counts.train.cat.cifar10: expected a whole number of at least 0, received '8'"),
    Row("dataset.json: a count below zero", dataset(lambda d: d["counts"]["train"]["cat"].update(cifar10=-8)), "select", "reports/dataset.json: dataset[0].counts.train.cat.cifar10: expected a whole number of at least 0, received -8"),
    Row("dataset.json: a class without images", dataset(lambda d: d["counts"]["train"]["cat"].update(cifar10=0)), "select", "reports/dataset.json: dataset[0].counts.train.cat: expected at least 1 image, received a mapping"),
    Row("dataset.json: fewer classes", dataset(lambda d: d["classes"].pop()), "analyse", f"reports/dataset.json: counts of train: expected those of 2 classes, received {ANY}"),
    Row("dataset.json: no name", dataset(lambda d: d.pop("name")), "analyse", "reports/dataset.json: dataset[0].name: expected text, received nothing"),
    Row("features.json: missing", gone(FEATURES), "analyse", "reports/features/efficientnet-lite0.json: expected this file, received none; run dvc repro"),
    Row("features.json: cut", cut(FEATURES), "analyse", f"reports/features/efficientnet-lite0.json: expected JSON, received {ANY}; run dvc repro"),
    Row("features.json: of another backbone", features(lambda f: f.update(model="vgg16")), "analyse", "reports/features/efficientnet-lite0.json: expected features of efficientnet-lite0, received those of vgg16; run dvc repro"),
    Row("features.json: none", edited(FEATURES, lambda v: v["features"].clear()), "analyse", "reports/features/efficientnet-lite0.json: expected features of efficientnet-lite0, received those of none; run dvc repro"),
    Row("features.json: text for a number", features(lambda f: f.update(n_constant="few")), "analyse", "reports/features/efficientnet-lite0.json: table features, column n_constant: expected a whole number, received 'few'"),
    Row("features.json: more constant ones than there are", features(lambda f: f.update(n_constant=5)), "analyse", "reports/features/efficientnet-lite0.json: expected n_constant from 0 to 4, received 5"),
    Row("features.json: zeros in percent", features(lambda f: f.update(zero_share=12.5)), "analyse", "reports/features/efficientnet-lite0.json: expected zero_share from 0 to 1, received 12.5"),
    Row("ensembles.json: missing", gone(ENSEMBLES), "analyse", "reports/ensembles.json: expected this file, received none; run dvc repro"),
    Row("ensembles.json: cut", cut(ENSEMBLES), "analyse", f"reports/ensembles.json: expected JSON, received {ANY}; run dvc repro"),
    Row("ensembles.json: a table missing", edited(ENSEMBLES, lambda v: v.pop("greedy")), "analyse", "reports/ensembles.json: greedy: expected a list of rows, received nothing"),
    Row("ensembles.json: a column missing", edited(ENSEMBLES, lambda v: v["ensembles"][0].pop("test_accuracy")), "analyse", "reports/ensembles.json: table ensemble_runs, row 1: expected the column test_accuracy, received none"),
    Row("ensembles.json: a column too many", edited(ENSEMBLES, lambda v: v["sizes"][0].update(note=1)), "analyse", "reports/ensembles.json: table ensemble_sizes, row 1: expected no column but its own, received 'note'"),
    Row("ensembles.json: text for a number", edited(ENSEMBLES, lambda v: v["temperatures"][0].update(temperature="warm")), "analyse", "reports/ensembles.json: table temperatures, column temperature: expected a number, received 'warm'"),
    Row("ensembles.json: a row twice", edited(ENSEMBLES, lambda v: v["diversity"].append(v["diversity"][0])), "analyse", "reports/ensembles.json: table diversity_runs: expected one row a key, received model_a 'efficientnet-lite0', model_b 'efficientnet-lite1', block 0 again"),
    Row("ensembles.json: an unknown method", edited(ENSEMBLES, lambda v: [r.update(method="magic") for r in v["ensembles"] if r["method"] == "stacking"]), "analyse", "data/ensembles/magic.npy: expected an array, received no such file or directory; run dvc repro"),
    Row("ensembles.json: no single model", edited(ENSEMBLES, lambda v: v.update(ensembles=[r for r in v["ensembles"] if r["method"] != "single"])), "analyse", "reports/ensembles.json: expected the method single, received none; run dvc repro"),
    Row("ensembles.json: a replicate missing", edited(ENSEMBLES, lambda v: v["ensembles"].pop()), "analyse", "reports/ensembles.json: weighted soft voting: expected the replicates 0 to 2, received [0, 1]; run dvc repro"),
    Row("verification.json: missing", gone(VERIFICATION), "report", "reports/verification.json: expected this file, received none; run dvc repro"),
    Row("verification.json: empty", edited(VERIFICATION, lambda v: v.update(verification=[])), "report", "reports/verification.json: verification: expected a list of one record, received []"),
    Row("verification.json: text for a number", edited(VERIFICATION, lambda v: v["verification"][0].update(n_verified="all")), "report", "inputs of the report: verification.n_verified: expected a whole number, received 'all'"),
    Row("tables: a digit in place", text("reports/tables/best.csv", ",0.", ",0.9"), "report", f"reports/tables/best.csv: expected the SHA-256 that stands beside it, {ANY}, received {ANY}; run dvc repro --force --single-item analyse"),
    Row("selection: a digit in place", text(SELECTION, '"valid_mean": 0.', '"valid_mean": 0.9'), "ensemble", f"{SELECTION}: expected the content whose SHA-256 it holds, {ANY}, received {ANY}; delete it and run dvc repro"),
    Row("tables: one missing", gone("reports/tables/best.csv"), "report", "reports/tables/best.csv: expected the table best, received no such file or directory"),
    Row("tables: one empty", content("reports/tables/best.csv", ""), "report", "reports/tables/best.csv: table best: expected columns ['model', 'setting', 'lr', 'batch_size', 'dropout', 'l1', 'augmentation', 'images_per_class', 'n', 'mean', 'sd', 'ci_low', 'ci_high', 'image_ci_low', 'image_ci_high', 'n_diverged', 'explore_valid_mean', 'confirm_valid_mean', 'explore_test_mean'], received none of ['model', 'setting', 'lr', 'batch_size', 'dropout', 'l1', 'augmentation', 'images_per_class', 'n', 'mean', 'sd', 'ci_low', 'ci_high', 'image_ci_low', 'image_ci_high', 'n_diverged', 'explore_valid_mean', 'confirm_valid_mean', 'explore_test_mean']"),
    Row("tables: one without rows", table("best", lambda rows: rows.__delitem__(slice(1, None))), "report", "reports/tables/best.csv: expected a row of efficientnet-lite0, efficientnet-lite1, received those of none; run dvc repro"),
    Row("tables: a row missing", table("best", lambda rows: rows.pop()), "report", "reports/tables/best.csv: expected a row of efficientnet-lite0, efficientnet-lite1, received those of efficientnet-lite0; run dvc repro"),
    Row("tables: a column missing", table("best", lambda rows: [row.pop(2) for row in rows]), "report", "reports/tables/best.csv: table best: expected columns ['model', 'setting', 'lr', 'batch_size', 'dropout', 'l1', 'augmentation', 'images_per_class', 'n', 'mean', 'sd', 'ci_low', 'ci_high', 'image_ci_low', 'image_ci_high', 'n_diverged', 'explore_valid_mean', 'confirm_valid_mean', 'explore_test_mean'], received none of ['lr']"),
    Row("tables: a column too many", table("best", lambda rows: [row.append("x") for row in rows]), "report", "reports/tables/best.csv: table best: expected columns ['model', 'setting', 'lr', 'batch_size', 'dropout', 'l1', 'augmentation', 'images_per_class', 'n', 'mean', 'sd', 'ci_low', 'ci_high', 'image_ci_low', 'image_ci_high', 'n_diverged', 'explore_valid_mean', 'confirm_valid_mean', 'explore_test_mean'], received also ['x']"),
    Row("tables: a column twice", table("best", lambda rows: rows[0].__setitem__(3, rows[0][2])), "report", "reports/tables/best.csv: table best: expected columns ['model', 'setting', 'lr', 'batch_size', 'dropout', 'l1', 'augmentation', 'images_per_class', 'n', 'mean', 'sd', 'ci_low', 'ci_high', 'image_ci_low', 'image_ci_high', 'n_diverged', 'explore_valid_mean', 'confirm_valid_mean', 'explore_test_mean'], received none of ['batch_size']"),
    Row("tables: a value too many", table("best", lambda rows: rows[1].append("x")), "report", "reports/tables/best.csv: table best, line 2: expected 19 values, received 20"),
    Row("tables: a value too few", table("best", lambda rows: rows[1].pop()), "report", "reports/tables/best.csv: table best, line 2: expected 19 values, received 18"),
    Row("tables: text for a number", table("best", lambda rows: put(rows, 1, "mean", "high")), "report", "reports/tables/best.csv: table best, line 2, column mean: expected a number, received 'high'"),
    Row("tables: a decimal comma", table("best", lambda rows: put(rows, 1, "mean", '"0,5"')), "report", "reports/tables/best.csv: table best, line 2, column mean: expected a number, received '0,5'"),
    Row("tables: a percent sign", table("best", lambda rows: put(rows, 1, "mean", "81.3%")), "report", "reports/tables/best.csv: table best, line 2, column mean: expected a number, received '81.3%'"),
    Row("tables: half a count", table("best", lambda rows: put(rows, 1, "n", "2.5")), "report", "reports/tables/best.csv: table best, line 2, column n: expected a whole number, received '2.5'"),
    Row("tables: no count", table("best", lambda rows: put(rows, 1, "n", "")), "report", "reports/tables/best.csv: table best, line 2, column n: expected a whole number, received ''"),
    Row("tables: NaN", table("best", lambda rows: put(rows, 1, "mean", "NaN")), "report", "reports/tables/best.csv: table best, line 2, column mean: expected a number, received 'NaN'"),
    Row("tables: a row twice", table("summary", lambda rows: rows.append(rows[1])), "report", "reports/tables/summary.csv: table summary: expected one row a key, received model 'efficientnet-lite0', factor 'lr', level '0.0005', phase 'explore', split 'train', metric 'accuracy' again"),
    Row("tables: an unknown verdict", table("comparisons", lambda rows: put(rows, 1, "verdict", "great")), "report", "reports/tables/comparisons.csv: verdict: expected different, equivalent, different but trivial, inconclusive, received great"),
    Row("tables: an unknown backbone", table("best", lambda rows: put(rows, 1, "model", "vgg16")), "report", "reports/tables/best.csv: expected a row of efficientnet-lite0, efficientnet-lite1, received those of efficientnet-lite1, vgg16; run dvc repro"),
    Row("tables: not UTF-8", content("reports/tables/best.csv", b"\xff\xfe"), "report", "reports/tables/best.csv: expected the table best, received 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    Row("tables: a quote open", table("best", lambda rows: put(rows, 1, "model", '"x')), "report", "reports/tables/best.csv: expected the table best, received unexpected end of data"),
    Row("tables: a zero byte", content("reports/tables/claims.csv", b"id,section\x00"), "report", "reports/tables/claims.csv: table claims: expected columns ['id', 'section', 'statement', 'hypothesis', 'verdict', 'seeds_only_verdict', 'evidence'], received none of ['section', 'statement', 'hypothesis', 'verdict', 'seeds_only_verdict', 'evidence']"),
)
# fmt: on
