"""A frozen network compiled for Keras' backend, from images as they are to features."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import keras
import numpy as np

from study.backbones.forward.device import device
from study.backbones.forward.fused import fused
from study.backbones.forward.preprocessing import PREPROCESSING
from study.backbones.forward.row import Preprocessing
from study.errors import StudyError

Program = Callable[[Any], Any]
"""From float32 images to features, an array of the backend; it may be called before those are there."""

_AT_ONCE = {"cpu": (128, 2**19), "gpu": (2048, 2**21)}
"""By device: images, and pixels of images, that go through a backbone at once at most."""


class BackendError(StudyError):
    """Keras runs on a backend for which no backbone is compiled."""


def compiled(network: Any, preprocessing: Preprocessing, image_size: int) -> Program:
    """A program from RGB images in 0..255, (n, height, width, 3), to features (n, n_features).

    It may be called from several threads. Images are resized bilinearly, smoothed first where they shrink.
    The network is fused on a CPU; on a GPU, where that has not been measured, it runs as it is.

    Parameters
    ----------
    network
        From ``build``.
    preprocessing
        A key of ``PREPROCESSING``.
    image_size
        Pixels a side that the network sees.

    Raises
    ------
    BackendError
        Keras runs on neither TensorFlow nor JAX.
    """
    name = keras.backend.backend()
    if name not in _COMPILERS:
        raise BackendError(f"KERAS_BACKEND: expected {' or '.join(_COMPILERS)}, received {name}")
    quick = fused(network) if device() == "cpu" else network
    return _COMPILERS[name](quick, PREPROCESSING[preprocessing], image_size)


def batch_size(image_size: int) -> int:
    """Images of so many pixels a side that go through a backbone at once on this device: a power of 2."""
    images, pixels = _AT_ONCE.get(device(), _AT_ONCE["gpu"])
    at_most = max(1, min(images, pixels // image_size**2))
    return 1 << at_most.bit_length() - 1


def _for_tensorflow(network: Any, preprocess: Callable[[Any], Any], size: int) -> Program:
    """The weights are constants of the program: TensorFlow reckons beforehand what follows from them."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    @tf.function  # type: ignore[untyped-decorator]
    def program(images: Any) -> Any:
        if images.shape[1:3] != (size, size):
            images = tf.image.resize(images, (size, size), antialias=size < images.shape[1])
        return network(preprocess(images), training=False)

    def compiled_for(shape: tuple[int, ...]) -> Program:
        traced = program.get_concrete_function(tf.TensorSpec(shape, tf.float32))
        frozen = convert_variables_to_constants_v2(traced)
        frozen(tf.zeros(shape))  # TensorFlow prepares it when it first runs, and in each thread if many do
        return lambda images: frozen(tf.constant(images))[0]

    return _each_shape(compiled_for)


def _for_jax(network: Any, preprocess: Callable[[Any], Any], size: int) -> Program:
    """The weights stand on the device once, and are given to every call."""
    import jax

    weights = [
        [variable.value for variable in variables]
        for variables in (network.trainable_variables, network.non_trainable_variables)
    ]

    @jax.jit
    def program(weights: Any, images: Any) -> Any:
        if images.shape[1:3] != (size, size):
            shape = (len(images), size, size, 3)
            images = jax.image.resize(images, shape, "bilinear", antialias=size < images.shape[1])
        return network.stateless_call(*weights, preprocess(images), training=False)[0]

    def compiled_for(shape: tuple[int, ...]) -> Program:
        executable = program.lower(weights, np.empty(shape, np.float32)).compile()
        return lambda images: executable(weights, images)

    return _each_shape(compiled_for)


def _each_shape(compiled_for: Callable[[tuple[int, ...]], Program]) -> Program:
    """A program that is compiled when it first meets a shape, by one thread while the others wait."""
    programs: dict[tuple[int, ...], Program] = {}
    compiling = Lock()

    def features(images: Any) -> Any:
        with compiling:
            if images.shape not in programs:
                programs[images.shape] = compiled_for(images.shape)
        return programs[images.shape](images)

    return features


_COMPILERS = {"tensorflow": _for_tensorflow, "jax": _for_jax}
