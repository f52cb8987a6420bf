"""The whole chain on a small study, as a person runs it with dvc in a clone of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
SMALL = {
    "backbones": ["efficientnet-lite0", "efficientnet-lite1"],
    "seeds": 2,
    "confirm_seeds": 2,
    "epochs": 2,
    "sweep": {
        "lr": [0.0005, 0.001],
        "batch_size": [128],
        "dropout": [0.5],
        "l1": [0.0],
        "augmentation": ["none", "rotation", "cutmix"],
        "images_per_class": [10, 200, "all"],
    },
}
N_SETTINGS = 5

pytestmark = pytest.mark.slow


class Clone:
    """A git clone of the working tree with a small study's parameters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tracked = self._output("git", "-C", str(ROOT), "ls-files", "-z").split("\0")
        for name in filter(None, tracked):
            source, target = ROOT / name, folder / name
            if source.is_file() and not name.startswith("reports/") and name != "dvc.lock":
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        yaml = YAML()
        values = yaml.load(folder / "params.yaml")
        values.update(SMALL)
        values["augment"]["views"] = 2
        values["analysis"]["verify_runs"] = 2
        yaml.dump(values, folder / "params.yaml")
        self.git("init", "-q")
        self.commit("start")

    def git(self, *arguments: str) -> str:
        return self._output("git", *arguments)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", message)

    def dvc(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
            text=True,
        )
        if check and done.returncode:
            raise AssertionError(f"dvc {arguments}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout + done.stderr

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
            text=True,
        )

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "dvc", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        columns = {"COLUMNS": "200"}
        names = {
            f"GIT_{role}_{what}": "t@example.org"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        return {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1", **names, **columns}

    def stored(self) -> set[Path]:
        return set((self.folder / ".study").rglob("*.npz"))

    def bytes_of(self, *patterns: str) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for pattern in patterns
            for path in sorted(self.folder.glob(pattern))
        }

    def _output(self, *command: str) -> str:
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout


NUMBERS = ("reports/tables/*", "reports/metrics.json", "reports/results/*/*")
REPORT = ("reports/report.html", "reports/report.tex", "reports/report-numbers.tex", "reports/figures/*")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    made = Clone(tmp_path_factory.mktemp("clone"))
    made.dvc("repro")
    made.commit("results")
    return made


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
    models = json.loads((clone.folder / "reports/models.json").read_text())["models"]
    assert [one["name"] for one in models] == [*SMALL["backbones"], "ensemble"]
    assert [one["n_classes_different"] for one in models] == [0, 0, 0]
    assert max(one["max_abs_difference"] for one in models) < 1e-5
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
    assert ran(clone.dvc("repro")) == []


def test_a_change_of_a_template_runs_the_report_alone(clone):
    template = clone.folder / "templates/report.html.j2"
    before = template.read_text()
    template.write_text(before.replace("</body>", "<!-- changed --></body>"))
    try:
        assert ran(clone.dvc("repro")) == ["report"]
        assert "<!-- changed -->" in (clone.folder / "reports/report.html").read_text()
    finally:
        template.write_text(before)
    clone.dvc("repro")


def test_another_reference_trains_only_runs_that_are_new(clone):
    before = clone.stored()
    output = clone.dvc("exp", "run", "--temp", "-S", "lr=0.001")
    new = clone.stored() - before
    # lr=0.0005 and lr=0.001 were both there; rotation, cutmix and 10 images are new at lr 0.001.
    explored = 2 * 3 * 2
    assert explored <= len(new) <= explored + 2 * 2
    assert "8 of them in the run store" in output or "4 of them in the run store" in output
    header = clone.dvc("exp", "show", "--csv").splitlines()[0].split(",")
    metrics = header[header.index("parent") + 1 : header.index("dataset")]
    assert {"efficientnet-lite0_acc", "soft_voting_acc", "runs"} <= set(metrics)
    assert len(metrics) <= 13
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
    content = json.loads(before)
    content["record"][0]["results"][1]["test_accuracy"] += 1e-9
    path.write_text(json.dumps(content))
    try:
        done = clone.python("-m", "study", "verify", "--all")
    finally:
        path.write_text(before)
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if "expected the recorded numbers" in line]
    assert len(told) == 1
    assert told[0].startswith("efficientnet-lite1/")
    assert "23 of 24 runs" in done.stderr


def test_analyse_refuses_results_of_other_code_and_of_missing_runs(clone):
    path = clone.folder / "reports/results/explore/efficientnet-lite0.json"
    before = path.read_text()
    tables = clone.bytes_of(*NUMBERS)
    other, fewer = json.loads(before), json.loads(before)
    other["record"][0]["source_sha256"] = "0" * 64
    del fewer["record"][0]["results"][3]
    try:
        for content, said in (
            (other, "expected results of the training code"),
            (fewer, "none of 1, such as"),
        ):
            path.write_text(json.dumps(content))
            done = clone.python("-m", "study.stages.analyse")
            assert done.returncode == 1
            assert said in done.stderr
            assert len(done.stderr.splitlines()) == 1
    finally:
        path.write_text(before)
    assert clone.bytes_of(*NUMBERS) == tables


def test_plan_counts_what_runs(clone):
    done = clone.python("-m", "study", "plan")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    total = next(row for row in rows if "all" in row)
    assert "24" in total


def test_metrics_and_plots_are_those_that_dvc_users_know(clone, tmp_path):
    assert "soft_voting_acc" in clone.dvc("metrics", "show")
    assert "Error" not in clone.dvc("metrics", "diff", "HEAD~1")
    clone.dvc("plots", "show", "--out", str(tmp_path / "plots"))
    assert "vega" in (tmp_path / "plots/index.html").read_text()


def test_a_clone_without_a_cache_renders_its_report_again(clone, tmp_path):
    clone.git("clone", "-q", str(clone.folder), str(tmp_path / "second"))
    second = tmp_path / "second"
    template = second / "templates/report.html.j2"
    template.write_text(template.read_text().replace("</body>", "<!-- changed --></body>"))
    done = subprocess.run(
        clone.command("repro", "--allow-missing"),
        cwd=second,
        env=clone.environment,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert ran(done.stdout) == ["report"]


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_repro_is_taken_up_again_with_the_same_bytes(clone, tmp_path_factory, sign):
    """Killed while it trains; the next repro trains what is missing and ends with the same tables."""
    other = Clone(tmp_path_factory.mktemp("killed"))
    other.dvc("repro", "features@efficientnet-lite0")
    process = subprocess.Popen(
        other.command("repro"),
        cwd=other.folder,
        env=other.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while not other.stored() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, sign)
    process.wait(timeout=120)
    kept = other.stored()
    assert 0 < len(kept) < 2 * N_SETTINGS * 2
    stamps = {path: path.stat().st_mtime_ns for path in kept}
    other.dvc("repro")
    assert {path: path.stat().st_mtime_ns for path in kept} == stamps
    assert other.bytes_of(*NUMBERS) == clone.bytes_of(*NUMBERS)
