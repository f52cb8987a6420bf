"""Accuracy and confusion by class, and calibration, against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix

from study.analysis.best.classes import confusion, confusion_counts, per_class
from study.analysis.calibration import binned, calibration_floor, expected_error, reliability
from study.analysis.correctness import Correctness
from study.analysis.statistics.crossed import crossed_interval
from study.analysis.statistics.metrics import calibration_error
from tests.analysis.rules import RULES

CLASSES = ("cat", "dog", "frog")


@pytest.fixture
def predicted(rng):
    labels = rng.integers(0, 3, 90).astype(np.uint8)
    wrong = rng.random((6, 90)) < 0.3
    return np.where(wrong, rng.integers(0, 3, (6, 90)), labels).astype(np.uint8), labels


def rows_of(results_of, n):
    return results_of({("a", "s"): [0.5] * n, ("b", "s"): [0.5] * n}, "confirm")


def test_counts_are_those_of_scikit_learn(predicted):
    classes, labels = predicted
    counts = confusion_counts(classes, labels, 3)
    for row, count in zip(classes, counts, strict=True):
        np.testing.assert_array_equal(count, confusion_matrix(labels, row))


def test_shares_of_a_class_sum_to_one_and_its_own_is_its_accuracy(predicted, results_of):
    counts = confusion_counts(*predicted, 3)
    results = rows_of(results_of, 3)
    shares = confusion(results, counts, CLASSES)
    right = predicted[0] == predicted[1]
    correct = Correctness(right, tuple(results["run"]))
    accuracy = per_class(results, counts, CLASSES, correct, predicted[1], rules=RULES)
    assert shares.groupby(["model", "true"])["share"].sum().to_numpy() == pytest.approx(np.ones(6))
    own = shares[shares["true"] == shares["predicted"]]["share"].to_numpy()
    assert own == pytest.approx(accuracy["mean"].to_numpy())
    cats = predicted[1] == 0
    assert accuracy.iloc[0]["mean"] == pytest.approx((predicted[0][:3, cats] == 0).mean())
    expected = crossed_interval(right[:3, cats], alpha=0.05)
    assert tuple(accuracy.iloc[0][["image_ci_low", "image_ci_high"]]) == pytest.approx(expected)
    assert accuracy["n_images"].tolist()[:3] == np.bincount(predicted[1]).tolist()


def test_counts_of_other_runs_are_refused(predicted, results_of):
    with pytest.raises(ValueError, match="expected counts of 4 runs, received 6"):
        confusion(rows_of(results_of, 2), confusion_counts(*predicted, 3), CLASSES)


@pytest.fixture
def probabilities(rng):
    labels = rng.integers(0, 3, 4000)
    logits = rng.normal(size=(4000, 3)) + 1.5 * np.eye(3)[labels]
    return np.exp(logits) / np.exp(logits).sum(1, keepdims=True), labels


def test_bins_are_those_of_scikit_learn(probabilities):
    probs, labels = probabilities
    share, confidence, accuracy = binned(probs, labels, bins=10)
    right = (probs.argmax(1) == labels).astype(int)
    expected_accuracy, expected_confidence = calibration_curve(right, probs.max(1), n_bins=10)
    filled = share > 0
    assert accuracy[filled] == pytest.approx(expected_accuracy)
    assert confidence[filled] == pytest.approx(expected_confidence)
    assert share.sum() == pytest.approx(1)
    gap = (share * np.abs(accuracy - confidence))[filled].sum()
    assert gap == pytest.approx(calibration_error(probs, labels, bins=10))


def test_a_probability_on_the_edge_of_a_bin_belongs_below():
    share, *_ = binned(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0, 0]), bins=4)
    assert share.tolist() == [0, 0.5, 0, 0.5]


def test_replicates_that_fill_a_bin_are_counted(results_of):
    first = binned(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 0]), bins=2)
    second = binned(np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([0, 1]), bins=2)
    results = results_of({("a", "s"): [1.0, 0.5]}, "confirm")
    table = reliability(results, [first, second], rules=RULES).set_index("bin")
    assert table["n"].to_dict() == {0: 1, 1: 2}
    assert table.loc[0, "share"] == pytest.approx(0.25)
    assert np.isnan(table.loc[0, "accuracy_ci_low"])
    assert isinstance(table, pd.DataFrame)


def test_a_perfectly_calibrated_model_has_the_floor(rng):
    """Labels drawn from the probabilities themselves, 300 times: the measured error is the floor alone."""
    sure = np.clip(rng.beta(8, 2, 599), 0.5, 1.0)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    measured = [
        calibration_error(probabilities, (rng.random(599) > sure).astype(int), bins=15) for _ in range(300)
    ]
    assert expected_error(probabilities, bins=15) == pytest.approx(np.mean(measured), rel=0.06)
    assert expected_error(np.tile([1.0, 0.0], (9, 1)), bins=15) == 0.0


def test_the_floor_stands_beside_the_measured_error(probabilities, results_of):
    probs, labels = probabilities
    results = results_of({("a", "s"): [0.5] * 2, ("b", "s"): [0.5]}, "confirm")
    table = calibration_floor(results, np.stack([probs] * 3), labels, rules=RULES).set_index("model")
    assert table["n"].to_dict() == {"a": 2, "b": 1}
    assert table.loc["a", "calibration_error"] == pytest.approx(calibration_error(probs, labels, bins=15))
    assert table.loc["a", "floor"] == pytest.approx(expected_error(probs, bins=15))
