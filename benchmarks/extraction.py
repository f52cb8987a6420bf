"""Feature extraction against ``model.predict`` of the model that Keras ships."""

from __future__ import annotations

import functools
import math
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.naive import SEED, network
from benchmarks.row import Row
from benchmarks.sides import Context, medians

GOALS = {"convnext-tiny": 10.0, "resnet50": 1.15, "efficientnetv2-b0": 1.3}
CLOSE = 1e-4
_IMAGE_SIZE = 32
_N_SHIPPED = {"convnext-tiny": 128}
_BATCH = 128


class Rate(NamedTuple):
    """Images a second of one backbone.

    Attributes
    ----------
    study, shipped, repaired
        The study's extractor; ``predict`` of the shipped model, and of the model with the study's layers.
    apart
        Largest difference of two outputs, over the largest output.
    flop
        Floating-point operations of an image, two a multiply-add.
    """

    study: float
    shipped: float
    repaired: float
    apart: float
    flop: int


def measure(context: Context) -> list[Row]:
    """A row a backbone for its speed, and one for how far the outputs are apart."""
    rows = []
    for name, goal in GOALS.items():
        rate = rates(context)[name]
        note = f"{rate.study:.0f} against {rate.shipped:.0f} images/s at {_IMAGE_SIZE} pixels"
        if rate.repaired != rate.shipped:
            note += f"; {rate.study / rate.repaired:.2f} against predict of the repaired model"
        rows.append(Row(f"features, {name}", rate.study / rate.shipped, goal, note))
    apart = max(rates(context)[name].apart for name in GOALS)
    note = "largest difference of outputs over the largest output, three backbones"
    rows.append(Row("features: outputs apart", apart, CLOSE, note, at_most=True))
    return rows


@functools.cache
def rates(context: Context) -> dict[str, Rate]:
    """The speed of the source's three backbones on both sides."""
    return {name: _rate(context, name) for name in GOALS}


def _rate(context: Context, name: str) -> Rate:
    n_images = context.pick(smoke=128, quick=512, full=2048)
    n_shipped = context.pick(smoke=128, quick=_N_SHIPPED.get(name, n_images), full=n_images)
    repairs = name == "convnext-tiny"
    ours = context.study(features, name, _BATCH)
    theirs = context.keras(predicted, name, _BATCH, False)
    works = [
        lambda: context.study(study_seconds, name, n_images) / n_images,
        lambda: context.keras(keras_seconds, name, n_shipped, False) / n_shipped,
    ]
    if repairs:
        context.keras(predicted, name, _BATCH, True)
        works.append(lambda: context.keras(keras_seconds, name, n_images, True) / n_images)
    seconds = medians(context.pick(smoke=1, quick=3, full=5), *works)
    study, shipped, repaired = (1 / one for one in (*seconds, seconds[-1])[:3])
    apart = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
    return Rate(study, shipped, repaired, apart, context.keras(flop, name))


@functools.cache
def extractor(name: str, weights: str = "random", *, image_size: int = _IMAGE_SIZE) -> Any:
    """The study's extractor; in its process."""
    from study.backbones.catalogue.obtain import obtain
    from study.backbones.forward.extract import load_extractor

    with tempfile.TemporaryDirectory() as folder:
        obtain(name, weights, folder=Path(folder) / name, seed=SEED)
        return load_extractor(name, Path(folder) / name, image_size)


def noise(n_images: int) -> NDArray[np.uint8]:
    """The same images on both sides."""
    rng = np.random.default_rng(np.random.SeedSequence(SEED))
    return rng.integers(0, 256, (n_images, _IMAGE_SIZE, _IMAGE_SIZE, 3), dtype=np.uint8)


def features(name: str, n_images: int) -> NDArray[Any]:
    """The study's side: features of the first images."""
    return np.asarray(extractor(name)(noise(n_images)))


def study_seconds(name: str, n_images: int) -> float:
    """The study's side: seconds for so many images."""
    images, run = noise(n_images), extractor(name)
    began = time.perf_counter()
    run(images)
    return time.perf_counter() - began


def predicted(name: str, n_images: int, repaired: bool) -> NDArray[Any]:
    """Keras' side: features of the first images."""
    model = network(name, "random", _IMAGE_SIZE, repaired=repaired)
    return np.asarray(model.predict(noise(n_images).astype(np.float32), batch_size=_BATCH, verbose=0))


def keras_seconds(name: str, n_images: int, repaired: bool) -> float:
    """Keras' side: seconds for so many images."""
    images, model = (
        noise(n_images).astype(np.float32),
        network(name, "random", _IMAGE_SIZE, repaired=repaired),
    )
    began = time.perf_counter()
    model.predict(images, batch_size=_BATCH, verbose=0)
    return time.perf_counter() - began


def flop(name: str) -> int:
    """Floating-point operations of convolutions and dense layers for one image, two a multiply-add.

    A tap beyond the border of its map meets a zero that was put there, and is not counted.
    """
    import keras

    from study.backbones.forward.taps import sides

    total = 0
    for layer in network(name, "random", _IMAGE_SIZE, repaired=False)._flatten_layers():
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            both = sides(layer.input.shape[1:3], layer.kernel_size, layer.strides, layer.padding)
            met = [int(side.table()[1].sum()) for side in both]
            total += 2 * math.prod(met) * math.prod(layer.kernel.shape[2:])
        elif isinstance(layer, keras.layers.Dense):
            total += 2 * math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    return total
