"""The whole chain on a small study, as a person runs it with dvc in a clone of their own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from clone import NUMBERS, REPORT, SMALL, Clone, differing
from PIL import Image

from study import files

N_SETTINGS = 5
N_VARIANCE = 4 + 2 + 2
N_RUNS = 2 * (2 * N_SETTINGS + 2 + 2 * N_VARIANCE)
"""Of two backbones: two replicates of every setting, of the selected one, and of every varied source."""

pytestmark = pytest.mark.slow


def ran(output: str) -> list[str]:
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]


def test_the_chain_leaves_a_report_of_every_planned_run(clone):
    results = pd.read_csv(clone.folder / "reports/tables/results.csv")
    assert len(results) == 2 * N_SETTINGS * 2 + 2 * 2
    assert set(results["status"]) == {"ok"}
    assert results["test_accuracy"].between(0.1, 1).all()
    html = (clone.folder / "reports/report.html").read_text(encoding="utf-8")
    assert "says nothing about CINIC-10" in html
    assert "images_per_class = 200 is left out" in html
    assert "efficientnet-lite1" in html
    assert (clone.folder / "reports/report.tex").read_text(encoding="utf-8").startswith("\\documentclass")


def test_some_runs_trained_again_alone_gave_the_same_bytes(clone):
    outcome = json.loads((clone.folder / "reports/verification.json").read_text())["verification"][0]
    assert outcome["n_verified"] == outcome["n_identical"] == 2


def test_the_models_to_take_away_give_the_recorded_predictions(clone):
    """Up to the last digit of some features in half precision: a fused network rounds in another order."""
    models = json.loads((clone.folder / "reports/models.json").read_text())["models"]
    assert [one["name"] for one in models] == [*SMALL["backbones"], "ensemble"]
    assert [one["n_classes_different"] for one in models] == [0, 0, 0]
    assert max(one["max_abs_difference"] for one in models) < 5e-4
    for one in models:
        card = (clone.folder / f"data/models/{one['name']}.md").read_text(encoding="utf-8")
        assert "| class 9 |" in card
    images = np.load(clone.folder / "data/dataset/test_images.npy")
    labels = np.load(clone.folder / "data/dataset/test_labels.npy")
    names = [f"{i}.png" for i in range(20)]
    for name, image in zip(names, images, strict=False):
        Image.fromarray(image).save(clone.folder / "data" / name)
    done = clone.python("-m", "study", "predict", *(f"data/{name}" for name in names))
    assert done.returncode == 0, done.stderr
    told = [line.split(": ")[1][0] for line in done.stdout.splitlines()]
    assert np.mean([int(one) == label for one, label in zip(told, labels, strict=False)]) > 0.5
    assert "of 2 members disagree" in done.stdout


def test_a_second_repro_does_nothing(clone):
    assert ran(clone.dvc("repro")) == ["inputs"]


def test_another_reference_trains_only_runs_that_are_new(clone):
    before = clone.stored()
    output = clone.dvc("exp", "run", "--temp", "-S", "lr=0.001")
    new = clone.stored() - before
    # lr=0.0005 and lr=0.001 were both there; rotation, cutmix and 10 images are new at lr 0.001.
    explored = 2 * 3 * 2
    assert explored <= len(new) <= explored + 2 * 2 + 2 * 2 * N_VARIANCE
    assert "8 of them in the run store" in output or "4 of them in the run store" in output
    header = clone.dvc("exp", "show", "--csv").splitlines()[0].split(",")
    metrics = header[header.index("parent") + 1 : header.index("dataset")]
    assert {"efficientnet-lite0_acc", "soft_voting_acc", "runs"} <= set(metrics)
    assert len(metrics) <= 13 + 4 + 4  # accuracies and counts; verdicts of comparisons; of claims
    assert clone.git("status", "--porcelain") == ""


def test_a_wrong_parameter_is_one_clear_line(clone):
    output = clone.dvc("exp", "run", "--temp", "-S", "lr=-1", check=False)
    lines = [line for line in output.splitlines() if "received -1" in line]
    assert lines == ["params.yaml: lr: expected a number greater than 0 and at most 10, received -1"]
    assert "Traceback" not in output


def test_verify_says_which_recorded_number_cannot_be_had_again(clone):
    done = clone.python("-m", "study", "verify", "--runs", "3")
    assert done.returncode == 0, done.stderr
    assert "3 of 3 runs gave every recorded number again" in done.stderr
    path = clone.folder / "reports/results/confirm/efficientnet-lite1.json"
    before = path.read_text()
    content = files.read_json(path)
    content["record"][0]["results"][1]["test_accuracy"] += 1e-9
    files.write_json(path, content)
    try:
        done = clone.python("-m", "study", "verify", "--all")
    finally:
        path.write_text(before)
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if "expected the recorded numbers" in line]
    assert len(told) == 1
    assert told[0].startswith("efficientnet-lite1/")
    assert f"{N_RUNS - 1} of {N_RUNS} runs" in done.stderr


def test_verify_on_another_machine_allows_what_rounding_does(clone):
    path = clone.folder / "reports/results/explore/efficientnet-lite0.json"
    before = path.read_text()
    content = files.read_json(path)
    content["record"][0]["instructions"] = "x86-64-v2"
    try:
        for added, code in ((1e-9, 0), (0.5, 1)):
            for row in content["record"][0]["results"]:
                row["test_log_loss"] += added
            files.write_json(path, content)
            done = clone.python("-m", "study", "verify", "--runs", "6")
            assert done.returncode == code, done.stderr
            assert "not as recorded: instructions: x86-64-v2, now" in done.stderr
            assert "times what rounding alone does" in done.stderr
    finally:
        path.write_text(before)


def test_analyse_refuses_results_of_other_code_and_of_missing_runs(clone):
    path = clone.folder / "reports/results/explore/efficientnet-lite0.json"
    before = path.read_text()
    tables = clone.bytes_of(*NUMBERS)
    other, fewer = files.read_json(path), files.read_json(path)
    other["record"][0]["source_sha256"] = "0" * 64
    del fewer["record"][0]["results"][3]
    try:
        for content, said in (
            (other, "expected results of the training code"),
            (fewer, "none of 1, such as"),
        ):
            files.write_json(path, content)
            done = clone.python("-m", "study.stages.analyse")
            assert done.returncode == 1
            assert said in done.stderr
            assert len(done.stderr.splitlines()) == 1
    finally:
        path.write_text(before)
    assert differing(clone.bytes_of(*NUMBERS), tables) == []


def test_plan_counts_what_runs(clone):
    done = clone.python("-m", "study", "plan", "--no-time")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    total = next(row for row in rows if "all" in row)
    assert str(N_RUNS) in total


def test_metrics_and_plots_are_those_that_dvc_users_know(clone, tmp_path):
    assert "soft_voting_acc" in clone.dvc("metrics", "show")
    assert "Error" not in clone.dvc("metrics", "diff", "HEAD~1")
    clone.dvc("plots", "show", "--out", str(tmp_path / "plots"))
    assert "vega" in (tmp_path / "plots/index.html").read_text()


def test_a_change_of_a_template_runs_the_report_alone(clone, tmp_path):
    """In a clone without a cache too, where it is rendered."""
    template = clone.folder / "templates/report.html.j2"
    before = template.read_text()
    changed = before.replace("</body>", "<!-- changed --></body>")
    template.write_text(changed)
    try:
        assert ran(clone.dvc("repro", "--dry")) == ["inputs", "report"]
    finally:
        template.write_text(before)
    second = Clone.of(clone, tmp_path / "second")
    (second.folder / "templates/report.html.j2").write_text(changed)
    assert ran(second.dvc("repro", "--allow-missing")) == ["inputs", "report"]
    assert "<!-- changed -->" in (second.folder / "reports/report.html").read_text()


def test_a_cache_that_was_damaged_is_found(clone, tmp_path):
    """DVC gives back what its cache holds without reading it."""
    other = Clone.of(clone, tmp_path / "other")
    shutil.copytree(clone.folder / ".dvc/cache", other.folder / ".dvc/cache")
    backbone = SMALL["backbones"][0]
    place = f"data/features/{backbone}/train.npy"
    digest = hashlib.md5((clone.folder / place).read_bytes(), usedforsecurity=False).hexdigest()
    cached = other.folder / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    damaged = bytearray(cached.read_bytes())
    damaged[5000] ^= 1
    cached.chmod(0o644)
    cached.write_bytes(damaged)
    cached.chmod(0o444)
    assert "Traceback" not in other.dvc("checkout")
    done = other.python("-m", "study.stages.train", backbone)
    assert done.returncode == 1
    advice = f"dvc repro --force --single-item features@{backbone}"
    assert done.stderr.startswith(f"{place}: expected the SHA-256 that stands beside it")
    assert done.stderr.endswith(f"; run {advice}\n")
    other.dvc(*advice.split()[1:])
    assert (other.folder / place).read_bytes() == (clone.folder / place).read_bytes()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be taken away here")
def test_another_clone_gives_the_same_bytes_on_one_core(clone, tmp_path):
    other = Clone.of(clone, tmp_path / "other")
    committed = other.bytes_of(*NUMBERS, *REPORT)
    assert len(committed) > 50
    for name in committed:
        (other.folder / name).unlink()
    other.dvc("repro", "--force", cores=1)
    assert differing(other.bytes_of(*NUMBERS, *REPORT), committed) == []
