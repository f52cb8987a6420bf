"""What the plan says before anything runs."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from study import params
from study.data.dataset import Dataset, save
from study.files import FileError
from study.params import ParamsError
from study.runs import cost_model, planning
from study.tables.definitions import SPLITS

ROOT = Path(__file__).parents[2]
PAPER = ["dataset=cinic10", "backbones=[resnet50, efficientnetv2-b0, convnext-tiny]"]


def chosen(*changes):
    return params.load(ROOT / "params.yaml", changes=("image_size=32", *changes))


def fixed_pace(_):
    return cost_model.Pace(1e-3, {32: 1e-3, 64: 1e-3, 128: 2e-3}, 1e-5, 5.0, 0.25)


def test_the_source_study_is_counted_before_its_data_are_there():
    made = planning.plan(chosen(*PAPER), None)
    explore = [cost for cost in made.costs if cost.phase == "explore"]
    n_settings = 20
    assert [cost.runs for cost in explore] == [n_settings * 10] * 3
    assert [cost.images for cost in explore] == [270_000 + 5 * 10 * 2 * 90_000] * 3
    full, few = 17 * 10, (10 + 50 + 200) * 10 * 10
    naive = full * (10 * 180_000 + 90_000) + few * 10 + 30 * (10 * 90_000 + 90_000)
    assert explore[0].naive_images == naive
    assert all(cost.seconds is None for cost in made.costs)
    assert 5e9 < made.disk_bytes < 30e9


def test_fresh_views_cost_as_many_images_as_runs_and_epochs():
    fresh = planning.plan(chosen(*PAPER, "augment.views=fresh"), None)
    assert fresh.costs[0].images == 270_000 + 5 * 10 * 10 * 90_000


def test_time_is_the_sum_of_its_parts():
    one = chosen(
        "sweep.augmentation=[none]", "sweep.batch_size=[128]", "sweep.images_per_class=[all]", "seeds=1"
    )
    cost = planning.plan(one, fixed_pace).costs[0]
    n_runs, steps = 6 + 2 + 2, 10 * 5
    expected = (
        1797 * 1e-3 + 3 * 5 + n_runs * 0.25 + n_runs * (steps * 2e-3 + (10 * (599 + 599) + 1797) * 1e-5)
    )
    assert cost.runs == n_runs
    assert cost.seconds == pytest.approx(expected)


def test_what_does_not_fit_is_said(monkeypatch):
    monkeypatch.setattr(planning, "_available_memory", lambda: 1e9)
    monkeypatch.setattr(
        planning.shutil, "disk_usage", lambda _: planning.shutil._ntuple_diskusage(2e9, 1e9, 1e9)
    )
    warnings = planning.plan(chosen(*PAPER), None).warnings
    assert [one.partition(":")[0] for one in warnings] == ["memory", "disk"]
    assert all("1.0 GB are free" in one for one in warnings)
    monkeypatch.undo()
    assert planning.plan(chosen(), None).warnings == ()


def test_a_dataset_of_unknown_size_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        FileError, match=r"expected the packed dataset x\.tar\.gz, .* run dvc repro data first"
    ):
        planning.plan(chosen("dataset=x.tar.gz"), None)


def test_a_dataset_is_known_by_its_address_without_what_may_be_secret(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    address = "https://me:secret@example.org/set.tar.gz"
    with pytest.raises(
        FileError, match=r"expected the packed dataset https://example\.org/set\.tar\.gz, whose"
    ):
        planning.plan(chosen(f"dataset={address}"), None)
    images = dict.fromkeys(SPLITS, np.zeros((400, 8, 8, 3), np.uint8))
    labels = dict.fromkeys(SPLITS, np.repeat(np.arange(2, dtype=np.uint8), 200))
    data = Dataset("set", "https://example.org/set.tar.gz", ("cat", "dog"), images, labels, labels)
    save(data, Path("data/dataset"))
    assert planning.plan(chosen(f"dataset={address}"), None).costs


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("lr", "--set: expected name=value, received 'lr'"),
        ("sweeps.lr=[1]", "--set: expected a parameter of params.yaml, received 'sweeps.lr'"),
        ("lr=-1", "params.yaml: lr: expected a number greater than 0 and at most 10, received -1"),
        ("lr=[1", "--set lr: line 1: expected valid YAML"),
        ("learning=1", "params.yaml: learning: "),
    ],
)
def test_a_wrong_change_is_one_line(change, message):
    with pytest.raises(ParamsError) as caught:
        chosen(change)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_fits_eighty_columns_and_measures_this_machine():
    done = subprocess.run(
        [sys.executable, "-m", "study", "plan", "--set", "backbones=[efficientnet-lite0]"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    rows = [line.split() for line in done.stdout.splitlines()]
    assert next(row for row in rows if row[:1] == ["all"])[-1] in ("s", "min", "h")


def test_a_path_with_which_dvc_cannot_experiment_is_said(tmp_path, monkeypatch):
    (tmp_path / "ü").mkdir()
    for folder, n_warnings in ((tmp_path, 0), (tmp_path / "ü", 1)):
        monkeypatch.chdir(folder)
        told = [one for one in planning.plan(chosen(), None).warnings if "--temp" in one]
        assert len(told) == n_warnings


def test_the_plan_counts_the_memory_of_a_batch():
    small, large = (planning.plan(chosen(f"batch_size={size}"), None).memory_bytes for size in (128, 8192))
    assert large - small == pytest.approx((8192 - 128) * 4 * (12 * 1280 + 4 * 512), rel=1e-3)
    with pytest.raises(ParamsError, match="batch_size: expected training to fit the 3 GB"):
        planning.plan(chosen("batch_size=1000000000"), None)
