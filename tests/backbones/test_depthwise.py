"""The sums of products against TensorFlow's depthwise convolution."""

import keras
import numpy as np
import pytest

from study.backbones.forward import depthwise
from study.backbones.forward.taps import sides

SHAPES = [
    # side, channels, kernel, stride, padding
    (8, 6, 7, 1, "same"),
    (4, 5, 7, 1, "same"),
    (2, 5, 7, 1, "same"),
    (1, 4, 7, 1, "same"),
    (16, 3, 3, 2, "same"),
    (9, 3, 3, 2, "valid"),
    (3, 4, 5, 2, "same"),
    (5, 4, 5, 2, "same"),
    (4, 4, 3, 1, "same"),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("formulation", [depthwise._shifted, depthwise._dense, depthwise._summed, None])
def test_each_formulation_is_the_convolution(shape, formulation):
    side, channels, taps, stride, padding = shape
    rng = np.random.default_rng(0)
    images = rng.normal(size=(3, side, side + 1, channels)).astype(np.float32)
    kernel = rng.normal(size=(taps, taps, channels)).astype(np.float32)
    expected = keras.ops.depthwise_conv(images, kernel[..., None], (stride, stride), padding)
    if formulation is None:
        received = depthwise.convolved(images, kernel, (stride, stride), padding)
    else:
        both = sides(images.shape[1:3], (taps, taps), (stride, stride), padding)
        received = formulation(images, kernel, *both)
    assert received.shape == expected.shape
    np.testing.assert_allclose(received, expected, atol=2e-5)


@pytest.mark.parametrize("use_bias", [False, True])
def test_the_layer_keeps_bias_and_activation(monkeypatch, use_bias):
    layer = depthwise.Depthwise(3, padding="same", use_bias=use_bias, activation="relu")
    images = np.random.default_rng(0).normal(size=(2, 5, 5, 4)).astype(np.float32)
    expected = layer(images)
    if use_bias:
        layer.bias.assign([1.0, -1.0, 0.5, 0.0])
        expected = layer(images)
    monkeypatch.setattr(depthwise, "is_slow", lambda: True)
    np.testing.assert_allclose(layer(images), expected, atol=1e-5)
    assert (np.asarray(expected) == 0).any()
