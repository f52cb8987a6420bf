"""Build a backbone of the table with its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from study.backbones import efficientnet_lite
from study.backbones.depthwise import Depthwise, is_slow
from study.backbones.table import Backbone, BackboneError
from study.backbones.torch_pickle import WeightsError, read_state_dict
from study.backbones.weights import random_seed, verify


def build(row: Backbone, folder: Path, image_size: int) -> Any:
    """A Keras model: preprocessed images (n, image_size, image_size, 3) to features (n, n_features).

    Raises
    ------
    BackboneError
        The network cannot take images so small.
    WeightsError
        ``folder`` holds neither the published weights nor a seed of random ones.
    """
    seed = random_seed(folder)
    path = folder / row.weights_file
    if seed is None:
        verify(row, path)
    is_lite = row.constructor in efficientnet_lite.SCALES
    network = (
        efficientnet_lite.build(row.constructor, image_size) if is_lite else _application(row, image_size)
    )
    if seed is not None:
        _fill_at_random(network, seed=seed)
    elif is_lite:
        efficientnet_lite.load(network, read_state_dict(path, sha256=row.weights_hash))
    else:
        _load_application(network, path)
    return network if is_lite else _with_quick_layers(network)


def _application(row: Backbone, image_size: int) -> Any:
    constructor = getattr(keras.applications, row.constructor)
    try:
        return constructor(
            weights=None, include_top=False, pooling="avg", input_shape=(image_size, image_size, 3)
        )
    except ValueError as error:
        raise BackboneError(
            f"{row.name}: expected a larger image_size, received {image_size}; {error}"
        ) from None


def _load_application(network: Any, path: Path) -> None:
    try:
        network.load_weights(path)
    except (ValueError, OSError, KeyError) as error:
        raise WeightsError(f"{path}: expected weights of {network.name}, received {error}") from None


def _fill_at_random(network: Any, *, seed: int) -> None:
    """He-normal kernels; scales, shifts and statistics keep their neutral initial values."""
    for position, weight in enumerate(network.weights):
        if weight.name in ("kernel", "depthwise_kernel"):
            is_depthwise = weight.name == "depthwise_kernel"
            fan_in = np.prod(weight.shape[:2] if is_depthwise else weight.shape[:-1])
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(position,)))
            weight.assign(rng.standard_normal(weight.shape, np.float32) * np.sqrt(2.0 / fan_in))


def _with_quick_layers(network: Any) -> Any:
    """The same network with its depthwise convolutions, and grouped ones of one channel a group, as ours.

    All compute the same; TensorFlow runs the grouped form many times slower on a CPU, and JAX both.
    """
    grouped = {layer.name for layer in network.layers if _is_grouped(layer)}
    if not grouped and not (is_slow() and any(map(_is_depthwise, network.layers))):
        return network
    clone = keras.models.clone_model(network, clone_function=_quick)
    for old, new in zip(network.layers, clone.layers, strict=True):
        for source, target in zip(old.weights, new.weights, strict=True):
            is_kernel = old.name in grouped and source.name == "kernel"
            target.assign(keras.ops.transpose(source, (0, 1, 3, 2)) if is_kernel else source)
    return clone


def _is_grouped(layer: Any) -> bool:
    return isinstance(layer, keras.layers.Conv2D) and 1 < layer.groups == layer.filters


def _is_depthwise(layer: Any) -> bool:
    return isinstance(layer, keras.layers.DepthwiseConv2D)


def _quick(layer: Any) -> Any:
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
