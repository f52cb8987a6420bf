"""EfficientNet-Lite as a Keras model, with the weights published for PyTorch.

Tan and Le, EfficientNet (2019), scaled as in the Lite variants: no squeeze-and-excitation, ReLU6, stem and
head of fixed width, first and last stage not repeated more in deeper variants. ``SAME`` padding as TensorFlow
has it (the odd pixel goes below and right), batch normalisation with epsilon 0.001.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from study.backbones.forward.depthwise import Depthwise
from study.backbones.forward.fused import affine
from study.backbones.forward.row import Backbone, WeightsError
from study.backbones.kinds.registry import Family
from study.backbones.kinds.torch_pickle import read_state_dict

Arrays = Mapping[str, NDArray[Any]]

SCALES = {
    "efficientnet-lite0": (1.0, 1.0),
    "efficientnet-lite1": (1.0, 1.1),
    "efficientnet-lite2": (1.1, 1.2),
}
"""Width and depth of each variant."""

_STEM = 32
_HEAD = 1280
_EPSILON = 1e-3
_STAGES = (
    # repeats, kernel, stride, expansion, filters
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


@dataclass(frozen=True)
class _Convolution:
    """A convolution with the batch normalisation that follows it."""

    name: str
    norm: str
    filters: int
    kernel: int = 1
    stride: int = 1
    depthwise: bool = False
    relu: bool = True


@dataclass(frozen=True)
class _Block:
    convolutions: tuple[_Convolution, ...]
    skip: bool


def build(variant: str, size: int) -> Any:
    """The network without weights: (n, size, size, 3), centred, to features (n, 1280).

    Batch normalisation in inference is an affine map, so it is part of the convolution before it.
    """
    inputs = keras.Input((size, size, 3))
    outputs = inputs
    for block in _blocks(*SCALES[variant]):
        before = outputs
        for convolution in block.convolutions:
            outputs = _apply(convolution, outputs)
        if block.skip:
            outputs = keras.layers.Add()([before, outputs])
    outputs = keras.layers.GlobalAveragePooling2D()(outputs)
    return keras.Model(inputs, outputs, name=variant)


def load(model: Any, state: Arrays) -> None:
    """Set the weights of ``build``'s model from a state dict of the PyTorch port.

    Raises
    ------
    WeightsError
        A tensor is missing, has another shape, or is left over. The classifier is not used.
    """
    left = {
        name for name in state if not name.startswith("_fc.") and not name.endswith("num_batches_tracked")
    }
    for convolution in (one for block in _blocks(*SCALES[model.name]) for one in block.convolutions):
        layer = model.get_layer(_layer_name(convolution))
        kernel, bias = layer.weights
        values = _folded(convolution, state, left, kernel.shape)
        kernel.assign(values[0])
        bias.assign(values[1])
    if left:
        raise WeightsError(f"weights of {model.name}: expected no tensor {sorted(left)[0]}, received it")


def _blocks(width: float, depth: float) -> Iterator[_Block]:
    yield _Block((_Convolution("_conv_stem", "_bn0", _STEM, 3, 2),), skip=False)
    filters = _STEM
    index = 0
    for stage, (repeats, kernel, stride, expansion, base) in enumerate(_STAGES):
        is_scaled = stage not in (0, len(_STAGES) - 1)
        for repeat in range(math.ceil(depth * repeats) if is_scaled else repeats):
            widened = _round_filters(base, width)
            step = stride if repeat == 0 else 1
            yield _block(f"_blocks.{index}", filters, widened, kernel, step, expansion)
            filters = widened
            index += 1
    yield _Block((_Convolution("_conv_head", "_bn1", _HEAD),), skip=False)


def _block(name: str, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> _Block:
    inside = inputs * expansion
    expand = _Convolution(f"{name}._expand_conv", f"{name}._bn0", inside)
    convolutions = (
        _Convolution(f"{name}._depthwise_conv", f"{name}._bn1", inside, kernel, stride, depthwise=True),
        _Convolution(f"{name}._project_conv", f"{name}._bn2", outputs, relu=False),
    )
    return _Block(
        (expand, *convolutions) if expansion > 1 else convolutions, skip=stride == 1 and inputs == outputs
    )


def _round_filters(filters: int, width: float) -> int:
    scaled = filters * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


def _layer_name(convolution: _Convolution) -> str:
    return convolution.name.replace(".", "-").lstrip("_")


def _apply(convolution: _Convolution, inputs: Any) -> Any:
    layer = (
        Depthwise(convolution.kernel, convolution.stride, "same", name=_layer_name(convolution))
        if convolution.depthwise
        else keras.layers.Conv2D(
            convolution.filters, convolution.kernel, convolution.stride, "same", name=_layer_name(convolution)
        )
    )
    outputs = layer(inputs)
    return keras.layers.ReLU(6.0)(outputs) if convolution.relu else outputs


def _folded(
    convolution: _Convolution, state: Arrays, left: set[str], shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel in Keras's layout, and bias, of the convolution with its normalisation."""
    names = [f"{convolution.name}.weight"]
    names += [f"{convolution.norm}.{part}" for part in ("weight", "bias", "running_mean", "running_var")]
    n_filters = shape[2] if convolution.depthwise else shape[3]
    torch_shape = (shape[2] if convolution.depthwise else shape[3], 1 if convolution.depthwise else shape[2])
    for name, expected in zip(names, [torch_shape + shape[:2]] + [(n_filters,)] * 4, strict=True):
        received = state[name].shape if name in state else "none"
        if received != expected:
            raise WeightsError(f"weights, tensor {name}: expected shape {expected}, received {received}")
        left.remove(name)
    weight, gamma, beta, mean, variance = (state[name].astype(np.float64) for name in names)
    scale, shift = affine(gamma, beta, mean, variance, epsilon=_EPSILON)
    kernel = (weight * scale[:, None, None, None]).transpose(
        (2, 3, 0, 1) if convolution.depthwise else (2, 3, 1, 0)
    )
    return kernel.astype(np.float32), shift.astype(np.float32)


def _build_row(row: Backbone, image_size: int) -> Any:
    return build(row.constructor, image_size)


def _load_file(network: Any, row: Backbone, path: Path, image_size: int) -> None:  # noqa: ARG001
    load(network, read_state_dict(path, sha256=row.weights_hash or ""))


def _as_built(network: Any) -> Any:
    return network


FAMILY = Family(_build_row, _load_file, _as_built)
