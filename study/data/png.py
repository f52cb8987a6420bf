"""Decode PNGs of 8-bit RGB on all cores."""

from __future__ import annotations

import io
import os
import zlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from study.data.dataset import DataError

Pixels = NDArray[np.uint8]
_MAX_PIXELS = 1024 * 1024
_BATCH = 256
_END = b"IEND"
_SIGNATURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_DEPTH_AND_COLOUR = bytes((8, 2))


def decode(content: bytes, where: str) -> Pixels:
    """Pixels of a PNG, (height, width, 3).

    Ordinary files are decoded by libpng; whatever differs from one goes through Pillow, which says what is
    wrong with it.

    Parameters
    ----------
    content
        The file.
    where
        How the file is called in an error.

    Raises
    ------
    DataError
        It is no whole PNG, is not 8-bit RGB, or is too large.
    """
    if _is_ordinary(content):
        try:
            pixels: Pixels = imagecodecs.png_decode(content)
        except (imagecodecs.PngError, ValueError) as error:
            _decode_with_reasons(content, where)
            raise DataError(f"{where}: expected a whole PNG, received one with a fault ({error})") from None
        if pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8:
            return pixels
    return _decode_with_reasons(content, where)


class Decoders:
    """Threads that decode; results come in the order of ``add``.

    Parameters
    ----------
    take
        Called in the thread of the caller with images just decoded.
    """

    def __init__(self, take: Callable[[list[Pixels]], None]) -> None:
        n_workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(n_workers)
        self._most = 2 * n_workers
        self._take = take
        self._batch: list[tuple[bytes, str]] = []
        self._running: deque[Future[list[Pixels]]] = deque()

    def add(self, content: bytes, where: str) -> None:
        """Decode one more; an error of an earlier one may be raised here.

        Raises
        ------
        DataError
            As ``decode``.
        """
        self._batch.append((content, where))
        if len(self._batch) == _BATCH:
            self._send()

    def finish(self) -> None:
        """Wait for all.

        Raises
        ------
        DataError
            As ``decode``.
        """
        self._send()
        while self._running:
            self._take(self._running.popleft().result())

    def close(self) -> None:
        """End the threads; what is not decoded yet is dropped."""
        self._pool.shutdown(cancel_futures=True)

    def _send(self) -> None:
        batch, self._batch = self._batch, []
        self._running.append(self._pool.submit(_decode_all, batch))
        while len(self._running) > self._most:
            self._take(self._running.popleft().result())


def _decode_all(batch: list[tuple[bytes, str]]) -> list[Pixels]:
    return [decode(content, where) for content, where in batch]


def _is_ordinary(content: bytes) -> bool:
    """Whether the header says 8-bit RGB of a moderate size, without transparency and not animated."""
    if not content.startswith(_SIGNATURE) or content[24:26] != _DEPTH_AND_COLOUR:
        return False
    n_pixels = int.from_bytes(content[16:20], "big") * int.from_bytes(content[20:24], "big")
    before_data = content[: content.find(b"IDAT")]
    return (
        0 < n_pixels <= _MAX_PIXELS
        and b"tRNS" not in before_data
        and b"acTL" not in before_data
        and _END in content
    )


def _decode_with_reasons(content: bytes, where: str) -> Pixels:
    width, height = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
    if content.startswith(_SIGNATURE) and width * height > _MAX_PIXELS:
        raise DataError(f"{where}: expected at most {_MAX_PIXELS} pixels, received {width}x{height}")
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            n_frames = getattr(image, "n_frames", 1)
            image.load()
            is_rgb = image.mode == "RGB" and "transparency" not in image.info
            pixels = np.asarray(image)
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, zlib.error) as error:
        reason = "another file" if isinstance(error, UnidentifiedImageError) else error
        reason = reason if content else "an empty file"
        raise DataError(f"{where}: expected a whole PNG, received {reason}") from None
    if n_frames != 1:
        raise DataError(f"{where}: expected one image, received an animation of {n_frames}")
    if not is_rgb or content[24] != _DEPTH_AND_COLOUR[0]:
        mode = image.mode if image.mode != "RGB" else f"RGB of {content[24]} bits or with transparency"
        raise DataError(f"{where}: expected an RGB image of 8 bits, received mode {mode}")
    if _END not in content:
        raise DataError(f"{where}: expected a whole PNG, received one without its end")
    return pixels
