"""A depthwise convolution that is quick on every backend."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from study.backbones.forward.device import device
from study.backbones.forward.taps import Side, pairs, sides


class Depthwise(keras.layers.DepthwiseConv2D):  # type: ignore[misc]
    """Keras' layer; where XLA compiles it, which it does badly, as sums of products."""

    def call(self, inputs: Any) -> Any:
        """(n, height, width, channels) to (n, height out, width out, channels)."""
        if not is_slow():
            return super().call(inputs)
        outputs = convolved(inputs, self.kernel[..., 0], self.strides, self.padding)
        return self.activation(outputs + self.bias if self.use_bias else outputs)


def is_slow() -> bool:
    """Whether Keras' own depthwise layer is slow here: on JAX."""
    return bool(keras.backend.backend() == "jax")


def convolved(inputs: Any, kernel: Any, strides: tuple[int, int], padding: str) -> Any:
    """A depthwise convolution with one filter a channel.

    Parameters
    ----------
    inputs
        (n, height, width, channels).
    kernel
        (kernel height, kernel width, channels).
    strides
        Down and to the right.
    padding
        ``valid`` or ``same``; the odd pixel of ``same`` goes below and right.
    """
    down, right = sides(inputs.shape[1:3], kernel.shape[:2], strides, padding)
    small = _dense if device() == "cpu" else _summed
    is_small = down.size * right.size < len(down.met) * len(right.met)
    return (small if is_small else _shifted)(inputs, kernel, down, right)


def _shifted(inputs: Any, kernel: Any, down: Side, right: Side) -> Any:
    """A sum over taps of the map, moved."""
    padded = keras.ops.pad(inputs, ((0, 0), (down.before, down.after), (right.before, right.after), (0, 0)))
    terms = [padded[:, down.rows(i), right.rows(j)] * kernel[i, j] for i in down.met for j in right.met]
    return sum(terms[1:], terms[0])


def _dense(inputs: Any, kernel: Any, down: Side, right: Side) -> Any:
    """A matrix a channel, from all pixels to all pixels."""
    pixels = keras.ops.reshape(inputs, (-1, down.size * right.size, inputs.shape[3]))
    outputs = keras.ops.einsum("nsc,stc->ntc", pixels, _matrices(kernel, down, right))
    return keras.ops.reshape(outputs, (-1, down.out, right.out, inputs.shape[3]))


def _summed(inputs: Any, kernel: Any, down: Side, right: Side) -> Any:
    """The same as a sum over the map's pixels: one operation of XLA, where products so small idle a GPU."""
    pixels = keras.ops.reshape(inputs, (-1, down.size * right.size, 1, inputs.shape[3]))
    matrices = _matrices(kernel, down, right)
    terms = [pixels[:, pixel] * matrices[pixel] for pixel in range(down.size * right.size)]
    return keras.ops.reshape(sum(terms[1:], terms[0]), (-1, down.out, right.out, inputs.shape[3]))


def _matrices(kernel: Any, down: Side, right: Side) -> Any:
    """The tap between each pixel of the map and each of the output or 0, (n_pixels, n_out, channels)."""
    taps, met = pairs(kernel, down, right)
    matrices = taps * met[..., None].astype(np.float32)
    return keras.ops.reshape(matrices, (down.size * right.size, down.out * right.out, kernel.shape[2]))
