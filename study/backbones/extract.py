"""Features of images from a frozen backbone."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from study.backbones.network import build
from study.backbones.table import Backbone, BackboneError, backbone

BATCH_SIZE = 128
Floats = NDArray[np.float32] | NDArray[np.float16]


class Images(Protocol):
    """Images (n, height, width, 3), an array or made slice by slice."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> NDArray[Any]: ...


_PREPROCESSING: dict[str, Callable[[Any], Any]] = {
    "inside": lambda images: images,
    "centred": lambda images: (images - 127.0) / 128.0,
    "caffe": lambda images: images[..., ::-1] - tf.constant([103.939, 116.779, 123.68]),
}


class Extractor:
    """A frozen backbone, called on images.

    Images run in batches of one size, the last one filled up, spread over threads. A feature's bytes depend
    on the image alone where one TensorFlow operation runs on one thread (TF_NUM_INTRAOP_THREADS=1).

    Attributes
    ----------
    row
        The backbone's row of the table.
    n_images
        How many images have passed through so far.
    """

    def __init__(self, row: Backbone, network: Any, image_size: int, *, workers: int) -> None:
        self.row = row
        self.n_images = 0
        self._network = network
        self._size = image_size
        self._workers = workers
        self._program = tf.function(self._features)

    def __call__(
        self, images: Images, *, out: Floats | None = None, advance: Callable[[int], None] | None = None
    ) -> Floats:
        """The globally averaged features.

        Parameters
        ----------
        images
            (n, height, width, 3), RGB in 0..255; resized bilinearly to the size that the backbone sees. Each
            batch is taken in the thread that pushes it through the backbone.
        out
            Where to write, (n, n_features), rounded to its type; a new array of float32 unless given.
        advance
            Called with the number of images just done.

        Returns
        -------
        ``out``, filled.

        Raises
        ------
        BackboneError
            The images or ``out`` have another shape.
        """
        if len(images.shape) != 4 or images.shape[3] != 3:
            raise BackboneError(f"images: expected shape (n, height, width, 3), received {images.shape}")
        shape = (len(images), self.row.n_features)
        features = np.empty(shape, np.float32) if out is None else out
        if features.shape != shape:
            raise BackboneError(f"out: expected shape {shape}, received {features.shape}")
        starts = range(0, len(images), BATCH_SIZE)
        with ThreadPoolExecutor(self._workers) as pool:
            batches = pool.map(lambda start: self._batch(images, start), starts)
            for start, batch in zip(starts, batches, strict=True):
                features[start : start + BATCH_SIZE] = batch
                self.n_images += len(batch)
                if advance is not None:
                    advance(len(batch))
        return features

    def _batch(self, images: Images, start: int) -> NDArray[np.float32]:
        batch = images[start : start + BATCH_SIZE]
        full = np.zeros((BATCH_SIZE, *batch.shape[1:]), np.float32)
        full[: len(batch)] = batch
        features: NDArray[np.float32] = self._program(tf.constant(full)).numpy()
        return features[: len(batch)]

    def _features(self, images: Any) -> Any:
        if images.shape[1:3] != (self._size, self._size):
            images = tf.image.resize(images, (self._size, self._size), antialias=self._size < images.shape[1])
        return self._network(_PREPROCESSING[self.row.preprocessing](images), training=False)


def load_extractor(name: str, folder: Path, image_size: int, *, workers: int | None = None) -> Extractor:
    """Build a backbone with the weights that ``obtain`` put into ``folder``.

    Parameters
    ----------
    name
        A backbone of the table.
    folder
        Of its weights.
    image_size
        Pixels a side that the backbone sees.
    workers
        Threads over which batches spread; all cores this process may use unless given.

    Raises
    ------
    BackboneError
        The table has no such backbone, or it cannot take images so small.
    WeightsError
        The weights are missing or are not the published ones.
    """
    row = backbone(name)
    network = build(row, folder, image_size)
    return Extractor(row, network, image_size, workers=workers or _cores())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
