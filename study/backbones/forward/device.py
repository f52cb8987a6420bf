"""The device that Keras' backend computes on."""

from __future__ import annotations

import keras


def device() -> str:
    """``cpu``, or on JAX the kind of its accelerator, such as ``gpu``."""
    if keras.backend.backend() != "jax":
        return "cpu"
    import jax

    return str(jax.default_backend())
