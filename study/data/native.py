"""The size of images that is known before they are read: what ``image_size: native`` stands for."""

KNOWN = {"digits": (48, 48), "cinic10": (32, 32)}
"""Height and width in pixels.

The digits have 8x8. At 32 pixels more than half of what their backbones give is the same for every image, so
that there is little to learn from; at 48 it is a tenth.
"""


def pixels(dataset: str, image_size: int | str) -> int | None:
    """Pixels a side that a backbone sees; None where they are the images' own and these are not read yet."""
    if isinstance(image_size, int):
        return image_size
    return max(KNOWN[dataset]) if dataset in KNOWN else None
