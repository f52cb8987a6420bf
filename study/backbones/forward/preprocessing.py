"""From RGB in 0..255 to what a network takes.

``inside``: the network does it itself. ``centred``: (x - 127) / 128. ``caffe``: BGR less the means of
ImageNet. ``tf``: to -1..1. ``torch``: to 0..1, then standardised by the means and deviations of ImageNet. The
last three are called so by ``keras.applications``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from study.backbones.forward.row import Preprocessing

CAFFE_MEANS = (103.939, 116.779, 123.68)
"""Blue, green, red."""
TORCH_MEANS = (0.485, 0.456, 0.406)
"""Red, green, blue, of 0..1."""
TORCH_DEVIATIONS = (0.229, 0.224, 0.225)

_CAFFE = np.array(CAFFE_MEANS, np.float32)
_MEANS = np.array(TORCH_MEANS, np.float32)
_DEVIATIONS = np.array(TORCH_DEVIATIONS, np.float32)

PREPROCESSING: dict[Preprocessing, Callable[[Any], Any]] = {
    "inside": lambda images: images,
    "centred": lambda images: (images - 127.0) / 128.0,
    "caffe": lambda images: keras.ops.flip(images, axis=-1) - _CAFFE,
    "tf": lambda images: images / 127.5 - 1.0,
    "torch": lambda images: (images / 255.0 - _MEANS) / _DEVIATIONS,
}
"""Each a function of arrays (..., 3) of any backend."""
