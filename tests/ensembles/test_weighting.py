"""Weights of soft voting against a general optimiser and by hand."""

import numpy as np
import pytest
from scipy import optimize

from study.ensembles.weighting import fit_weights, weighted_mean


@pytest.fixture
def probs():
    rng = np.random.default_rng(3)
    logits = np.array([0.5, 1.5, 1.0])[:, None, None] * np.eye(4)[np.arange(400) % 4]
    raw = np.exp(logits + rng.normal(size=(3, 400, 4)))
    return raw / raw.sum(axis=2, keepdims=True)


def loss(weights, probs, labels):
    return -np.log(weighted_mean(probs, weights)[np.arange(len(labels)), labels]).mean()


def test_no_other_weights_have_less_loss(probs):
    labels = np.arange(400) % 4
    found = fit_weights(probs, labels)
    reference = optimize.minimize(
        lambda free: loss(np.exp(free) / np.exp(free).sum(), probs, labels), np.zeros(3), tol=1e-12
    )
    assert found.sum() == pytest.approx(1)
    assert loss(found, probs, labels) <= reference.fun + 1e-8
    assert loss(found, probs, labels) < loss(np.full(3, 1 / 3), probs, labels) - 1e-3


def test_a_member_that_is_worse_everywhere_gets_nothing():
    good, bad = np.full((50, 2), [0.9, 0.1]), np.full((50, 2), [0.4, 0.6])
    assert fit_weights(np.stack([bad, good]), np.zeros(50, int)) == pytest.approx([0, 1], abs=1e-6)


def test_equal_members_keep_equal_weights(probs):
    assert fit_weights(np.stack([probs[0]] * 4), np.arange(400) % 4) == pytest.approx([0.25] * 4)


def test_a_diverged_member_counts_as_equal_probabilities(probs):
    labels = np.arange(400) % 4
    lost = probs.copy()
    lost[0] = np.nan
    flat = probs.copy()
    flat[0] = 0.25
    assert fit_weights(lost, labels) == pytest.approx(fit_weights(flat, labels))
    assert np.isfinite(weighted_mean(lost, np.full(3, 1 / 3))).all()


def test_examples_are_asked_for():
    with pytest.raises(ValueError, match="expected validation examples, received none"):
        fit_weights(np.zeros((2, 0, 3)), np.zeros(0, int))
