"""A fused network against the network itself, with weights that are nowhere neutral."""

import keras
import numpy as np
import pytest

from study.backbones.forward.fused import Product, fused
from study.backbones.kinds import applications

layers = keras.layers


def filled(network):
    """The network with every weight drawn."""
    rng = np.random.default_rng(0)
    for weight in network.weights:
        positive = weight.name in ("gamma", "moving_variance", "variance")
        drawn = rng.uniform(0.5, 1.5, weight.shape) if positive else rng.normal(0, 0.3, weight.shape)
        if weight.dtype == "float32" and np.prod(weight.shape) > 1:
            weight.assign(drawn)
    return network


def apart(network, other):
    shape = (3, *network.input_shape[1:])
    inputs = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    pairs = zip(*(keras.tree.flatten(one(inputs, training=False)) for one in (network, other)), strict=True)
    return max(float(np.abs(a - b).max() / np.abs(a).max()) for a, b in pairs)


def kinds(network):
    return sorted(type(layer).__name__ for layer in network._flatten_layers(include_self=False))


def block(*steps, shape=(4, 6, 5)):
    inputs = outputs = keras.Input(shape)
    for step in steps:
        outputs = step(outputs)
    return filled(keras.Model(inputs, outputs))


BLOCKS = {
    "1 x 1, normalised": ([layers.Conv2D(7, 1, use_bias=False), layers.BatchNormalization()], ["Product"]),
    "normalised without scale": (
        [
            layers.Conv2D(7, 1),
            layers.BatchNormalization(scale=False, center=False),
            layers.Activation("gelu"),
        ],
        ["Product"],
    ),
    "1 x 1, strides": ([layers.Conv2D(7, 1, strides=(2, 3), activation="relu")], ["Product"]),
    "3 x 3": ([layers.Conv2D(7, 3), layers.BatchNormalization(), layers.Activation("relu")], ["Conv2D"]),
    "whole map, same": ([layers.Conv2D(7, 11, padding="same", activation="softmax")], ["Product"]),
    "whole map, strides": ([layers.Conv2D(7, 11, 3, padding="same", activation="gelu")], ["Product"]),
    "whole map, valid": ([layers.Conv2D(7, (4, 6)), layers.BatchNormalization()], ["Product"]),
    "not the whole height": ([layers.Conv2D(7, (6, 11), padding="same")], ["Conv2D"]),
    "not the whole width": ([layers.Conv2D(7, (7, 10), padding="same")], ["Conv2D"]),
    "dilated": ([layers.Conv2D(7, 11, dilation_rate=2, padding="same")], ["Conv2D"]),
    "grouped": ([layers.Conv2D(10, 1, groups=5), layers.BatchNormalization()], ["Conv2D"]),
    "depthwise": (
        [
            layers.DepthwiseConv2D(3, depth_multiplier=2),
            layers.BatchNormalization(),
            layers.Activation("relu"),
        ],
        ["DepthwiseConv2D"],
    ),
    "dense": ([layers.Dense(7), layers.BatchNormalization(), layers.Activation("gelu")], ["Product"]),
    "normalised after an activation": (
        [layers.Conv2D(7, 1, activation="relu"), layers.BatchNormalization()],
        ["Product", "BatchNormalization"],
    ),
    "normalised twice": (
        [layers.Dense(7), layers.BatchNormalization(), layers.BatchNormalization()],
        ["Product"],
    ),
    "in a sequence": (
        [keras.Sequential([layers.LayerNormalization(), layers.Conv2D(7, (4, 6)), layers.Flatten()])],
        ["Functional", "InputLayer", "LayerNormalization", "Product", "Flatten"],
    ),
}


@pytest.mark.parametrize("case", BLOCKS)
def test_each_rule_keeps_the_outputs(case):
    steps, expected = BLOCKS[case]
    network = block(*(step.__class__.from_config(step.get_config()) for step in steps))
    other = fused(network)
    assert kinds(other) == sorted(["InputLayer", *expected])
    assert apart(network, other) < 1e-5


def test_what_others_see_too_stays():
    """The layer before a normalisation is also seen by another, or is an output."""
    inputs = keras.Input((4, 4, 3))
    first = layers.Conv2D(5, 1)(inputs)
    second = layers.Conv2D(5, 1)(layers.BatchNormalization()(first) + first)
    network = filled(keras.Model(inputs, [second, layers.BatchNormalization()(second)]))
    other = fused(network)
    assert kinds(other).count("BatchNormalization") == 2
    assert apart(network, other) < 1e-5


def test_a_network_without_such_layers_is_itself():
    """A vision transformer of keras-hub is one layer of a kind of its own, which need not be made again."""
    network = block(layers.LayerNormalization())
    assert fused(network) is network


def test_a_network_itself_is_left_as_it_was():
    network = block(layers.Conv2D(7, 1), layers.BatchNormalization())
    before = network.get_weights()
    fused(network)
    assert kinds(network) == ["BatchNormalization", "Conv2D", "InputLayer"]
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning:keras")
@pytest.mark.parametrize(
    "constructor",
    ["ConvNeXtTiny", "DenseNet121", "EfficientNetV2B0", "MobileNetV3Small", "ResNet50", "ResNet50V2"],
)
def test_applications_keep_their_features(constructor):
    network = getattr(keras.applications, constructor)(
        weights=None, include_top=False, pooling="avg", input_shape=(32, 32, 3)
    )
    rng = np.random.default_rng(0)
    for weight in network.weights:
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(np.asarray(weight) * rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "bias", "moving_mean"):
            weight.assign(rng.normal(0, 0.05, weight.shape))
    finished = applications.finish(network)
    other = fused(finished)
    assert sum(isinstance(layer, Product) for layer in other._flatten_layers()) > 20
    assert apart(finished, other) < 1e-5
