"""Weights left by a training that is watched give the outcome's own predictions."""

import numpy as np
import pytest
from scipy.special import softmax

from study.export.kept import final_weights
from study.training import train as trainer
from study.training.runs import Features, Run


@pytest.fixture
def trained():
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    x = (np.eye(3, 6)[labels] + rng.normal(0, 0.5, (60, 6))).astype(np.float32)
    features = Features(x, x[:30], x[30:], labels, labels[:30], 3)
    run = Run("r", 0.01, 16, 0.2, 0.0, "none", "all", 1, 2, 3, 4, 5)

    def train():
        made = trainer.train(
            [run], features, None, epochs=2, train_eval_images=100, memory_bytes=0, advance=lambda _: None
        )
        return next(iter(made))[0]

    return train, x[30:]


def test_weights_are_left_and_the_trainer_is_as_before(trained):
    train, features = trained
    before = trainer.Heads
    with final_weights() as kept:
        watched = train()
    assert trainer.Heads is before
    (kernel, bias, out_kernel, out_bias) = kept[0]
    hidden = np.maximum(features @ kernel.T + bias, 0)
    probs = softmax(hidden @ out_kernel + out_bias, axis=1)
    np.testing.assert_allclose(probs, watched.test_probs, atol=1e-6)
    assert watched.test_probs.tobytes() == train().test_probs.tobytes()


def test_the_trainer_is_as_before_after_an_error():
    before = trainer.Heads

    def stop():
        with final_weights():
            assert trainer.Heads is not before
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        stop()
    assert trainer.Heads is before
