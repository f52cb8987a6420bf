"""Networks of keras.applications."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from study.backbones.forward.depthwise import Depthwise, is_slow
from study.backbones.forward.preprocessing import TORCH_DEVIATIONS
from study.backbones.forward.row import Backbone
from study.backbones.forward.sizes import check_image_size
from study.backbones.kinds.registry import Family

_RESCALED = tuple(f"EfficientNetB{number}" for number in range(8))
"""Their published weights go with inputs that are divided by the root of the deviations once more."""


def build(row: Backbone, image_size: int) -> Any:
    """The network without its classifier, globally averaged.

    Raises
    ------
    BackboneError
        It cannot take images so small.
    """
    check_image_size(row.name, row.kind, row.constructor, image_size)
    constructor = getattr(keras.applications, row.constructor)
    return constructor(
        weights=None, include_top=False, pooling="avg", input_shape=(image_size, image_size, 3)
    )


def load(network: Any, row: Backbone, path: Path, image_size: int) -> None:  # noqa: ARG001 - a family's form
    """Set the weights from the file that Keras publishes."""
    network.load_weights(path)
    if row.constructor in _RESCALED:
        for layer in filter(_is_adapted, network.layers):
            layer.adapt_variance.assign(np.asarray(layer.adapt_variance) * TORCH_DEVIATIONS)


def finish(network: Any) -> Any:
    """The same network with adapted normalisations fixed, and depthwise convolutions as ours.

    So are grouped convolutions of one channel a group. All compute the same; TensorFlow runs the grouped form
    many times slower on a CPU, and JAX both.
    """
    grouped = {layer.name for layer in network.layers if _is_grouped(layer)}
    is_quick = not grouped and not (is_slow() and any(map(_is_depthwise, network.layers)))
    if is_quick and not any(map(_is_adapted, network.layers)):
        return network
    clone = keras.models.clone_model(network, clone_function=_quick)
    for old, new in zip(network.layers, clone.layers, strict=True):
        for source, target in zip([] if _is_adapted(old) else old.weights, new.weights, strict=True):
            is_kernel = old.name in grouped and source.name == "kernel"
            target.assign(keras.ops.transpose(source, (0, 1, 3, 2)) if is_kernel else source)
    return clone


def _is_grouped(layer: Any) -> bool:
    return isinstance(layer, keras.layers.Conv2D) and 1 < layer.groups == layer.filters


def _is_depthwise(layer: Any) -> bool:
    return isinstance(layer, keras.layers.DepthwiseConv2D)


def _is_adapted(layer: Any) -> bool:
    return isinstance(layer, keras.layers.Normalization) and bool(layer.weights)


def _quick(layer: Any) -> Any:
    if _is_adapted(layer):
        return keras.layers.Normalization(
            layer.axis,
            mean=np.asarray(layer.adapt_mean).tolist(),
            variance=np.asarray(layer.adapt_variance).tolist(),
            name=layer.name,
        )
    if _is_depthwise(layer):
        return Depthwise.from_config(layer.get_config())
    if not _is_grouped(layer):
        return layer.__class__.from_config(layer.get_config())
    return Depthwise(
        layer.kernel_size,
        layer.strides,
        layer.padding,
        use_bias=layer.use_bias,
        activation=layer.activation,
        name=layer.name,
    )


FAMILY = Family(build, load, finish)
