"""Slips on the command line, and commands that find nothing to work on."""

from __future__ import annotations

import shutil

from changes import content, cut, gone, nothing
from rows import ANY, Row

# fmt: off
COMMANDS = (
    Row("study: no command", nothing, "study", "study: expected command, received none; --help shows what there is", 2),
    Row("study: an unknown command", nothing, "study train", f"study: command: expected one of {ANY}, received train; --help shows what there is", 2),
    Row("study: an unknown option", nothing, "study --fast", "study: expected command, received none; --help shows what there is", 2),
    Row("plan: an unknown option", nothing, "study plan --runs 3", "study: expected only known arguments, received --runs 3; --help shows what there is", 2),
    Row("plan: --set without a value", nothing, "study plan --set", "study plan: --set: expected a value, received none; --help shows what there is", 2),
    Row("verify: no number", nothing, "study verify --runs", "study verify: --runs: expected a value, received none; --help shows what there is", 2),
    Row("verify: zero runs", nothing, "study verify --runs 0", "study verify: --runs: expected a whole number of at least 1, received 0; --help shows what there is", 2),
    Row("verify: a negative number", nothing, "study verify --runs=-3", "study verify: --runs: expected a whole number of at least 1, received -3; --help shows what there is", 2),
    Row("verify: words", nothing, "study verify --runs ten", "study verify: --runs: expected a whole number of at least 1, received ten; --help shows what there is", 2),
    Row("verify: half a run", nothing, "study verify --runs 2.5", "study verify: --runs: expected a whole number of at least 1, received 2.5; --help shows what there is", 2),
    Row("verify: both --runs and --all", nothing, "study verify --runs 3 --all", "study verify: expected --runs or --all, received both; --help shows what there is", 2),
    Row("verify: a word too many", nothing, "study verify all", "study: expected only known arguments, received all; --help shows what there is", 2),
    Row("store: an unknown action", nothing, "study store delete", f"study store: action: expected one of {ANY}, received delete; --help shows what there is", 2),
    Row("store: an option of another action", nothing, "study store check --dry-run", "study: expected only known arguments, received --dry-run; --help shows what there is", 2),
    Row("predict: no image", nothing, "study predict", "study predict: expected IMAGE, received none; --help shows what there is", 2),
    Row("predict: --model without a name", nothing, "study predict a.png --model", "study predict: --model: expected a value, received none; --help shows what there is", 2),
    Row("paper: --out without a name", nothing, "study paper --out", "study paper: --out: expected a value, received none; --help shows what there is", 2),
    Row("paper: a word too many", nothing, "study paper study.tar.gz", "study: expected only known arguments, received study.tar.gz; --help shows what there is", 2),
    Row("paper: another ending", nothing, "study paper --out study.zip", "--out: expected a name that ends in .tar.gz, received study.zip"),
    Row("paper: no report", nothing, "study paper", "reports/report.tex: expected this file, received No such file or directory; run dvc repro"),
    Row("paper: a folder that cannot be made", nothing, "study paper --out params.yaml/study.tar.gz", "reports/report.tex: expected this file, received No such file or directory; run dvc repro"),
    Row("predict: no model was made", nothing, "study predict a.png", "data/models: expected models, received none; set models: complete and run dvc repro"),
    Row("predict: models never run", lambda: shutil.rmtree("data/models"), "study predict a.png", "data/models/models.json: expected this file, received none; run dvc repro"),
    Row("predict: a list of models cut", cut("data/models/models.json"), "study predict a.png", f"data/models/models.json: expected JSON, received {ANY}; run dvc repro"),
    Row("predict: a list of models of another form", content("data/models/models.json", "[]"), "study predict a.png", "data/models/models.json: expected a mapping, received []"),
    Row("verify: no params.yaml", gone("params.yaml"), "study verify", "params.yaml: expected a file of parameters, received no such file or directory"),
    Row("verify: no results", lambda: shutil.rmtree("reports/results"), "study verify", "reports/results/explore/efficientnet-lite0.json: expected this file, received none; run dvc repro"),
    Row("verify: no data set", lambda: shutil.rmtree("data/dataset"), "study verify --runs 1", "data/dataset/manifest.json: expected the manifest of a data set, received no such file or directory"),
    Row("store: no params.yaml", gone("params.yaml"), "study store", "params.yaml: expected a file of parameters, received no such file or directory"),
    Row("store: prune --unplanned without data", gone("data/dataset/manifest.json"), "study store prune --unplanned", "data/dataset/manifest.json: expected the manifest of a data set, received no such file or directory"),
    Row("store: prune --unplanned, features of one backbone gone", gone("data/features/efficientnet-lite1/valid.npy"), "study store prune --unplanned", f"data/features/efficientnet-lite1/valid.npy: expected an array, received {ANY}; run dvc repro"),
    Row("store: prune --unplanned, features cut", cut("data/features/efficientnet-lite1/SHA256SUMS"), "study store prune --unplanned", f"data/features/efficientnet-lite1/{ANY}"),
    Row("store: prune --unplanned without a selection", gone("reports/selection.json"), "study store prune --unplanned", "reports/selection.json: expected this file, received none; run dvc repro"),
    Row("plan: no params.yaml", gone("params.yaml"), "study plan", "params.yaml: expected a file of parameters, received no such file or directory"),
)
# fmt: on
