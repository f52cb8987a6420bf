"""Which image sizes a backbone takes."""

from __future__ import annotations

from study.backbones.forward.row import BackboneError, Kind

PATCHES = {"vit_base_patch16_224_imagenet": 16, "dinov2_small": 14, "dinov2_base": 14}
"""Pixels a side of a vision transformer's patches, by keras-hub's preset."""
SMALLEST = {"InceptionResNetV2": 75, "InceptionV3": 75, "Xception": 71}
"""Pixels a side that a model of keras.applications takes at least, where it is not ``SMALLEST_OF_MOST``."""
SMALLEST_OF_MOST = 32


def check_image_size(name: str, kind: Kind, constructor: str, image_size: int) -> None:
    """Refuse an image size that a backbone cannot take.

    Parameters
    ----------
    image_size
        Pixels a side.

    Raises
    ------
    BackboneError
        The images are too small, or patches do not tile them.
    """
    patch = PATCHES.get(constructor, 1)
    smallest = SMALLEST.get(constructor, SMALLEST_OF_MOST) if kind == "application" else 1
    if image_size < smallest:
        raise BackboneError(f"image_size: expected at least {smallest} for {name}, received {image_size}")
    if image_size % patch:
        raise BackboneError(
            f"image_size: expected a multiple of {patch}, the side of a patch of {name}, "
            f"received {image_size}"
        )
