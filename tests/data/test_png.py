"""The fast decoder gives what Pillow gives, and refuses what is not an ordinary RGB image."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from study.data import png as module
from study.data.dataset import DataError
from study.data.png import decode

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def built(depth=8, colour=2, *, interlaced=0, extra=b"", width=6, height=8, data=None):
    """A PNG put together by hand."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = b"\0" + bytes(-(-width * channels * depth // 8))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    content = zlib.compress(row * height) if data is None else data
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + palette
        + extra
        + chunk(b"IDAT", content)
        + chunk(b"IEND", b"")
    )


def saved(image, **options):
    content = io.BytesIO()
    image.save(content, "PNG", **options)
    return content.getvalue()


@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"compress_level": 0}, {"dpi": (72, 72)}])
def test_pixels_are_those_of_pillow(options):
    content = saved(Image.fromarray(PIXELS), **options)
    assert module._is_ordinary(content)
    np.testing.assert_array_equal(decode(content, "x.png"), PIXELS)


def test_text_before_the_data_changes_nothing():
    content = built(extra=chunk(b"tEXt", b"Comment\0tRNS"))
    assert decode(content, "x.png").shape == (8, 6, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (built(depth=16), "mode RGB of 16 bits"),
        (built(colour=0), "mode L"),
        (built(depth=1, colour=0), "mode 1"),
        (built(depth=16, colour=0), "mode I;16"),
        (built(colour=3), "mode P"),
        (built(colour=4), "mode LA"),
        (built(colour=6), "mode RGBA"),
        (built(extra=chunk(b"tRNS", bytes(6))), "transparency"),
        (built(width=4096, height=4096, data=b""), "1048576 pixels, received 4096x4096"),
        (built(data=zlib.compress(bytes(10))), "a whole PNG"),
        (built(data=b"no zlib stream"), "a whole PNG"),
        (built()[:-30], "a whole PNG"),
        (built()[:40], "a whole PNG"),
        (built()[1:], "received another file"),
        (b"GIF89a", "received another file"),
        (b"", "received an empty file"),
        (built()[:-12], "received one without its end"),
        (built(width=65_000, height=65_000, data=b""), "1048576 pixels, received 65000x65000"),
        (b"\x89PNG\r\n\x1a\n", "a whole PNG"),
        (built(width=0), "a whole PNG"),
        (
            saved(Image.fromarray(PIXELS), save_all=True, append_images=[Image.fromarray(255 - PIXELS)]),
            "animation",
        ),
    ],
)
def test_what_is_not_an_ordinary_image_is_refused_in_one_line(content, message):
    with pytest.raises(DataError) as caught:
        decode(content, "train/cat/x.png")
    assert str(caught.value).startswith("train/cat/x.png: expected ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255), st.booleans())
def test_a_changed_byte_is_refused_or_gives_an_image(position, value, cut):
    content = bytearray(saved(Image.fromarray(PIXELS)))
    position %= len(content)
    content[position] = value
    said = ""
    try:
        pixels = decode(bytes(content[:position] if cut else content), "x.png")
        assert (pixels.ndim, pixels.shape[2], pixels.dtype) == (3, 3, np.uint8)
    except DataError as error:
        said = str(error)
    assert "\n" not in said
