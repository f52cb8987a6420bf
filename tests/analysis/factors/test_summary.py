"""Means of every metric."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis.correctness import Correctness
from study.analysis.factors.summary import summarise
from study.analysis.statistics.crossed import crossed_interval
from tests.analysis.rules import RULES

SETTINGS = ("reference", "lr=0.0001", "lr=0.001", "dropout=0.3")


@pytest.fixture
def runs(rng, results_of):
    correct = {("a", name): rng.uniform(size=(5, 60)) < 0.6 for name in SETTINGS}
    confirmed = rng.uniform(size=(4, 60)) < 0.7
    origins = np.array(["cifar10"] * 20 + ["imagenet"] * 40)
    results = pd.concat(
        [
            results_of({key: matrix.mean(axis=1) for key, matrix in correct.items()}),
            results_of({("a", "lr=0.001"): confirmed.mean(axis=1)}, phase="confirm"),
        ],
        ignore_index=True,
    )
    matrix = np.concatenate([*correct.values(), confirmed])
    results["test_accuracy_cifar10"] = matrix[:, :20].mean(axis=1)
    results["test_accuracy_imagenet"] = matrix[:, 20:].mean(axis=1)
    return results, matrix, Correctness(matrix, tuple(results["run"]), origins)


def at(table, **key):
    chosen = table
    for column, value in key.items():
        chosen = chosen[chosen[column] == value]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_the_reference_stands_in_every_factor(runs, levels):
    results, _, correct = runs
    table = summarise(results, levels, correct, rules=RULES)
    explore = table[table["phase"] == "explore"]
    names = explore[["factor", "level"]].drop_duplicates().to_numpy().tolist()
    assert names == levels[["factor", "level"]].to_numpy().tolist()
    numbers = ["n", "mean", "sd", "image_ci_low"]
    pd.testing.assert_frame_equal(
        explore.loc[(explore["factor"] == "lr") & (explore["level"] == "0.0005"), numbers].reset_index(
            drop=True
        ),
        explore.loc[(explore["factor"] == "dropout") & (explore["level"] == "0.5"), numbers].reset_index(
            drop=True
        ),
    )


def test_numbers_of_one_row(runs, levels):
    results, matrix, correct = runs
    table = summarise(results, levels, correct, rules=RULES)
    row = at(table, factor="lr", level="0.0001", split="test", metric="accuracy")
    values = matrix[5:10].mean(axis=1)
    low, high = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
    assert (row["n"], row["n_diverged"]) == (5, 0)
    assert (row["mean"], row["sd"]) == pytest.approx((values.mean(), values.std(ddof=1)))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))
    assert row["sd_ci_low"] == pytest.approx(values.std(ddof=1) * np.sqrt(4 / stats.chi2.ppf(0.975, 4)))
    assert (row["image_ci_low"], row["image_ci_high"]) == crossed_interval(matrix[5:10], alpha=0.05)


def test_splits_and_metrics(runs, levels):
    results, _, correct = runs
    table = summarise(results, levels, correct, rules=RULES)
    one = table[(table["factor"] == "lr") & (table["level"] == "0.001")]
    assert one[["split", "metric"]].to_numpy().tolist() == [
        ["train", "accuracy"],
        ["train", "log_loss"],
        ["valid", "accuracy"],
        ["valid", "log_loss"],
        ["valid", "calibration_error"],
        ["test", "accuracy"],
        ["test", "log_loss"],
        ["test", "calibration_error"],
        ["test", "accuracy_cifar10"],
        ["test", "accuracy_imagenet"],
    ]
    over_images = one["image_ci_low"].notna()
    assert list(one.loc[over_images, "metric"]) == ["accuracy", "accuracy_cifar10", "accuracy_imagenet"]
    assert set(one.loc[over_images, "split"]) == {"test"}


def test_validation_accuracy_has_an_interval_over_images_where_its_images_are_known(runs, levels):
    results, matrix, correct = runs
    valid = Correctness(~matrix, tuple(results["run"]))
    table = summarise(results, levels, correct, rules=RULES, valid=valid)
    row = at(table, factor="lr", level="0.0001", split="valid", metric="accuracy")
    assert (row["image_ci_low"], row["image_ci_high"]) == crossed_interval(~matrix[5:10], alpha=0.05)
    assert table.loc[table["split"] == "train", "image_ci_low"].isna().all()


def test_accuracy_by_origin(runs, levels):
    results, matrix, correct = runs
    table = summarise(results, levels, correct, rules=RULES)
    row = at(table, factor="dropout", level="0.5", metric="accuracy_cifar10")
    assert row["mean"] == pytest.approx(matrix[:5, :20].mean())
    assert (row["image_ci_low"], row["image_ci_high"]) == crossed_interval(matrix[:5, :20], alpha=0.05)


def test_confirm_rows_are_called_selected(runs, levels):
    results, matrix, correct = runs
    table = summarise(results, levels, correct, rules=RULES)
    row = at(table, phase="confirm", split="test", metric="accuracy")
    assert (row["factor"], row["level"], row["n"]) == ("selected", "lr=0.001", 4)
    assert row["mean"] == pytest.approx(matrix[-4:].mean())


def test_a_diverged_run_is_counted_and_stays(runs, levels):
    results, _, correct = runs
    lost = results["run"] == "a/lr=0.0001/explore/2"
    results.loc[lost, "status"] = "diverged"
    results.loc[lost, ["test_log_loss", "train_log_loss"]] = [np.nan, np.inf]
    table = summarise(results, levels, correct, rules=RULES)
    key = {"factor": "lr", "level": "0.0001"}
    accuracy = at(table, **key, split="test", metric="accuracy")
    assert (accuracy["n"], accuracy["n_diverged"]) == (5, 1)
    assert accuracy["mean"] == pytest.approx(
        results.loc[results["setting"] == "lr=0.0001", "test_accuracy"].mean()
    )
    for split in ("test", "train"):
        loss = at(table, **key, split=split, metric="log_loss")
        assert (loss["n"], loss["n_diverged"]) == (5, 1)
        assert loss[["mean", "sd", "ci_low", "sd_ci_low"]].isna().all()
    assert np.isfinite(at(table, **key, split="valid", metric="log_loss")["mean"])


def test_one_replicate_has_a_mean_alone(runs, levels):
    results, _, correct = runs
    table = summarise(results[results["replicate"] == 1], levels, correct, rules=RULES)
    assert table["mean"].notna().all()
    columns = ["sd", "ci_low", "ci_high", "sd_ci_low", "sd_ci_high", "image_ci_low", "image_ci_high"]
    assert table[columns].isna().all(axis=None)


def test_a_level_without_runs_has_no_row(runs, levels):
    results, _, correct = runs
    table = summarise(results[results["setting"] != "lr=0.0001"], levels, correct, rules=RULES)
    assert "0.0001" not in set(table["level"])


def test_order_of_rows_does_not_matter(runs, levels):
    results, _, correct = runs
    tables = [
        summarise(rows, levels, correct, rules=RULES)
        for rows in (results, results.sample(frac=1, random_state=5))
    ]
    pd.testing.assert_frame_equal(*tables, check_exact=True)
