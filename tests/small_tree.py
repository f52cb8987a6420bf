"""A folder in which a small study has run: its stages ran, but the store held made-up outcomes for them."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from ruamel.yaml import YAML

from study import design, files, params
from study.analysis.statistics.metrics import accuracy
from study.backbones.outputs import outputs
from study.pipeline import paths, results
from study.runs.phase import Bench
from study.stages.features import record
from study.training.runs import HISTORY_COLUMNS, Outcome
from study.training.store import RunStore

ROOT = Path(__file__).parents[1]
CLASSES = ("<script>alert(1)<", "a_b%&\\input{x}", "cat")
PER_CLASS = 8
BACKBONES = ("efficientnet-lite0", "efficientnet-lite1")
PARAMETERS = {
    "dataset": "set",
    "backbones": list(BACKBONES),
    "weights": "random",
    "seeds": 3,
    "confirm_seeds": 3,
    "variance_seeds": 2,
    "epochs": 2,
    "models": "none",
    "sweep": {
        "lr": [0.0005, 0.001],
        "batch_size": [128],
        "dropout": [0.5],
        "l1": [0.0],
        "augmentation": ["none"],
        "images_per_class": [2, "all"],
    },
}
N_FEATURES = 4


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder, as a person would after cd."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def stage(name: str, *arguments: str) -> None:
    """Run a stage of the pipeline in the present folder."""
    before, sys.argv = sys.argv, [f"study.stages.{name}", *arguments]
    try:
        importlib.import_module(f"study.stages.{name}").main()
    finally:
        sys.argv = before


def parameters(*, looks: Sequence[int] = ()) -> str:
    """The text of params.yaml, a parameter a line."""
    values = YAML(typ="safe").load(ROOT / "params.yaml") | PARAMETERS
    values["analysis"]["verify_runs"] = 0
    if looks:
        values["seeds"] = looks[-1]
        values["analysis"]["looks"] = list(looks)
    lines = []
    for name, value in values.items():
        if isinstance(value, dict):
            lines += [f"{name}:", *(f"  {inner}: {json.dumps(one)}" for inner, one in value.items())]
        else:
            lines.append(f"{name}: {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def write_images(folder: Path, *, seed: int) -> None:
    """A data set laid out like CINIC-10, 8x8, of classes whose names are markup."""
    rng = np.random.default_rng(seed)
    for split in ("train", "valid", "test"):
        for label in CLASSES:
            (folder / split / label).mkdir(parents=True)
            for number in range(PER_CLASS):
                pixels = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / split / label / f"cifar10-{split}-{number}.png")


def make(folder: Path, *, looks: Sequence[int] = (), sure: Sequence[str] = ()) -> None:
    """Run the small study in ``folder`` up to its tables.

    Parameters
    ----------
    looks
        Of the explore phase.
    sure
        Backbones whose lr 0.001 answers every test image right.
    """
    folder.mkdir()
    (folder / "params.yaml").write_text(parameters(looks=looks), encoding="utf-8")
    shutil.copytree(ROOT / "templates", folder / "templates")
    write_images(folder / "set", seed=1)
    with inside(folder):
        for name in ("inputs", "data", "limits"):
            stage(name)
        for backbone in BACKBONES:
            stage("weights", backbone)
            _features(backbone)
            _outcomes(backbone, "explore", sure=backbone in sure)
            stage("train", backbone)
            _outcomes(backbone, design.VARIANCE)
            stage("variance", backbone)
        stage("select")
        for backbone in BACKBONES:
            _outcomes(backbone, "confirm")
            stage("confirm", backbone)
        for name in ("ensemble", "analyse", "models", "verify"):
            stage(name)
    start_git(folder)


def start_git(folder: Path) -> None:
    """Make a folder a git clone with one commit of its parameters and templates."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (
        ["init", "-q", "--template="],
        ["add", "params.yaml", "templates"],
        ["commit", "-q", "-m", "start"],
    ):
        subprocess.run([*git, *words], cwd=folder, check=True)


def _features(backbone: str) -> None:
    rng = np.random.default_rng(len(backbone))
    drawn = rng.normal(size=(3, len(CLASSES) * PER_CLASS, N_FEATURES)).astype(np.float16)
    with files.summed_folder(paths.FEATURES / backbone) as folder:
        for split, features in zip(("train", "valid", "test"), drawn, strict=True):
            np.save(folder / f"{split}.npy", features)
    record(backbone, outputs(list(drawn)))


def _outcomes(backbone: str, phase: str, *, sure: bool = False) -> None:
    """Put a made-up outcome of every run of a phase into the store."""
    bench = Bench.read(params.load(paths.PARAMS), backbone)
    if phase == "explore":
        table = design.explore_runs(bench.params, bench.design, backbone)
    elif phase == "confirm":
        table = design.confirm_runs(bench.params, backbone, results.selected(bench.params)[backbone])
    else:
        table = design.variance_runs(bench.params, bench.design, backbone)[0]
    store = RunStore(paths.store())
    for run in bench.runs(table):
        rng = np.random.default_rng([run.init_seed, run.order_seed, round(run.setting.lr * 1e6)])
        probs = rng.dirichlet(np.ones(len(CLASSES)), (3, len(CLASSES) * PER_CLASS)).astype(np.float32)
        if sure and run.setting.lr == 0.001:
            probs[2] = np.eye(len(CLASSES), dtype=np.float32)[bench.dataset.labels["test"]]
        history = rng.uniform(0.1, 0.9, (bench.params.epochs, len(HISTORY_COLUMNS))).astype(np.float32)
        for split, own in (("train", probs[0]), ("valid", probs[1])):
            last = accuracy(own, bench.dataset.labels[split])
            history[-1, HISTORY_COLUMNS.index(f"{split}_accuracy")] = last
        outcome = Outcome(
            run=run,
            history=history,
            train_probs=probs[0],
            train_rows=np.arange(len(CLASSES) * PER_CLASS),
            valid_probs=probs[1],
            test_probs=probs[2],
            weights=[],
            seconds=0.1,
        )
        probabilities = phase == "confirm"
        kept = bench.record(outcome, probabilities=probabilities)
        store.put(bench.inputs(run, probabilities=probabilities), kept)
