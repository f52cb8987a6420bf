"""Decode images on all cores, and keep their pixels in a file without a name.

So memory does not grow with the set. Images of one size, of at most a megapixel, stay as they are; otherwise
all are scaled and cut to a square.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from study.data import image, png
from study.data.dataset import DataError, mapped
from study.data.image import Decoded

Advance = Callable[[int], None] | None
_BATCH = 256
_BATCH_BYTES = 8 * 1024**2
_IN_FLIGHT = 256 * 1024**2
_ROWS_BYTES = 64 * 1024**2
_ALWAYS = 1024**3
_MAX_RATIO = 300


class Pixels:
    """Images in the order in which they were added.

    Images are decoded on other threads, so an error is raised at a later call.

    Parameters
    ----------
    path
        Of the folder or archive, for errors.
    scratch
        A folder on a disk; at most a third of its room is taken.
    n_bytes
        Of the folder or archive; the images may promise at most 300 times as much, or 1 GiB.
    size
        Pixels a side to which images are scaled where their sizes differ.
    strict
        Whether all must be PNGs of 8-bit RGB and of one size.
    advance
        Called with the number of images just decoded.
    """

    def __init__(
        self, path: Path, *, scratch: Path, n_bytes: int, size: int, strict: bool, advance: Advance
    ) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self.sizes: Counter[tuple[int, int]] = Counter()
        self.scales = False
        self._path = path
        self._scratch = scratch
        self._shape = (size, size)
        self._strict = strict
        self._advance = advance
        self._most_decoded = _ALWAYS + _MAX_RATIO * n_bytes
        self._most_stored = shutil.disk_usage(scratch).free // 3
        self._decoded = 0
        self._stored = 0
        self._file = self._new_file()
        n_workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(n_workers)
        self._most_batches = 2 * n_workers
        self._batch: list[tuple[bytes, str]] = []
        self._batch_bytes = 0
        self._in_flight = 0
        self._running: deque[tuple[Future[list[Decoded]], int]] = deque()

    def __enter__(self) -> Pixels:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._file.close()

    def add(self, content: bytes, where: str) -> None:
        """Decode one image; ``where`` is how it is called in an error.

        Raises
        ------
        DataError
            This one or an earlier one cannot be decoded, or all together are too large.
        """
        self._batch.append((content, where))
        self._batch_bytes += len(content) + 3 * min(png.n_pixels(content) or png.MAX_PIXELS, png.MAX_PIXELS)
        if len(self._batch) == _BATCH or self._batch_bytes > _BATCH_BYTES:
            self._send()

    def finish(self) -> None:
        """Wait until all pixels are there.

        Raises
        ------
        DataError
            As ``add``.
        """
        self._send()
        while self._running:
            self._take_first()
        self._file.flush()

    def take(self, order: list[int]) -> NDArray[np.uint8]:
        """Some images, (n, height, width, 3), mapped from a file of their own."""
        height, width = self._shape if self.scales else next(iter(self.sizes))
        n_bytes = height * width * 3
        images = mapped((len(order), height, width, 3), self._scratch)
        n_rows = max(1, _ROWS_BYTES // n_bytes)
        for start in range(0, len(order), n_rows):
            part = order[start : start + n_rows]
            content = b"".join(self._read(one, n_bytes) for one in part)
            images[start : start + len(part)] = np.frombuffer(content, np.uint8).reshape(
                len(part), height, width, 3
            )
        return images

    def _send(self) -> None:
        self._running.append((self._pool.submit(self._decode_all, self._batch), self._batch_bytes))
        self._in_flight += self._batch_bytes
        self._batch, self._batch_bytes = [], 0
        while len(self._running) > self._most_batches or self._in_flight > _IN_FLIGHT:
            self._take_first()

    def _take_first(self) -> None:
        batch, n_bytes = self._running.popleft()
        decoded = batch.result()
        for one in decoded:
            self._keep(one)
        self._in_flight -= n_bytes
        if self._advance is not None:
            self._advance(len(decoded))

    def _decode_all(self, batch: list[tuple[bytes, str]]) -> list[Decoded]:
        return [self._decode(content, where) for content, where in batch]

    def _decode(self, content: bytes, where: str) -> Decoded:
        if self._strict:
            pixels = png.decode(content, where)
            return Decoded(pixels, *pixels.shape[:2])
        return image.decode(content, where, fit=self._shape, keep=0 if self.scales else png.MAX_PIXELS)

    def _keep(self, one: Decoded) -> None:
        self.sizes[one.height, one.width] += 1
        self._decoded += one.height * one.width * 3
        if self._decoded > self._most_decoded:
            raise DataError(
                f"{self._path}: expected at most {self._most_decoded} bytes of pixels, {_MAX_RATIO} times "
                "its size plus 1 GiB, received more"
            )
        if len(self.sizes) > 1 or one.height * one.width > png.MAX_PIXELS:
            self._scale()
        pixels = image.fitted(one.pixels, *self._shape) if self.scales else one.pixels
        self._stored += pixels.nbytes
        if self._stored > self._most_stored:
            raise DataError(
                f"{self._path}: expected at most {self._most_stored} bytes of pixels, a third of the room in "
                f"{self._scratch}, received more"
            )
        self._file.write(np.ascontiguousarray(pixels).data)

    def _scale(self) -> None:
        """From now on scale all images, and those that are there too."""
        if self.scales:
            return
        if self._strict:
            (height, width), (other_height, other_width) = list(self.sizes)[:2]
            raise DataError(
                f"{self._path}: expected {width}x{height} pixels like the first image, "
                f"received {other_width}x{other_height}"
            )
        self.scales = True
        height, width = next(iter(self.sizes))
        n_bytes = height * width * 3
        n_images = self._stored // n_bytes
        with self._file as before:
            self._file = self._new_file()
            self._stored = 0
            before.seek(0)
            for _ in range(n_images):
                pixels = np.frombuffer(before.read(n_bytes), np.uint8).reshape(height, width, 3)
                self._stored += self._file.write(image.fitted(pixels, *self._shape).data)

    def _read(self, position: int, n_bytes: int) -> bytes:
        self._file.seek(position * n_bytes)
        return self._file.read(n_bytes)

    def _new_file(self) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=self._scratch)
