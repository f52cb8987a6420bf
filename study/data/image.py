"""Decode other people's image files, PNG, JPEG, WebP or BMP, to RGB of 8 bits.

The content decides on the format, not the ending. Photographs are turned as their EXIF orientation says; what
is transparent is shown on white; grey, palettes and CMYK become RGB; of 16 bits the upper 8 are kept; colour
profiles are not applied.
"""

from __future__ import annotations

import io
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from study.data import png
from study.data.dataset import DataError
from study.data.warned import counted
from study.errors import one_line, reason

FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib")
MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 64 * 1024 * 1024
_MAX_SCANS = 200
_SCAN = b"\xff\xda"
_LARGE = 16 * 1024 * 1024
_ONE_LARGE = threading.Lock()
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Pixels = NDArray[np.uint8]


class Decoded(NamedTuple):
    """Pixels, and the size that the image had before it was scaled."""

    pixels: Pixels
    height: int
    width: int


def decode(content: bytes, where: str, *, fit: tuple[int, int] | None = None, keep: int = 0) -> Decoded:
    """Pixels of an image, (height, width, 3).

    Parameters
    ----------
    content
        The file.
    where
        How the file is called in an error.
    fit
        Height and width that an image of more than ``keep`` pixels is scaled to, as by ``fitted``. None keeps
        every size.

    Raises
    ------
    DataError
        It is no whole image of the four formats, is animated, or is too large.
    """
    try:
        pixels = png.quick(content)
        if pixels is not None:
            height, width = pixels.shape[:2]
            return Decoded(fitted(pixels, *fit) if fit and height * width > keep else pixels, height, width)
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check(image, content, where)
            with _ONE_LARGE if image.width * image.height > _LARGE else nullcontext():
                rgb = _rgb(image)
                scaled = _fitted(rgb, *fit) if fit and rgb.width * rgb.height > keep else rgb
                return Decoded(np.asarray(scaled, np.uint8), rgb.height, rgb.width)
    except DataError:
        raise
    except Image.DecompressionBombError:
        raise DataError(f"{where}: expected at most {MAX_PIXELS} pixels, received more") from None
    except Exception as error:  # on wrong bytes a decoder may raise anything
        received = "another file" if isinstance(error, UnidentifiedImageError) else reason(error)
        received = received if content else "an empty file"
        raise DataError(
            f"{where}: expected a whole PNG, JPEG, WebP or BMP image, received {received}"
        ) from None


def read(path: Path, *, height: int, width: int) -> Pixels:
    """An image file as RGB, (height, width, 3), scaled as by ``fitted``.

    Raises
    ------
    DataError
        The file is missing or cannot be read, or as ``decode``.
    """
    where = one_line(str(path))
    try:
        if not path.is_file():
            received = "something else" if path.exists() else "no such file"
            raise DataError(f"{where}: expected an image file, received {received}")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DataError(f"{where}: expected an image file, received {reason(error)}") from None
    if len(content) > MAX_BYTES:
        raise DataError(f"{where}: expected an image file of at most {MAX_BYTES} bytes, received more")
    with counted():
        return decode(content, where, fit=(height, width)).pixels


def fitted(pixels: Pixels, height: int, width: int) -> Pixels:
    """An image scaled to cover (height, width), cubic with antialiasing, and cut at its centre."""
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.asarray(_fitted(Image.fromarray(pixels), height, width), np.uint8)


def _fitted(image: Image.Image, height: int, width: int) -> Image.Image:
    if image.size == (width, height):
        return image
    return ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)


def _check(image: Image.Image, content: bytes, where: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise DataError(
            f"{where}: expected at most {MAX_PIXELS} pixels, received {image.width}x{image.height}"
        )
    if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) != 1:
        raise DataError(f"{where}: expected one image, received an animation")
    if image.format == "PNG" and png.END not in content:
        raise DataError(f"{where}: expected a whole PNG, received one without its end")
    if image.format in ("JPEG", "MPO") and content.count(_SCAN) > _MAX_SCANS:
        raise DataError(f"{where}: expected a JPEG of at most {_MAX_SCANS} scans, received more")


def _rgb(image: Image.Image) -> Image.Image:
    image.load()
    upright = _UPRIGHT.get(_orientation(image))
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if upright is not None:
        image = image.transpose(upright)
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    image = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _orientation(image: Image.Image) -> int:
    """Of EXIF; 1 where it cannot be read, since the image itself may be whole."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        return 1
