"""Randomly changed copies of images, with their targets.

Everything random is drawn first, for a whole set at once; making a view draws nothing. So a view of an image
does not depend on how the set is cut into batches, and is made batch by batch beside the backbone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

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
    """Draw what a ``View`` needs for one view of each of ``n_images`` images.

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


@dataclass(frozen=True)
class View:
    """One view of each image of a set, made a slice at a time.

    Attributes
    ----------
    images
        (n, height, width, 3) in 0..255.
    drawn
        From ``draw`` for n images.
    """

    images: NDArray[np.uint8]
    drawn: Drawn

    def __post_init__(self) -> None:
        if len(self.images) != len(self.drawn.amounts):
            raise AugmentError(
                f"{self.drawn.kind}: expected as many draws as images, {len(self.images)}; "
                f"received {len(self.drawn.amounts)}"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, height, width, 3)."""
        return self.images.shape

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice) -> Floats:
        """Changed images in 0..255, (n_rows, height, width, 3)."""
        if self.drawn.kind == "cutmix":
            return _pasted(self.images, self.drawn, rows)
        changed = _CHANGES[self.drawn.kind](self.images[rows].astype(np.float32), self.drawn.amounts[rows])
        return np.asarray(changed.clip(0, 255), np.float32)

    def targets(self, labels: NDArray[np.integer[Any]], n_classes: int) -> Floats:
        """Shares of the classes, (n, n_classes), rows summing to 1.

        Parameters
        ----------
        labels
            Of the images before the change, (n,).

        Raises
        ------
        AugmentError
            There are not as many labels as images.
        """
        if len(labels) != len(self.images):
            raise AugmentError(
                f"{self.drawn.kind}: expected as many labels as images, {len(self.images)}; "
                f"received {len(labels)}"
            )
        one_hot = np.eye(n_classes)
        if self.drawn.kind != "cutmix":
            return np.asarray(one_hot[labels], np.float32)
        boxes = _boxes(self.images.shape, self.drawn, slice(None))
        _, height, width, _ = self.images.shape
        shares = (boxes.bottom - boxes.top) * (boxes.right - boxes.left) / (height * width)
        mixed = (1 - shares[:, None]) * one_hot[labels] + shares[:, None] * one_hot[labels[boxes.partners]]
        return np.asarray(mixed, np.float32)


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
    moved = _moved_by()
    changed = np.empty_like(images)
    for start in range(0, len(images), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        changed[chunk] = keras.ops.convert_to_numpy(moved(images[chunk], transforms[chunk]))
    return changed


@cache
def _moved_by() -> Callable[[Floats, Floats], Any]:
    """Keras' affine transform; compiled on JAX, which without that runs it operation by operation."""
    moved = partial(keras.ops.image.affine_transform, interpolation="bilinear", fill_mode="reflect")
    if keras.backend.backend() != "jax":
        return moved
    import jax

    return cast(Callable[[Floats, Floats], Any], jax.jit(moved))


@dataclass(frozen=True)
class _Boxes:
    """CutMix: what is pasted into each image, in pixels, each (n_rows,), and from which image."""

    partners: NDArray[np.int64]
    top: NDArray[np.int64]
    bottom: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]


def _boxes(shape: tuple[int, ...], drawn: Drawn, rows: slice) -> _Boxes:
    """A box cut at the border, whose share of the area its label gets.

    Yun et al., CutMix (2019), section 3 and its published algorithm: sides sqrt(1 - kept) of the image's, the
    centre uniform, the label's weight from the box as it is after cutting.
    """
    if drawn.partners is None or drawn.centres is None:
        raise AugmentError("cutmix: expected partners and centres, received none")
    top, bottom = _sides(shape[1], drawn.amounts[rows], drawn.centres[rows, 0])
    left, right = _sides(shape[2], drawn.amounts[rows], drawn.centres[rows, 1])
    return _Boxes(drawn.partners[rows], top, bottom, left, right)


def _pasted(images: NDArray[np.uint8], drawn: Drawn, rows: slice) -> Floats:
    boxes = _boxes(images.shape, drawn, rows)
    mixed: Floats = images[rows].astype(np.float32)
    for k, partner in enumerate(boxes.partners):
        box = (slice(boxes.top[k], boxes.bottom[k]), slice(boxes.left[k], boxes.right[k]))
        mixed[k][box] = images[partner][box]
    return mixed


def _sides(
    size: int, kept: NDArray[np.float64], centres: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    half = (size * np.sqrt(1 - kept)).astype(np.int64) // 2
    centre = (centres * size).astype(np.int64)
    return np.clip(centre - half, 0, size), np.clip(centre + half, 0, size)
