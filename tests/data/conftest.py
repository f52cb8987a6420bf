import gzip
import io
import tarfile

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def png():
    """The bytes of a PNG of random pixels, or of given ones."""

    def make(seed=0, size=(8, 8), mode="RGB", pixels=None):
        if pixels is None:
            pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 4), dtype=np.uint8)
            pixels = {"RGB": pixels[..., :3], "RGBA": pixels, "L": pixels[..., 0]}[mode]
        content = io.BytesIO()
        Image.fromarray(pixels).save(content, "PNG")
        return content.getvalue()

    return make


@pytest.fixture
def members(png):
    """Names and contents of a small archive: two classes, three images each in every split."""
    names = ("cifar10-train-1.png", "n01234567_890.png", "other.png")
    places = [
        f"{split}/{label}/{name}"
        for split in ("train", "valid", "test")
        for label in ("cat", "dog")
        for name in names
    ]
    return {place: png(seed) for seed, place in enumerate(places)}


@pytest.fixture
def write_archive(tmp_path):
    """Writes a .tar.gz from names and contents; a TarInfo as content is added as it is."""

    def write(members, name="set.tar.gz"):
        path = tmp_path / name
        with gzip.GzipFile(path, "wb", mtime=0) as raw, tarfile.open(fileobj=raw, mode="w|") as archive:
            for member, given in members.items():
                is_info = isinstance(given, tarfile.TarInfo)
                info, content = (given, b"") if is_info else (tarfile.TarInfo(member), given)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return path

    return write
