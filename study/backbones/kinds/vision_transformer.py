"""Vision transformers of keras-hub.

The feature is the class token after the last normalisation. An image of another size than a network was
trained on has another grid of patches, whose embeddings of positions are interpolated (Dosovitskiy et al.,
An Image is Worth 16x16 Words, 2021, section 3.2).
"""

from __future__ import annotations

from math import isqrt
from pathlib import Path
from typing import Any

import keras
import numpy as np

from study.backbones.forward.row import Backbone, BackboneError
from study.backbones.forward.sizes import check_image_size
from study.backbones.kinds.registry import Family

BASE = {"num_layers": 12, "hidden_dim": 768, "num_heads": 12}
SMALL = {"num_layers": 12, "hidden_dim": 384, "num_heads": 6}
ARCHITECTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "vit_base_patch16_224_imagenet": ("ViTBackbone", {**BASE, "patch_size": 16, "mlp_dim": 3072}),
    "dinov2_small": (
        "DINOV2Backbone",
        {**SMALL, "patch_size": 14, "intermediate_dim": 1536, "position_embedding_shape": (518, 518)},
    ),
    "dinov2_base": (
        "DINOV2Backbone",
        {**BASE, "patch_size": 14, "intermediate_dim": 3072, "position_embedding_shape": (518, 518)},
    ),
}
"""By keras-hub's preset: its class and the arguments of that class; sizes as published."""

_BACKBONE, _IMAGES = "transformer", "images"


def build(row: Backbone, image_size: int) -> Any:
    """The network: (n, image_size, image_size, 3) to class tokens (n, n_features).

    Raises
    ------
    BackboneError
        keras-hub is not installed, or patches do not tile images of that size.
    """
    check_image_size(row.name, row.kind, row.constructor, image_size)
    backbone = _backbone(row, image_size)
    images = keras.Input((image_size, image_size, 3), name=_IMAGES)
    tokens = backbone({_IMAGES: images} if isinstance(backbone.input, dict) else images)
    first = keras.layers.Cropping1D((0, tokens.shape[1] - 1), name="class-token")(tokens)
    return keras.Model(images, keras.layers.Flatten(name="features")(first), name=row.name)


def load(network: Any, row: Backbone, path: Path, image_size: int) -> None:
    """Set the weights from the file ``model.weights.h5`` of keras-hub's preset."""
    backbone = network.get_layer(_BACKBONE)
    if row.native_size in (None, image_size) or _interpolates(row):
        backbone.load_weights(path)
        return
    native = _backbone(row, row.native_size)
    native.load_weights(path)
    for source, target in zip(native.weights, backbone.weights, strict=True):
        is_same = source.shape == target.shape
        target.assign(source if is_same else interpolated(np.asarray(source), target.shape[0]))


def interpolated(embeddings: Any, n_tokens: int) -> Any:
    """Embeddings of positions for another square grid of patches, bicubic.

    Parameters
    ----------
    embeddings
        (1 + old side squared, width); the first is the class token's and is kept.
    n_tokens
        1 + new side squared.
    """
    old, new = (isqrt(n - 1) for n in (len(embeddings), n_tokens))
    grid = embeddings[1:].reshape(1, old, old, -1)
    resized = keras.ops.image.resize(
        grid, (new, new), interpolation="bicubic", antialias=new < old, data_format="channels_last"
    )
    return np.concatenate([embeddings[:1], np.asarray(resized).reshape(new * new, -1)])


def _interpolates(row: Backbone) -> bool:
    """Whether keras-hub's own class interpolates as it loads."""
    return "position_embedding_shape" in ARCHITECTURES[row.constructor][1]


def _backbone(row: Backbone, image_size: int | None) -> Any:
    try:
        import keras_hub
    except ImportError as error:
        raise BackboneError(
            f"{row.name}: expected keras-hub, received {error}; install the extra vit: pip install '.[vit]'"
        ) from None
    name, architecture = ARCHITECTURES[row.constructor]
    shape = (image_size, image_size, 3)
    return getattr(keras_hub.models, name)(**architecture, image_shape=shape, name=_BACKBONE)


def _as_built(network: Any) -> Any:
    return network


FAMILY = Family(build, load, _as_built)
