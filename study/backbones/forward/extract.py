"""Features of images from a frozen backbone."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from study.backbones.forward.compiled import Program, batch_size, compiled
from study.backbones.forward.folder import read_row
from study.backbones.forward.network import build
from study.backbones.forward.row import Backbone, BackboneError

Floats = NDArray[np.float32] | NDArray[np.float16]


class Images(Protocol):
    """Images (n, height, width, 3), an array or made slice by slice."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> NDArray[Any]: ...


class Extractor:
    """A frozen backbone, called on images.

    Images run in batches of one size, the last one filled up, spread over threads. A feature's bytes depend
    on the image alone where one operation of the backend runs on one thread, as ``study.stages`` sets it; on
    a GPU also on the image's place in its batch.

    Attributes
    ----------
    row
        The backbone's row of the table.
    n_images
        How many images have passed through so far.
    batch_size
        How many images pass through at once.
    program
        From a batch to its features, both where the backend has them.
    """

    def __init__(self, row: Backbone, program: Program, *, batch_size: int, workers: int) -> None:
        self.row = row
        self.n_images = 0
        self.batch_size = batch_size
        self.program = program
        self._workers = workers

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
        starts = range(0, len(images), self.batch_size)
        with ThreadPoolExecutor(self._workers) as pool:
            batches = pool.map(lambda start: self._batch(images, start), starts)
            for start, batch in zip(starts, batches, strict=True):
                features[start : start + self.batch_size] = batch
                self.n_images += len(batch)
                if advance is not None:
                    advance(len(batch))
        return features

    def _batch(self, images: Images, start: int) -> NDArray[np.float32]:
        batch = images[start : start + self.batch_size]
        full = np.zeros((self.batch_size, *batch.shape[1:]), np.float32)
        full[: len(batch)] = batch
        return np.asarray(self.program(full))[: len(batch)]


def load_extractor(name: str, folder: Path, image_size: int, *, workers: int | None = None) -> Extractor:
    """Build a backbone with the weights that ``obtain`` put into ``folder``.

    Parameters
    ----------
    name
        The backbone whose weights ``folder`` is to hold.
    folder
        Of its weights.
    image_size
        Pixels a side that the backbone sees.
    workers
        Threads over which batches spread; all cores this process may use unless given.

    Raises
    ------
    BackboneError
        The folder is another backbone's, or this one cannot take images of that size.
    WeightsError
        The weights are missing or are not the published ones.
    BackendError
        Keras runs on neither TensorFlow nor JAX.
    """
    row = read_row(folder)
    if row.name != name:
        raise BackboneError(f"{folder}: expected weights of {name}, received those of {row.name}")
    network = build(row, folder, image_size)
    program = compiled(network, row.preprocessing, image_size)
    return Extractor(row, program, batch_size=batch_size(image_size), workers=workers or _cores())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
