"""Decode PNGs of 8-bit RGB."""

from __future__ import annotations

import io

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from study.data.dataset import DataError
from study.errors import reason

Pixels = NDArray[np.uint8]
MAX_PIXELS = 1024 * 1024
END = b"IEND"
_SIGNATURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_DEPTH_AND_COLOUR = bytes((8, 2))
_UNUSUAL = (b"tRNS", b"acTL", b"eXIf", b"iTXt", b"Raw profile")
"""Chunks of a PNG that is transparent, animated or may be turned."""


def quick(content: bytes) -> Pixels | None:
    """Pixels of an ordinary PNG, (height, width, 3), by libpng; None for another file.

    Raises
    ------
    Exception
        Of imagecodecs, whatever it likes: the PNG has a fault.
    """
    if not _is_ordinary(content):
        return None
    pixels: Pixels = imagecodecs.png_decode(content)
    return pixels if pixels.shape[2:] == (3,) else None


def decode(content: bytes, where: str) -> Pixels:
    """Pixels of a PNG of 8-bit RGB and of no other file, (height, width, 3).

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
    if (n_pixels(content) or 0) > MAX_PIXELS:
        width, height = _size(content)
        raise DataError(f"{where}: expected at most {MAX_PIXELS} pixels, received {width}x{height}")
    try:
        quickly = quick(content)
        if quickly is not None:
            return quickly
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            n_frames = getattr(image, "n_frames", 1)
            image.load()
            is_rgb = image.mode == "RGB" and "transparency" not in image.info
            pixels = np.asarray(image)
    except Exception as error:  # on wrong bytes a decoder may raise anything
        received = "another file" if isinstance(error, UnidentifiedImageError) else reason(error)
        received = received if content else "an empty file"
        raise DataError(f"{where}: expected a whole PNG, received {received}") from None
    if n_frames != 1:
        raise DataError(f"{where}: expected one image, received an animation of {n_frames}")
    if not is_rgb or content[24] != _DEPTH_AND_COLOUR[0]:
        mode = image.mode if image.mode != "RGB" else f"RGB of {content[24]} bits or with transparency"
        raise DataError(f"{where}: expected an RGB image of 8 bits, received mode {mode}")
    if END not in content:
        raise DataError(f"{where}: expected a whole PNG, received one without its end")
    return pixels


def n_pixels(content: bytes) -> int | None:
    """How many pixels the header of a PNG promises; None of another file."""
    if not content.startswith(_SIGNATURE):
        return None
    width, height = _size(content)
    return width * height


def _size(content: bytes) -> tuple[int, int]:
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _is_ordinary(content: bytes) -> bool:
    """Whether the header says 8-bit RGB of a moderate size, and no chunk makes it another kind of image."""
    if content[24:26] != _DEPTH_AND_COLOUR or not 0 < (n_pixels(content) or 0) <= MAX_PIXELS:
        return False
    end = content.find(END)
    return end > 0 and all(content.find(chunk, 0, end) < 0 for chunk in _UNUSUAL)
