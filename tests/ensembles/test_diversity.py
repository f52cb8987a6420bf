"""Diversity by hand."""

import numpy as np
import pytest

from study.ensembles.diversity import diversity


def sure(classes, confidence=0.8):
    probs = np.full((len(classes), 3), (1 - confidence) / 2)
    probs[np.arange(len(classes)), classes] = confidence
    return probs


def test_numbers_by_hand():
    labels = np.array([0, 1, 2, 0, 1])
    first, second = sure([0, 1, 2, 1, 0], 0.6), sure([0, 1, 1, 0, 0], 0.9)
    found = diversity(first, second, labels)
    assert found["disagreement"] == pytest.approx(2 / 5)
    wrong = [[0, 0, 0, 1, 1], [0, 0, 1, 0, 1]]
    assert found["error_correlation"] == pytest.approx(np.corrcoef(wrong)[0, 1])
    # The second is surer, so that its classes win: 3 of 5 right, as each member has.
    assert found["gain"] == pytest.approx(0)


def test_a_model_and_itself():
    labels = np.array([0, 1, 2, 0])
    found = diversity(sure([0, 1, 2, 1]), sure([0, 1, 2, 1]), labels)
    assert found == {"disagreement": 0, "error_correlation": pytest.approx(1), "gain": pytest.approx(0)}


def test_no_correlation_without_errors():
    labels = np.array([0, 1])
    assert np.isnan(diversity(sure([0, 1]), sure([0, 0]), labels)["error_correlation"])
