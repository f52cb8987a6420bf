"""Randomly changed copies of images, with their targets.

Everything random is drawn first, for a whole set at once; applying it draws nothing. So a view of an image
does not depend on how the set is cut into batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_CHUNK = 256


class AugmentError(ValueError):
    """An augmentation that does not exist, or images that do not go with what was drawn."""


@dataclass(frozen=True)
class Strengths:
    """How strong each augmentation is; meaning as in params.yaml.

    Attributes
    ----------
    rotation
        Degrees; the angle is uniform in [-rotation, rotation].
    contrast
        The factor is uniform in [1 - contrast, 1 + contrast].
    brightness
        The shift is uniform in [-brightness, brightness], in fractions of the full range.
    zoom
        The scale is uniform in [1 - zoom, 1 + zoom]; above one enlarges.
    cutmix_alpha
        The share that is kept is drawn from Beta(alpha, alpha).
    """

    rotation: float
    contrast: float
    brightness: float
    zoom: float
    cutmix_alpha: float


@dataclass(frozen=True)
class Drawn:
    """What was drawn for every image of a set.

    Attributes
    ----------
    kind
        The augmentation.
    amounts
        (n,): degrees (positive turns anticlockwise), factor, shift, scale, or the share that CutMix keeps.
    partners
        (n,): CutMix, the image from which the box comes. A permutation, in which an image may meet itself.
    centres
        (n, 2): CutMix, the box's centre from the top and from the left, in fractions of the size.
    """

    kind: str
    amounts: NDArray[np.float64]
    partners: NDArray[np.int64] | None = None
    centres: NDArray[np.float64] | None = None


def draw(kind: str, n_images: int, *, rng: np.random.Generator, strengths: Strengths) -> Drawn:
    """Draw what ``apply`` needs for one view of each of ``n_images`` images.

    Raises
    ------
    AugmentError
        There is no such augmentation.
    """
    if kind == "rotation":
        return Drawn(kind, rng.uniform(-strengths.rotation, strengths.rotation, n_images))
    if kind == "contrast":
        return Drawn(kind, rng.uniform(1 - strengths.contrast, 1 + strengths.contrast, n_images))
    if kind == "brightness":
        return Drawn(kind, rng.uniform(-strengths.brightness, strengths.brightness, n_images))
    if kind == "zoom":
        return Drawn(kind, rng.uniform(1 - strengths.zoom, 1 + strengths.zoom, n_images))
    if kind == "cutmix":
        kept = rng.beta(strengths.cutmix_alpha, strengths.cutmix_alpha, n_images)
        return Drawn(kind, kept, rng.permutation(n_images), rng.random((n_images, 2)))
    raise AugmentError(
        f"augmentation: expected rotation, contrast, brightness, zoom or cutmix; received {kind!r}"
    )


def apply(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer[Any]],
    n_classes: int,
    drawn: Drawn,
    *,
    rows: slice = slice(None),
) -> tuple[Floats, Floats]:
    """Change images as drawn.

    Parameters
    ----------
    images, labels
        The whole set for which was drawn: (n, height, width, 3) in 0..255 and (n,).
    n_classes
        How many classes there are.
    drawn
        From ``draw`` for n images.
    rows
        Which of the set to give; all unless said.

    Returns
    -------
    tuple of NDArray[np.float32]
        Images in 0..255, (n_rows, height, width, 3), and targets, (n_rows, n_classes), rows summing to 1.

    Raises
    ------
    AugmentError
        Images, labels and what was drawn have not the same length.
    """
    if not len(images) == len(labels) == len(drawn.amounts):
        raise AugmentError(
            f"{drawn.kind}: expected images, labels and draws of one length, "
            f"received {len(images)}, {len(labels)} and {len(drawn.amounts)}"
        )
    if drawn.kind == "cutmix":
        return _cutmix(images, labels, n_classes, drawn, np.arange(len(images))[rows])
    changed = _CHANGES[drawn.kind](images[rows].astype(np.float32), drawn.amounts[rows])
    return changed.clip(0, 255), np.eye(n_classes, dtype=np.float32)[labels[rows]]


def _contrast(images: Floats, factors: NDArray[np.float64]) -> Floats:
    """Stretch around each image's mean of each channel."""
    means: Floats = images.mean(axis=(1, 2), keepdims=True)
    return (images - means) * _by_image(factors) + means


def _brightness(images: Floats, shifts: NDArray[np.float64]) -> Floats:
    return images + _by_image(shifts) * np.float32(255)


def _rotation(images: Floats, degrees: NDArray[np.float64]) -> Floats:
    radians = np.deg2rad(degrees)
    return _resampled(images, np.cos(radians), np.sin(radians))


def _zoom(images: Floats, scales: NDArray[np.float64]) -> Floats:
    return _resampled(images, 1 / scales, np.zeros_like(scales))


_CHANGES: dict[str, Callable[[Floats, NDArray[np.float64]], Floats]] = {
    "contrast": _contrast,
    "brightness": _brightness,
    "rotation": _rotation,
    "zoom": _zoom,
}


def _by_image(values: NDArray[np.float64]) -> Floats:
    return values.astype(np.float32)[:, None, None, None]


def _resampled(images: Floats, along: NDArray[np.float64], across: NDArray[np.float64]) -> Floats:
    """Bilinear, reflected at the border: output (x, y) shows the input at the centre plus
    (along * x - across * y, across * x + along * y), with x and y counted from the centre."""
    _, height, width, _ = images.shape
    x, y = (width - 1) / 2, (height - 1) / 2
    nothing = np.zeros_like(along)
    transforms = np.stack(
        [
            *(along, -across, x - along * x + across * y),
            *(across, along, y - across * x - along * y),
            *(nothing, nothing),
        ],
        axis=1,
    ).astype(np.float32)
    changed = np.empty_like(images)
    for start in range(0, len(images), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        changed[chunk] = keras.ops.convert_to_numpy(
            keras.ops.image.affine_transform(
                images[chunk], transforms[chunk], interpolation="bilinear", fill_mode="reflect"
            )
        )
    return changed


def _cutmix(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer[Any]],
    n_classes: int,
    drawn: Drawn,
    rows: NDArray[np.int64],
) -> tuple[Floats, Floats]:
    """CutMix: a box of the partner's pixels, cut at the border, its share of the area given to its label.

    Yun et al., CutMix (2019), section 3 and its published algorithm: sides sqrt(1 - kept) of the image's, the
    centre uniform, the label's weight from the box as it is after cutting.
    """
    if drawn.partners is None or drawn.centres is None:
        raise AugmentError("cutmix: expected partners and centres, received none")
    _, height, width, _ = images.shape
    top, bottom = _sides(height, drawn.amounts[rows], drawn.centres[rows, 0])
    left, right = _sides(width, drawn.amounts[rows], drawn.centres[rows, 1])
    mixed = images[rows].astype(np.float32)
    partners = drawn.partners[rows]
    for k, partner in enumerate(partners):
        box = (slice(top[k], bottom[k]), slice(left[k], right[k]))
        mixed[k][box] = images[partner][box]
    shares = ((bottom - top) * (right - left) / (height * width))[:, None]
    one_hot = np.eye(n_classes)
    targets = (1 - shares) * one_hot[labels[rows]] + shares * one_hot[labels[partners]]
    return mixed, targets.astype(np.float32)


def _sides(
    size: int, kept: NDArray[np.float64], centres: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    half = (size * np.sqrt(1 - kept)).astype(np.int64) // 2
    centre = (centres * size).astype(np.int64)
    return np.clip(centre - half, 0, size), np.clip(centre + half, 0, size)
