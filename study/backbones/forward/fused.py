"""A frozen network in fewer operations, most of them products of matrices.

A normalisation in inference and an activation become part of the convolution or dense layer before them. A
convolution of which every pixel sees one pixel of the map, or all of them, becomes a product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from math import prod
from typing import Any, NamedTuple, cast

import keras
import numpy as np
from numpy.typing import NDArray

from study.backbones.forward.taps import pairs, sides

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Shape = tuple[int, ...]
_NEARLY_ZERO = np.finfo(np.float32).tiny
"""For a bias of 0, which TensorFlow would leave out, and with it the quick product that adds it."""
_LINEAR = (keras.layers.Dense, keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


def fused(network: Any) -> Any:
    """A network that gives the same in inference, up to rounding; itself where there is nothing to fuse.

    Parameters
    ----------
    network
        Functional or sequential, channels last. What is not known here stays as it is.
    """
    if isinstance(network, keras.Sequential):
        network = keras.Model(network.inputs, network.outputs, name=network.name)
    following = _following(network)
    linear = {one.name: _linear(one, following) for one in network.layers if isinstance(one, _LINEAR)}
    absorbed = {name for one in linear.values() for name in one.absorbed}
    inner = {one.name: fused(one) for one in network.layers if isinstance(one, keras.Sequential)}
    if not linear and not inner:
        return network

    def made(operation: Any) -> Any:
        if operation.name in absorbed:
            return operation
        if operation.name in linear:
            return linear[operation.name].layer
        if operation.name in inner:
            return inner[operation.name]
        return operation.__class__.from_config(operation.get_config())

    def called(operation: Any, *arguments: Any, **options: Any) -> Any:
        return arguments[0] if operation.name in absorbed else operation(*arguments, **options)

    clone = keras.models.clone_model(network, clone_function=made, call_function=called)
    for layer in network.layers:
        if layer.name in linear:
            clone.get_layer(layer.name).set_weights(linear[layer.name].weights)
        elif layer.weights and layer.name not in absorbed | inner.keys():
            clone.get_layer(layer.name).set_weights(layer.get_weights())
    return clone


class Product(keras.layers.Layer):  # type: ignore[misc]
    """A convolution or a dense layer as a product of rows, which are pixels or whole maps, with a matrix.

    Parameters
    ----------
    kernel_shape
        (n_in, n_out) of the matrix.
    activation
        Of Keras.
    strides
        Of how many rows and columns of pixels one is taken; by pooling, which is quicker than slicing.
    shape
        Of an output.
    """

    def __init__(
        self,
        kernel_shape: tuple[int, int],
        activation: Callable[[Any], Any],
        strides: tuple[int, int],
        shape: Shape,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.kernel = self.add_weight(shape=kernel_shape, initializer="zeros", name="kernel")
        self.bias = self.add_weight(shape=kernel_shape[1:], initializer="zeros", name="bias")
        self._activation = activation
        self._strides = strides
        self._shape = shape

    def call(self, inputs: Any) -> Any:
        """(n, ...) to (n, *shape)."""
        strides = self._strides
        taken = inputs if max(strides) == 1 else keras.ops.max_pool(inputs, 1, strides)
        rows = keras.ops.reshape(taken, (-1, self.kernel.shape[0]))
        outputs = keras.ops.add(keras.ops.matmul(rows, self.kernel), self.bias)
        if outputs.shape[1] != self._shape[-1]:
            outputs = keras.ops.reshape(outputs, (-1, self._shape[-1]))
        return keras.ops.reshape(self._activation(outputs), (-1, *self._shape))


class _Fused(NamedTuple):
    """A linear layer with what followed it: the new layer, its weights, and the names of what it absorbed."""

    layer: Any
    weights: list[Floats]
    absorbed: list[str]


def _following(network: Any) -> dict[str, Any]:
    """For the name of each layer whose output goes to one operation alone, that operation."""
    users: defaultdict[int, list[Any]] = defaultdict(list)
    for output in network.outputs:
        users[id(output)].append(None)
    for operation in network.operations:
        if not isinstance(operation, keras.layers.InputLayer):
            for tensor in keras.tree.flatten(operation.input):
                users[id(tensor)].append(operation)
    outputs = {layer.name: users[id(layer.output)] for layer in network.layers}
    return {name: using[0] for name, using in outputs.items() if len(using) == 1}


def _linear(layer: Any, following: Mapping[str, Any]) -> _Fused:
    kernel = np.asarray(layer.kernel, np.float64)
    is_depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    channels = kernel.shape[-2:] if is_depthwise else kernel.shape[-1:]
    bias = np.asarray(layer.bias, np.float64) if layer.use_bias else np.zeros(prod(channels))
    activation, absorbed = layer.activation, []
    after = following.get(layer.name)
    while activation is keras.activations.linear:
        if isinstance(after, keras.layers.BatchNormalization):
            scale, shift = _affine(after)
            kernel, bias = kernel * scale.reshape(channels), bias * scale + shift
        elif isinstance(after, keras.layers.Activation):
            activation = after.activation
        else:
            break
        absorbed.append(after.name)
        after = following.get(after.name)
    shape = layer.output.shape[1:]
    matrix = None if is_depthwise else _matrix(layer, kernel, shape)
    if matrix is None:
        config = layer.get_config() | {"use_bias": True, "activation": activation}
        made = layer.__class__.from_config(config)
    else:
        strides = layer.strides if kernel.shape[:-2] == (1, 1) else (1, 1)
        made = Product(matrix.shape, activation, strides, shape, name=layer.name)
        kernel, bias = matrix, np.resize(np.where(bias == 0, _NEARLY_ZERO, bias), matrix.shape[1])
    return _Fused(made, [kernel.astype(np.float32), bias.astype(np.float32)], absorbed)


def affine(
    gamma: Doubles, beta: Doubles, mean: Doubles, variance: Doubles, *, epsilon: float
) -> tuple[Doubles, Doubles]:
    """Scale and shift of a batch normalisation in inference, (n_channels,) each; arguments likewise.

    gamma (x - mean) / sqrt(variance + epsilon) + beta.
    """
    scale = gamma / np.sqrt(variance + epsilon)
    return scale, beta - mean * scale


def _affine(layer: Any) -> tuple[Doubles, Doubles]:
    gamma, beta = layer.gamma if layer.scale else 1.0, layer.beta if layer.center else 0.0
    parts = (np.asarray(part, np.float64) for part in (gamma, beta, layer.moving_mean, layer.moving_variance))
    return affine(*parts, epsilon=layer.epsilon)


def _matrix(layer: Any, kernel: Doubles, shape: Shape) -> Doubles | None:
    """From a pixel or a map of all its pixels to the same of the output, if there is a tap for each pair."""
    if isinstance(layer, keras.layers.Dense):
        return kernel
    if layer.groups > 1 or max(layer.dilation_rate) > 1:
        return None
    if layer.kernel_size == (1, 1):
        return cast(Doubles, kernel[0, 0])
    down, right = sides(layer.input.shape[1:3], layer.kernel_size, layer.strides, layer.padding)
    if not (down.sees_all and right.sees_all):
        return None
    taps: Doubles = pairs(kernel, down, right)[0]
    return taps.transpose(0, 1, 4, 2, 3, 5).reshape(-1, prod(shape))
