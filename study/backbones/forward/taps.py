"""Which taps of a convolution meet which pixels of its map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


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

    @property
    def sees_all(self) -> bool:
        """Whether every output has a tap for every input."""
        return bool(self.table()[1].all())


def sides(
    sizes: Sequence[int], n_taps: Sequence[int], strides: Sequence[int], padding: str
) -> tuple[Side, Side]:
    """Both sides of a map, down and right, from what each has; padding as Keras calls it."""
    down, right = (Side(*one, padding) for one in zip(sizes, n_taps, strides, strict=True))
    return down, right


def pairs(kernel: Any, down: Side, right: Side) -> tuple[Any, NDArray[np.bool_]]:
    """The tap between each pixel of a map and each of the output.

    Parameters
    ----------
    kernel
        (taps down, taps right, ...).

    Returns
    -------
    taps
        (rows, columns, output rows, output columns, ...); one of no meaning where none meets both.
    met
        (rows, columns, output rows, output columns): whether one does.
    """
    (tap_down, met_down), (tap_right, met_right) = down.table(), right.table()
    taps = kernel[tap_down[:, None, :, None], tap_right[None, :, None, :]]
    return taps, met_down[:, None, :, None] & met_right[None, :, None, :]
