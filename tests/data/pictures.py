"""Real image files of every format, made here."""

import io

import numpy as np
from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "BMP")


def picture(seed=0, *, size=(8, 8), mode="RGB", form="PNG", **options):
    """The bytes of a smooth image of random colours, so that lossy formats keep it nearly as it is."""
    width, height = size
    channels = {"L": 1, "RGB": 3, "RGBA": 4, "CMYK": 4, "LA": 2, "P": 3}[mode]
    few = np.random.default_rng(seed).integers(0, 256, (2, 2, channels), dtype=np.uint8)
    bands = [
        Image.fromarray(few[..., k]).resize((width, height), Image.Resampling.BICUBIC)
        for k in range(channels)
    ]
    image = Image.merge("RGB", bands).quantize(16) if mode == "P" else Image.merge(mode, bands)
    return encoded(image, form, **options)


def encoded(image, form="PNG", **options):
    content = io.BytesIO()
    image.save(content, form, **options)
    return content.getvalue()
