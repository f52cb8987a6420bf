"""The run store's key: every input changes it, and nothing else does."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from study import design, params
from study.data.dataset import Dataset
from study.params.model import Model
from study.pipeline import provenance
from study.runs.phase import Bench
from study.tables.definitions import SPLITS
from study.training.runs import Features
from study.training.store import key_of

ROOT = Path(__file__).parents[2]
SHIPPED = params.load(ROOT / "params.yaml")
BACKBONE = "efficientnet-lite0"
HASHES = {"data_sha256": "d", "features_sha256": "f", "weights_sha256": "w", "source_sha256": "s"}
N_SETTINGS, SEEDS = 19, 10

ALL, NONE = N_SETTINGS * SEEDS, 0
NEW_REFERENCE = (N_SETTINGS - 6) * SEEDS
EXPECTED = {
    # The data, the weights and the source of numbers have hashes of their own.
    "dataset": ("cinic10", NONE),
    "dataset_md5": ("ab" * 16, NONE),
    "dataset_mirrors": ("[https://example.org/a]", NONE),
    "drop_shared_images": ("true", NONE),
    "backbones": ("[efficientnet-lite0]", NONE),
    "weights": ("random", NONE),
    "image_size": ("64", ALL),  # native is 48 here
    "seeds": ("11", N_SETTINGS),
    "confirm_seeds": ("11", NONE),
    "variance_seeds": ("3", NONE),
    "study_seed": ("1", ALL),
    "epochs": ("11", ALL),
    "train_eval_images": ("100", ALL),
    "models": ("none", NONE),
    # Settings around another reference: those of the factor itself are there already.
    "lr": ("0.0003", NEW_REFERENCE),
    "batch_size": ("64", (N_SETTINGS - 3) * SEEDS),
    "dropout": ("0.3", (N_SETTINGS - 3) * SEEDS),
    "l1": ("0.0001", (N_SETTINGS - 3) * SEEDS),
    "augmentation": ("zoom", (N_SETTINGS - 6) * SEEDS),
    "images_per_class": ("50", (N_SETTINGS - 3) * SEEDS),  # 200 are all there are here: one level
    "label_smoothing": ("0.1", ALL),
    "weight_decay": ("0.004", ALL),
    "sweep.lr": ("[0.0005, 0.002]", SEEDS),
    "sweep.batch_size": ("[128, 16, 256]", 2 * SEEDS),
    "sweep.dropout": ("[0.5]", NONE),
    "sweep.l1": ("[0.0, 0.01]", SEEDS),
    "sweep.augmentation": ("[none]", NONE),
    "sweep.images_per_class": ("[20, all]", SEEDS),
    "sweep.label_smoothing": ("[0.1, 0.2]", 2 * SEEDS),
    "sweep.weight_decay": ("[0.0]", NONE),
    "augment.views": ("fresh", 5 * SEEDS),
    "augment.rotation": ("20.0", SEEDS),
    "augment.contrast": ("0.4", SEEDS),
    "augment.brightness": ("0.4", SEEDS),
    "augment.zoom": ("0.4", SEEDS),
    "augment.cutmix_alpha": ("0.5", SEEDS),
    "analysis.alpha": ("0.1", NONE),
    "analysis.equivalence_margin": ("0.01", NONE),
    "analysis.selection_rule": ("lower_bound", NONE),
    "analysis.ordered_factors": ("[l1]", NONE),
    "analysis.power": ("0.9", NONE),
    "analysis.looks": ("[3, 10]", NONE),
    "analysis.headline_seeds": ("5", NONE),
    "analysis.calibration_bins": ("10", ALL),
    "analysis.verify_runs": ("1", NONE),
    "execution.executor": ("dask", NONE),
    "execution.workers": ("4", NONE),
    "execution.memory_budget_gb": ("1.0", NONE),
    # Fixed before parameters are loaded; what it decides is among provenance.backend().
    "execution.portable": ("false", NONE),
}
ONE_CHOICE = {
    "analysis.alternative",
    "analysis.correction",
    "analysis.selection_metric",
}


def leaves(model, above=""):
    for name, value in model:
        if isinstance(value, Model):
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def bench(chosen, **hashes):
    labels = np.repeat(np.arange(10, dtype=np.uint8), 200)
    parts = {split: np.zeros(2000, np.uint8) for split in SPLITS}
    data = Dataset(
        "x", "x", tuple("0123456789"),
        images={split: np.zeros((2000, 1, 1, 3), np.uint8) for split in SPLITS},
        labels=dict.fromkeys(SPLITS, labels), origins=parts,
    )  # fmt: skip
    nothing = np.zeros((2000, 1), np.float32)
    features = Features(nothing, nothing, nothing, labels, labels, 10)
    return Bench(chosen.sized((48, 48)), BACKBONE, data, features, HASHES | hashes)


def keys(one):
    table = design.explore_runs(one.params, one.design, BACKBONE)
    return {key_of(one.inputs(run, probabilities=False)) for run in one.runs(table)}


def test_every_parameter_is_decided_on():
    assert set(leaves(SHIPPED)) == set(EXPECTED) | ONE_CHOICE


@pytest.mark.parametrize("name", EXPECTED)
def test_a_changed_parameter_trains_exactly_the_runs_that_it_touches(name):
    value, n_new = EXPECTED[name]
    changed = params.load(ROOT / "params.yaml", changes=[f"{name}={value}"])
    before, after = keys(bench(SHIPPED)), keys(bench(changed))
    assert len(before) == ALL
    assert len(after - before) == n_new


def test_an_optional_factor_that_is_off_is_not_in_the_key():
    """So that the runs of a study that never had the factor are found again."""
    one = bench(SHIPPED)
    (run, *_) = one.runs(design.explore_runs(SHIPPED, one.design, BACKBONE))
    assert set(one.inputs(run, probabilities=False)["run"]) == {
        "lr", "batch_size", "dropout", "l1", "augmentation", "images_per_class",
        "init_seed", "order_seed", "dropout_seed", "subset_seed", "augmentation_seed",
    }  # fmt: skip


@pytest.mark.parametrize("name", HASHES)
def test_another_hash_is_another_run(name):
    assert not keys(bench(SHIPPED)) & keys(bench(SHIPPED, **{name: "other"}))


@pytest.mark.parametrize("name", sorted(provenance.backend()))
def test_another_backend_version_or_device_is_another_run(name, monkeypatch):
    before = keys(bench(SHIPPED))
    other = provenance.backend() | {name: "other"}
    monkeypatch.setattr(provenance, "backend", lambda: other)
    assert not before & keys(bench(SHIPPED))


def test_a_byte_of_any_file_that_makes_numbers_changes_the_source_hash(tmp_path):
    shutil.copytree(ROOT / "study", tmp_path / "study", ignore=shutil.ignore_patterns("__pycache__"))
    package = tmp_path / "study"
    before = provenance.training_source_sha256(package)
    files = [
        file
        for name in provenance.NUMBERS_COME_FROM
        for file in (
            [tmp_path / "study" / name] if name.endswith(".py") else (tmp_path / "study" / name).rglob("*.py")
        )
    ]
    assert len(files) > 10
    for file in files:
        content = file.read_bytes()
        file.write_bytes(content + b"#")
        assert provenance.training_source_sha256(package) != before, file
        file.write_bytes(content)
    assert provenance.training_source_sha256(package) == before
