"""Other people's image files become RGB of 8 bits, or one line."""

import io
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from pictures import FORMATS, encoded, picture
from PIL import Image, ImageOps

from study.data import image as module
from study.data.dataset import DataError
from study.data.image import decode, fitted, read

ORIENTATION = 0x0112


def pixels(content):
    return decode(content, "x").pixels


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_read(form):
    content = picture(3, size=(12, 9), form=form)
    found = decode(content, "x")
    assert (found.height, found.width) == (9, 12)
    np.testing.assert_array_equal(found.pixels, np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))


def test_grey_palette_and_cmyk_become_rgb():
    grey = pixels(picture(1, mode="L"))
    assert (grey[..., :1] == grey).all()
    palette = picture(1, mode="P")
    np.testing.assert_array_equal(pixels(palette), np.asarray(Image.open(io.BytesIO(palette)).convert("RGB")))
    black = Image.new("CMYK", (8, 8), (0, 0, 0, 255))
    assert pixels(encoded(black, "JPEG")).max() < 8


def test_of_16_bits_the_upper_8_are_kept():
    deep = np.arange(64, dtype=np.uint16).reshape(8, 8) * 1024
    found = pixels(encoded(Image.fromarray(deep)))
    np.testing.assert_array_equal(found, np.repeat((deep >> 8).astype(np.uint8)[..., None], 3, axis=2))


@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("WEBP", "RGBA")])
def test_what_is_transparent_is_white(form, mode):
    clear = Image.new(mode, (8, 8), 0)
    assert (pixels(encoded(clear, form, **({"lossless": True} if form == "WEBP" else {}))) == 255).all()


def test_half_transparent_is_half_white_and_a_transparent_colour_is_white():
    half = Image.new("RGBA", (4, 4), (0, 100, 200, 51))
    assert pixels(encoded(half))[0, 0].tolist() == [204, 224, 244]
    keyed = encoded(Image.new("RGB", (4, 4), (1, 2, 3)), transparency=(1, 2, 3))
    assert (pixels(keyed) == 255).all()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_its_exif_says(form, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = picture(5, size=(16, 8), form=form, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    np.testing.assert_array_equal(pixels(content), np.asarray(upright))
    assert pixels(content).shape == ((8, 16, 3) if orientation < 5 else (16, 8, 3))


def test_exif_that_cannot_be_read_does_not_lose_the_photograph():
    content = picture(5, size=(16, 8), form="JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert pixels(content).shape == (8, 16, 3)


def test_the_first_of_a_photograph_with_a_second_inside_is_taken():
    first, second = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    content = encoded(first, "MPO", save_all=True, append_images=[second])
    assert pixels(content)[0, 0, 0] > 200


def test_an_image_is_scaled_to_cover_and_cut_at_its_centre():
    wide = np.zeros((10, 40, 3), np.uint8)
    wide[:, 15:25] = 255
    assert (fitted(wide, 10, 10) == 255).all()
    fine = np.tile(np.array([[0, 255], [255, 0]], np.uint8), (32, 32))[..., None].repeat(3, axis=2)
    assert abs(fitted(fine, 8, 8).astype(int) - 127).max() < 3, "antialiased"
    exact = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    assert fitted(exact, 6, 8) is exact


def test_only_larger_images_are_scaled_where_a_size_is_kept():
    content = picture(size=(20, 10))
    assert decode(content, "x", fit=(4, 4), keep=200).pixels.shape == (10, 20, 3)
    assert decode(content, "x", fit=(4, 4), keep=199)[0].shape == (4, 4, 3)
    jpeg = picture(size=(20, 10), form="JPEG")
    found = decode(jpeg, "x", fit=(4, 4), keep=199)
    assert (found.pixels.shape, found.height, found.width) == ((4, 4, 3), 10, 20)
    np.testing.assert_array_equal(found.pixels, fitted(pixels(jpeg), 4, 4))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "received an empty file"),
        (b"no image", "received another file"),
        (picture(form="GIF"), "received another file"),
        (picture(form="TIFF"), "received another file"),
        (picture()[:-12], "received one without its end"),
        (picture(save_all=True, append_images=[Image.new("RGB", (8, 8))]), "received an animation"),
        (
            picture(form="WEBP", save_all=True, append_images=[Image.new("RGB", (8, 8))]),
            "received an animation",
        ),
        (picture(size=(64, 64), form="JPEG")[:-100], "received image file is truncated"),
        (encoded(Image.new("L", (8200, 8200))), "at most 67108864 pixels, received 8200x8200"),
        (picture(form="JPEG") + b"\xff\xda" * 201, "a JPEG of at most 200 scans"),
    ],
)  # fmt: skip
def test_what_is_no_whole_image_is_one_line(content, message):
    with pytest.raises(DataError) as caught:
        decode(content, "train/cat/x.png")
    assert str(caught.value).startswith("train/cat/x.png: expected ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_more_pixels_than_pillow_allows_are_one_line(monkeypatch):
    content = picture(mode="L", size=(300, 300))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match="x: expected at most 67108864 pixels, received more"):
        decode(content, "x")


def mutated(content, rng):
    """Some bytes changed, swapped, doubled, or lost, in the header as often as behind it."""
    changed = bytearray(content)
    for _ in range(rng.integers(1, 8)):
        last = len(changed) if rng.random() < 0.5 else min(len(changed), 64)
        at = int(rng.integers(0, last))
        kind = rng.integers(0, 5)
        if kind == 0:
            changed[at] = int(rng.integers(0, 256))
        elif kind == 1:
            changed[at : at + 4] = bytes((0xFF, 0xFF, 0xFF, int(rng.integers(0, 256))))
        elif kind == 2:
            changed[at:at] = changed[at : at + int(rng.integers(1, 32))]
        elif kind == 3:
            del changed[at : at + int(rng.integers(1, 16))]
        else:
            changed[at : at + 4] = bytes(4)
    return bytes(changed[: rng.integers(1, len(changed) + 1)] if rng.random() < 0.2 else changed)


def subjects():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x9286] = "a comment"
    return [
        picture(size=(24, 16)),
        picture(size=(24, 16), mode="P", transparency=1),
        picture(size=(24, 16), mode="LA", exif=exif),
        picture(size=(24, 16), save_all=True, append_images=[Image.new("RGB", (24, 16))]),
        picture(size=(24, 16), form="JPEG", exif=exif, dpi=(72, 72)),
        picture(size=(24, 16), form="JPEG", mode="CMYK", progressive=True),
        picture(size=(24, 16), form="MPO", save_all=True, append_images=[Image.new("RGB", (24, 16))]),
        picture(size=(24, 16), form="WEBP", exif=exif),
        picture(size=(24, 16), form="WEBP", mode="RGBA", lossless=True),
        picture(size=(24, 16), form="BMP"),
        picture(size=(24, 16), form="BMP", mode="P"),
        picture(size=(24, 16), form="BMP", mode="L"),
    ]


@pytest.mark.parametrize("subject", range(12))
def test_a_mutated_image_is_an_image_or_one_line(subject, tmp_path):
    content = subjects()[subject]
    rng = np.random.default_rng(subject)
    path = tmp_path / "photo.jpg"
    n_bad = 0
    for _ in range(60):
        path.write_bytes(mutated(content, rng))
        said = ""
        try:
            found = read(path, height=5, width=7)
        except DataError as error:
            said = str(error)
            n_bad += 1
        assert said.startswith(f"{path}: expected ") or (found.shape, found.dtype) == ((5, 7, 3), np.uint8)
        assert "\n" not in said
    assert n_bad > 10


@pytest.mark.parametrize(
    "error", [IndexError, KeyError, MemoryError, OverflowError, RecursionError, TypeError, AttributeError]
)
def test_whatever_a_decoder_raises_is_one_line(error, monkeypatch):
    def broken(*_):
        raise error("first\nsecond")

    content = picture(form="BMP")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", broken)
    with pytest.raises(DataError) as caught:
        decode(content, "x.bmp")
    assert str(caught.value).startswith("x.bmp: expected a whole PNG, JPEG, WebP or BMP image, received ")
    assert "\n" not in str(caught.value)


def test_postscript_reaches_no_other_program(tmp_path, monkeypatch):
    """A PostScript file named like a photograph: Pillow would start gs, here one that leaves a mark."""
    mark = tmp_path / "started"
    program = tmp_path / "bin" / "gs"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nopen({str(mark)!r}, 'w').close()\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    photo = tmp_path / "photo.png"
    photo.write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n{} loop\nshowpage\n%%EOF\n"
    )
    command = f"""
from pathlib import Path
from study.data.dataset import DataError
from study.data.image import read
try:
    read(Path({str(photo)!r}), height=8, width=8)
except DataError as error:
    print(error)
"""
    said = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert said == f"{photo}: expected a whole PNG, JPEG, WebP or BMP image, received another file\n"
    assert not mark.exists()


def test_what_is_no_file_is_one_line(tmp_path):
    with pytest.raises(DataError, match=r"absent\.png: expected an image file, received no such file"):
        read(tmp_path / "absent.png", height=8, width=8)
    with pytest.raises(DataError, match="expected an image file, received something else"):
        read(tmp_path, height=8, width=8)
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(DataError, match=r"pipe\.png: expected an image file, received something else"):
        read(tmp_path / "pipe.png", height=8, width=8)


def test_a_file_beyond_the_largest_is_not_read_whole(tmp_path):
    path = tmp_path / "x.png"
    with path.open("wb") as file:
        file.truncate(module.MAX_BYTES + 1)
    with pytest.raises(DataError, match=f"an image file of at most {module.MAX_BYTES} bytes"):
        read(path, height=8, width=8)


def test_escapes_in_a_name_do_not_reach_the_terminal(tmp_path):
    with pytest.raises(DataError) as caught:
        read(tmp_path / "\x1b[2Jx.png", height=8, width=8)
    assert "\x1b" not in str(caught.value)
    assert "\\x1b[2Jx.png" in str(caught.value)
