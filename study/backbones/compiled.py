"""A frozen network compiled for Keras' backend, from images as they are to features."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import keras

from study.backbones.device import device
from study.backbones.preprocessing import PREPROCESSING
from study.backbones.row import Preprocessing

Program = Callable[[Any], Any]
"""From float32 images to features, an array of the backend; it may be called before those are there."""

_BATCH_SIZES = {"cpu": 128, "gpu": 2048}


class BackendError(RuntimeError):
    """Keras runs on a backend for which no backbone is compiled."""


def compiled(network: Any, preprocessing: Preprocessing, image_size: int) -> Program:
    """A program from RGB images in 0..255, (n, height, width, 3), to features (n, n_features).

    It may be called from several threads. Images are resized bilinearly, smoothed first where they shrink.

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
    return _COMPILERS[name](network, PREPROCESSING[preprocessing], image_size)


def batch_size() -> int:
    """Images that go through a backbone at once on the device at hand."""
    return _BATCH_SIZES.get(device(), _BATCH_SIZES["gpu"])


def _for_tensorflow(network: Any, preprocess: Callable[[Any], Any], size: int) -> Program:
    import tensorflow as tf

    @tf.function  # type: ignore[untyped-decorator]
    def program(images: Any) -> Any:
        if images.shape[1:3] != (size, size):
            images = tf.image.resize(images, (size, size), antialias=size < images.shape[1])
        return network(preprocess(images), training=False)

    return lambda images: program(tf.constant(images))


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

    executables: dict[tuple[int, ...], Any] = {}
    compiling = Lock()

    def features(images: Any) -> Any:
        with compiling:
            if images.shape not in executables:
                executables[images.shape] = program.lower(weights, images).compile()
        return executables[images.shape](weights, images)

    return features


_COMPILERS = {"tensorflow": _for_tensorflow, "jax": _for_jax}
