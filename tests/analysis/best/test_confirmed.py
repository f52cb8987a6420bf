"""The confirmed settings."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from study.analysis.best.confirmed import best
from study.analysis.correctness import Correctness
from study.analysis.statistics.crossed import crossed_interval
from study.analysis.statistics.intervals import mean_interval
from study.tables.definitions import SELECTION, SETTINGS
from tests.analysis.rules import RULES


@pytest.fixture
def settings():
    row = {"batch_size": 64, "dropout": 0.5, "l1": 0.0, "augmentation": "none", "images_per_class": "all"}
    rows = [
        {"setting": "reference", "factor": "reference", "level": "reference", "lr": 0.0005, **row},
        {"setting": "lr=0.001", "factor": "lr", "level": "0.001", "lr": 0.001, **row},
    ]
    return SETTINGS.conform(pd.DataFrame(rows))


@pytest.fixture
def selection():
    row = {"n": 3, "valid_mean": 0.5, "valid_sd": 0.1, "runner_up": "", "runner_up_valid_mean": np.nan}
    rows = [
        {"model": model, "setting": setting, **row, "n_settings": 2}
        for model, setting in (("b", "lr=0.001"), ("a", "reference"))
    ]
    return SELECTION.conform(pd.DataFrame(rows))


@pytest.fixture
def runs(rng, results_of):
    explore = results_of(
        {(model, name): [0.5, 0.7, 0.6] for model in "ba" for name in ("reference", "lr=0.001")}
    )
    matrices = {
        ("b", "lr=0.001"): rng.uniform(size=(4, 50)) < 0.6,
        ("a", "reference"): np.ones((4, 50), bool),
    }
    confirm = results_of({key: matrix.mean(axis=1) for key, matrix in matrices.items()}, phase="confirm")
    confirm["valid_accuracy"] = 0.8
    confirm.loc[1, "status"] = "diverged"
    matrix = np.concatenate([np.zeros((len(explore), 50), bool), *matrices.values()])
    results = pd.concat([explore, confirm], ignore_index=True)
    return results, matrices["b", "lr=0.001"], Correctness(matrix, tuple(results["run"]))


def test_an_optional_factor_stands_where_the_settings_have_it(runs, settings, selection):
    results, _, correct = runs
    assert "weight_decay" not in best(results, settings, selection, correct, rules=RULES)
    decayed = SETTINGS.conform(settings.assign(weight_decay=[0.0, 0.004]))
    table = best(results, decayed, selection, correct, rules=RULES).set_index("model")
    assert table["weight_decay"].to_dict() == {"a": 0.0, "b": 0.004}


def test_numbers_are_of_confirmed_test_accuracy(runs, settings, selection):
    results, confirmed, correct = runs
    table = best(results, settings, selection, correct, rules=RULES)
    assert list(table["model"]) == ["a", "b"]
    row = table.set_index("model").loc["b"]
    interval = mean_interval(confirmed.mean(axis=1), alpha=0.05)
    assert (row["setting"], row["lr"], row["batch_size"]) == ("lr=0.001", 0.001, 64)
    assert (row["n"], row["n_diverged"]) == (4, 1)
    assert (row["mean"], row["sd"], row["ci_low"], row["ci_high"]) == pytest.approx(
        tuple(map(float, interval[1:]))
    )
    assert (row["image_ci_low"], row["image_ci_high"]) == crossed_interval(confirmed, alpha=0.05)
    means = row[["explore_valid_mean", "confirm_valid_mean", "explore_test_mean"]].astype(float)
    assert means.to_numpy() == pytest.approx([0.6, 0.8, 0.6])


def test_equal_runs_have_an_interval_of_no_width(runs, settings, selection):
    results, _, correct = runs
    row = best(results, settings, selection, correct, rules=replace(RULES, alpha=0.2)).iloc[0]
    assert (row["mean"], row["ci_low"], row["ci_high"], row["image_ci_low"]) == (1, 1, 1, 1)
    few = best(results, settings, selection, correct, rules=RULES).iloc[0]
    assert few[["ci_low", "ci_high", "image_ci_low", "image_ci_high"]].isna().all()


def test_a_selected_setting_that_is_unknown_is_named(runs, settings, selection):
    results, _, correct = runs
    with pytest.raises(ValueError, match=r"expected one row of lr=0\.001, received 0"):
        best(results, settings[settings["setting"] == "reference"], selection, correct, rules=RULES)


def test_without_confirm_runs_there_is_no_mean(runs, settings, selection):
    results, _, correct = runs
    table = best(results[results["phase"] == "explore"], settings, selection, correct, rules=RULES)
    assert set(table["n"]) == {0}
    assert table[["mean", "ci_low", "confirm_valid_mean"]].isna().all(axis=None)
