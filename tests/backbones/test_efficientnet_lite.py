"""The Keras network against a forward pass written out in NumPy, with batch normalisation unfolded."""

import numpy as np
import pytest

from study.backbones.catalogue.names import BACKBONES
from study.backbones.forward.row import WeightsError
from study.backbones.kinds import efficientnet_lite
from study.backbones.kinds.torch_pickle import read_state_dict

STRIDES = {
    "efficientnet-lite0": {1: 2, 3: 2, 5: 2, 11: 2},
    "efficientnet-lite1": {1: 2, 4: 2, 7: 2, 15: 2},
}
"""Blocks that halve the map; every other has stride 1."""


@pytest.fixture(scope="module")
def state_of(lite_folder):
    def get(variant):
        row = BACKBONES[variant]
        return read_state_dict(lite_folder(variant) / row.weights_file, sha256=row.weights_hash)

    return get


def convolve(x, weight, stride):
    """x (n, h, w, c), weight (out, in, k, k) or depthwise (c, 1, k, k); TensorFlow's SAME padding."""
    kernel = weight.shape[2]
    pads = []
    for size in x.shape[1:3]:
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads.append((total // 2, total - total // 2))
    x = np.pad(x, ((0, 0), *pads, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(1, 2))[
        :, ::stride, ::stride
    ]
    if weight.shape[1] == 1 and x.shape[3] == weight.shape[0]:
        return np.einsum("nhwcij,cij->nhwc", windows, weight[:, 0])
    return np.einsum("nhwcij,ocij->nhwo", windows, weight, optimize=True)


def normalise(x, state, name):
    scale = state[f"{name}.weight"] / np.sqrt(state[f"{name}.running_var"] + 1e-3)
    return (x - state[f"{name}.running_mean"]) * scale + state[f"{name}.bias"]


def forward(state, x, strides):
    state = {name: array.astype(np.float64) for name, array in state.items()}

    def step(x, convolution, norm, stride=1, relu=True):
        x = normalise(convolve(x, state[f"{convolution}.weight"], stride), state, norm)
        return np.clip(x, 0, 6) if relu else x

    x = step(x, "_conv_stem", "_bn0", 2)
    for k in range(1 + max(int(name.split(".")[1]) for name in state if name.startswith("_blocks."))):
        block, before, stride = f"_blocks.{k}", x, strides.get(k, 1)
        if f"{block}._expand_conv.weight" in state:
            x = step(x, f"{block}._expand_conv", f"{block}._bn0")
        x = step(x, f"{block}._depthwise_conv", f"{block}._bn1", stride)
        x = step(x, f"{block}._project_conv", f"{block}._bn2", relu=False)
        if stride == 1 and x.shape == before.shape:
            x = x + before
    return step(x, "_conv_head", "_bn1").mean(axis=(1, 2))


@pytest.mark.parametrize(
    ("variant", "size"), [("efficientnet-lite0", 32), ("efficientnet-lite0", 65), ("efficientnet-lite1", 48)]
)
def test_features_are_those_of_the_forward_pass_written_out(state_of, images, variant, size):
    x = (np.resize(images[:3].astype(np.float64), (3, size, size, 3)) - 127) / 128
    network = efficientnet_lite.build(variant, size)
    efficientnet_lite.load(network, state_of(variant))
    expected = forward(state_of(variant), x, STRIDES[variant])
    features = np.asarray(network(x.astype(np.float32)))
    assert expected.std() > 0.05
    np.testing.assert_allclose(features, expected, atol=1e-4)


@pytest.mark.parametrize("variant", efficientnet_lite.SCALES)
def test_every_tensor_is_used(state_of, variant):
    state = dict(state_of(variant))
    network = efficientnet_lite.build(variant, 32)
    efficientnet_lite.load(network, state)
    used = [name for name in state if not name.startswith("_fc.") and "num_batches" not in name]
    assert 5 * len(network.weights) == 2 * len(used)


def test_a_tensor_missing_or_left_over_or_misshapen_is_named(state_of):
    network = efficientnet_lite.build("efficientnet-lite0", 32)
    state = dict(state_of("efficientnet-lite0"))
    name = "_blocks.3._bn2.running_var"
    cases = {
        f"tensor {name}: expected shape .40,., received none": {k: v for k, v in state.items() if k != name},
        f"tensor {name}: expected shape .40,., received .39,.": state | {name: state[name][1:]},
        "expected no tensor _blocks.16._bn0.bias": state | {"_blocks.16._bn0.bias": state[name]},
    }
    for message, altered in cases.items():
        with pytest.raises(WeightsError, match=message):
            efficientnet_lite.load(network, altered)
