"""Temperature scaling recovers a known temperature."""

import numpy as np
import pytest
from scipy.special import softmax

from study.ensembles.temperature import fit_temperature, scale


def sample(rng, n=40_000, heat=1.0):
    """Labels drawn from known probabilities, and what a model heated by ``heat`` says of them."""
    logits = rng.normal(size=(n, 3)) * 1.5
    drawn = (softmax(logits, axis=1).cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return softmax(logits / heat, axis=1), drawn


@pytest.mark.parametrize("heat", [0.5, 1.0, 2.5])
def test_the_temperature_that_was_put_in_comes_out(heat):
    probs, labels = sample(np.random.default_rng(1), heat=heat)
    assert fit_temperature(probs, labels) == pytest.approx(1 / heat, rel=0.03)


def test_no_temperature_nearby_has_less_loss():
    probs, labels = sample(np.random.default_rng(2), n=300, heat=0.6)
    best = fit_temperature(probs, labels)

    def loss(temperature):
        return -np.log(scale(probs, temperature)[np.arange(len(labels)), labels]).mean()

    assert all(loss(best) <= loss(best * factor) for factor in (0.5, 0.99, 1.01, 2))
    assert loss(best) < loss(1.0)


def test_scaling_keeps_classes_and_sums():
    probs, _ = sample(np.random.default_rng(3), n=500)
    hot = scale(probs, 3.0)
    assert (hot.argmax(axis=1) == probs.argmax(axis=1)).all()
    assert hot.sum(axis=1) == pytest.approx(np.ones(500))
    assert (hot.max(axis=1) < probs.max(axis=1)).all()
    assert scale(probs, 1.0) == pytest.approx(probs)


def test_examples_are_asked_for():
    with pytest.raises(ValueError, match="received none"):
        fit_temperature(np.zeros((0, 3)), np.zeros(0, int))
