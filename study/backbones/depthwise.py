"""A depthwise convolution that is quick on every backend."""

from __future__ import annotations

from math import prod
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from study.backbones.device import device


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
    sides = [
        Side(size, taps, stride, padding)
        for size, taps, stride in zip(inputs.shape[1:3], kernel.shape[:2], strides, strict=True)
    ]
    n_pixels, n_taps = (prod(counts) for counts in zip(*((s.size, len(s.met)) for s in sides), strict=True))
    small = _dense if device() == "cpu" else _summed
    return (small if n_pixels < n_taps else _shifted)(inputs, kernel, *sides)


class Side:
    """One side of a map: its size, the output's size, the padding, and the taps that meet the map."""

    def __init__(self, size: int, taps: int, stride: int, padding: str) -> None:
        self.size, self.stride, self.taps = size, stride, taps
        same = padding == "same"
        self.out = -(-size // stride) if same else (size - taps) // stride + 1
        needed = max((self.out - 1) * stride + taps - size, 0) if same else 0
        self.before, self.after = needed // 2, needed - needed // 2
        reach = np.arange(self.out) * stride - self.before
        self.met = [tap for tap in range(taps) if ((reach + tap >= 0) & (reach + tap < size)).any()]

    def rows(self, tap: int) -> slice:
        """What a tap sees of the padded map, for every output."""
        return slice(tap, tap + (self.out - 1) * self.stride + 1, self.stride)

    def table(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """For each input and output, (size, out), the tap between them, and whether there is one."""
        tap = np.arange(self.size)[:, None] + self.before - np.arange(self.out)[None] * self.stride
        met = (tap >= 0) & (tap < self.taps)
        return tap.clip(0, self.taps - 1), met


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
    (tap_down, met_down), (tap_right, met_right) = down.table(), right.table()
    met = (met_down[:, None, :, None] & met_right[None, :, None, :])[..., None].astype(np.float32)
    taps = kernel[tap_down[:, None, :, None], tap_right[None, :, None, :]] * met
    return keras.ops.reshape(taps, (down.size * right.size, down.out * right.out, kernel.shape[2]))
