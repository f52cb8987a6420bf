"""Scores against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import log_loss as sklearn_log_loss

from study.analysis.statistics.metrics import CLIP, accuracy, calibration_error, log_loss

PROBABILITIES = np.array([[0.9, 0.1], [0.58, 0.42], [0.3, 0.7], [0.55, 0.45]], dtype=np.float32)
LABELS = np.array([0, 1, 1, 1], dtype=np.uint8)


def test_accuracy_is_the_share_of_most_probable_classes_that_are_right():
    assert accuracy(PROBABILITIES, LABELS) == 0.5


def test_the_lowest_class_wins_a_tie():
    assert accuracy(np.array([[0.5, 0.5]]), np.array([0])) == 1.0
    assert accuracy(np.array([[0.5, 0.5]]), np.array([1])) == 0.0


def test_log_loss_is_that_of_scikit_learn(rng):
    probabilities = rng.dirichlet(np.ones(7), size=200)
    labels = rng.integers(0, 7, size=200)
    assert log_loss(probabilities, labels) == pytest.approx(
        sklearn_log_loss(labels, probabilities, labels=range(7)), rel=1e-12
    )


def test_log_loss_of_a_confident_error_stops_at_the_clip():
    confident = np.array([[1.0, 0.0]])
    assert log_loss(confident, np.array([1])) == pytest.approx(-np.log(CLIP))
    assert log_loss(confident, np.array([1]), clip=0.01) == pytest.approx(-np.log(0.01))
    assert log_loss(confident, np.array([0])) == 0.0


def test_calibration_error_by_hand():
    # Two bins over (0, 1]: all four confidences (0.9, 0.58, 0.7, 0.55) are in the upper one, accuracy 0.5.
    assert calibration_error(PROBABILITIES, LABELS, bins=2) == pytest.approx(abs(0.5 - 2.73 / 4))
    # Ten bins: 0.9 and 0.7 alone and right, 0.58 and 0.55 together in (0.5, 0.6] and both wrong.
    assert calibration_error(PROBABILITIES.astype(float), LABELS, bins=10) == pytest.approx(
        (0.1 + 0.3 + 1.13) / 4
    )


def test_a_bin_is_closed_above():
    at_edge = np.array([[0.5, 0.5], [0.6, 0.4]])
    # (0.25, 0.5] holds a right answer of confidence 0.5, (0.5, 0.75] a wrong one of 0.6.
    assert calibration_error(at_edge, np.array([0, 1]), bins=4) == pytest.approx((0.5 + 0.6) / 2)


def test_a_calibrated_forecast_has_little_error(rng):
    first = rng.uniform(0.5, 1, size=200_000)
    labels = (rng.uniform(size=first.size) > first).astype(int)
    assert calibration_error(np.stack([first, 1 - first], axis=1), labels, bins=15) < 0.005


def test_missing_probabilities_give_missing_scores():
    broken = np.array([[np.nan, np.nan], [0.2, 0.8]])
    assert np.isnan(log_loss(broken, np.array([0, 1])))
    assert np.isnan(calibration_error(broken, np.array([0, 1]), bins=5))


@pytest.mark.parametrize("labels", [np.zeros(3, dtype=int), np.zeros((4, 1), dtype=int)])
def test_shapes_that_do_not_fit_are_named(labels):
    with pytest.raises(ValueError, match=r"expected shapes .* received \(4, 2\)"):
        accuracy(PROBABILITIES, labels)


def test_no_bins_are_refused():
    with pytest.raises(ValueError, match="expected at least 1, received 0"):
        calibration_error(PROBABILITIES, LABELS, bins=0)
