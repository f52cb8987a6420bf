"""Backbones in OpenVINO, from the model that Keras ships."""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.extraction import noise
from benchmarks.naive import network

_BATCH, _IMAGE_SIZE = 128, 32


def seconds(name: str, n_images: int) -> float:
    """Seconds of so many images through a backbone."""
    run, images = _runner(name), noise(n_images).astype(np.float32)
    began = time.perf_counter()
    for start in range(0, n_images, _BATCH):
        run(images[start : start + _BATCH])
    return time.perf_counter() - began


@functools.cache
def _runner(name: str) -> Callable[[Any], Any]:
    """In full precision, as the study's own features are."""
    import openvino

    model = network(name, "random", _IMAGE_SIZE, repaired=True)
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, format="tf_saved_model", verbose=False)
        core = openvino.Core()
        core.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        compiled = core.compile_model(openvino.convert_model(folder), "CPU")
    return lambda batch: compiled(batch)[0]
