"""The files of weights that Keras publishes for the models of keras.applications, without classifiers."""

from __future__ import annotations

from typing import NamedTuple

_HOST = "https://storage.googleapis.com/"
_KERAS = "tensorflow/keras-applications/"


class Published(NamedTuple):
    """A file of weights.

    Attributes
    ----------
    path
        Of its address, on the host of Keras' weights.
    hash
        SHA-256 or MD5 in hexadecimal digits; None where Keras gives none.
    own_name
        What Keras calls the file, where that is not the last part of its path.
    """

    path: str
    hash: str | None
    own_name: str | None = None

    @property
    def file(self) -> str:
        return self.own_name or self.path.rsplit("/", 1)[-1]

    @property
    def url(self) -> str:
        return f"{_HOST}{self.path}"


PUBLISHED = {
    "ConvNeXtBase": Published(
        f"{_KERAS}convnext/convnext_base_notop.h5",
        "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45",
    ),
    "ConvNeXtLarge": Published(
        f"{_KERAS}convnext/convnext_large_notop.h5",
        "96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd",
    ),
    "ConvNeXtSmall": Published(
        f"{_KERAS}convnext/convnext_small_notop.h5",
        "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab",
    ),
    "ConvNeXtTiny": Published(
        f"{_KERAS}convnext/convnext_tiny_notop.h5",
        "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
    ),
    "ConvNeXtXLarge": Published(
        f"{_KERAS}convnext/convnext_xlarge_notop.h5",
        "de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05",
    ),
    "DenseNet121": Published(
        f"{_KERAS}densenet/densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "30ee3e1110167f948a6b9946edeeb738",
    ),
    "DenseNet169": Published(
        f"{_KERAS}densenet/densenet169_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "b8c4d4c20dd625c148057b9ff1c1176b",
    ),
    "DenseNet201": Published(
        f"{_KERAS}densenet/densenet201_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "c13680b51ded0fb44dff2d8f86ac8bb1",
    ),
    "EfficientNetB0": Published(
        "keras-applications/efficientnetb0_notop.h5", "50bc09e76180e00e4465e1a485ddc09d"
    ),
    "EfficientNetB1": Published(
        "keras-applications/efficientnetb1_notop.h5", "74c4e6b3e1f6a1eea24c589628592432"
    ),
    "EfficientNetB2": Published(
        "keras-applications/efficientnetb2_notop.h5", "111f8e2ac8aa800a7a99e3239f7bfb39"
    ),
    "EfficientNetB3": Published(
        "keras-applications/efficientnetb3_notop.h5", "af6d107764bb5b1abb91932881670226"
    ),
    "EfficientNetB4": Published(
        "keras-applications/efficientnetb4_notop.h5", "ebc24e6d6c33eaebbd558eafbeedf1ba"
    ),
    "EfficientNetB5": Published(
        "keras-applications/efficientnetb5_notop.h5", "38879255a25d3c92d5e44e04ae6cec6f"
    ),
    "EfficientNetB6": Published(
        "keras-applications/efficientnetb6_notop.h5", "9ecce42647a20130c1f39a5d4cb75743"
    ),
    "EfficientNetB7": Published(
        "keras-applications/efficientnetb7_notop.h5", "cbcfe4450ddf6f3ad90b1b398090fe4a"
    ),
    "EfficientNetV2B0": Published(
        f"{_KERAS}efficientnet_v2/efficientnetv2-b0_notop.h5", "893217f2bb855e2983157299931e43ff"
    ),
    "EfficientNetV2B1": Published(
        f"{_KERAS}efficientnet_v2/efficientnetv2-b1_notop.h5", "0e80663031ca32d657f9caa404b6ec37"
    ),
    "EfficientNetV2B2": Published(
        f"{_KERAS}efficientnet_v2/efficientnetv2-b2_notop.h5", "1dfe2e7a5d45b6632553a8961ea609eb"
    ),
    "EfficientNetV2B3": Published(
        f"{_KERAS}efficientnet_v2/efficientnetv2-b3_notop.h5", "f6abf7b5849ac99a89b50dd3fd532856"
    ),
    "EfficientNetV2L": Published(
        f"{_KERAS}efficientnet_v2/efficientnetv2-l_notop.h5", "b0b66b5c863aef5b46e8608fe1711615"
    ),
    "EfficientNetV2M": Published(
        f"{_KERAS}efficientnet_v2/efficientnetv2-m_notop.h5", "1b8dc055df72dde80d614482840fe342"
    ),
    "EfficientNetV2S": Published(
        f"{_KERAS}efficientnet_v2/efficientnetv2-s_notop.h5", "af0682fb74e8c54910f2d4393339c070"
    ),
    "InceptionResNetV2": Published(
        f"{_KERAS}inception_resnet_v2/inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "d19885ff4a710c122648d3b5c3b684e4",
    ),
    "InceptionV3": Published(
        f"{_KERAS}inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "bcbd6486424b2319ff4ef7d526e38f63",
    ),
    "MobileNet": Published(f"{_KERAS}mobilenet/mobilenet_1_0_224_tf_no_top.h5", None),
    "MobileNetV2": Published(
        f"{_KERAS}mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", None
    ),
    "MobileNetV3Large": Published(
        f"{_KERAS}mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
        "07fb09a5933dd0c8eaafa16978110389",
    ),
    "MobileNetV3Small": Published(
        f"{_KERAS}mobilenet_v3/weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
        "d3e8ec802a04aa4fc771ee12a9a9b836",
    ),
    "NASNetLarge": Published(
        f"{_KERAS}nasnet/NASNet-large-no-top.h5", "d81d89dc07e6e56530c4e77faddd61b5", "nasnet_large_no_top.h5"
    ),
    "NASNetMobile": Published(
        f"{_KERAS}nasnet/NASNet-mobile-no-top.h5",
        "1ed92395b5b598bdda52abe5c0dbfd63",
        "nasnet_mobile_no_top.h5",
    ),
    "ResNet101": Published(
        f"{_KERAS}resnet/resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "88cf7a10940856eca736dc7b7e228a21",
    ),
    "ResNet101V2": Published(
        f"{_KERAS}resnet/resnet101v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "c0ed64b8031c3730f411d2eb4eea35b5",
    ),
    "ResNet152": Published(
        f"{_KERAS}resnet/resnet152_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "ee4c566cf9a93f14d82f913c2dc6dd0c",
    ),
    "ResNet152V2": Published(
        f"{_KERAS}resnet/resnet152v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "ed17cf2e0169df9d443503ef94b23b33",
    ),
    "ResNet50": Published(
        f"{_KERAS}resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "4d473c1dd8becc155b73f8504c6f6626",
    ),
    "ResNet50V2": Published(
        f"{_KERAS}resnet/resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "fac2f116257151a9d068a22e544a4917",
    ),
    "VGG16": Published(
        f"{_KERAS}vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc"
    ),
    "VGG19": Published(
        f"{_KERAS}vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", "253f8cb515780f3b799900260a226db6"
    ),
    "Xception": Published(
        f"{_KERAS}xception/xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "b0042744bf5b25fce3cb969f33bebb97",
    ),
}
