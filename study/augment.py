"""Randomly changed copies of images, with their targets.

Everything random is drawn first, for a whole set at once; making a view draws nothing. So a view of an image
does not depend on how the set is cut into batches, and is made batch by batch beside the backbone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, cast

import keras
import numpy as np
from numpy.typing import NDArray

from study.errors import StudyError

Floats = NDArray[np.float32]
Change = Callable[[Any, Any, Any], Any]
_CHUNK = 256


class AugmentError(StudyError):
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

    @property
    def change(self) -> Change:
        """Images as they are, those of their partners, and parameters, to changed images; all floats."""
        return _CHANGES[self.drawn.kind]

    @property
    def partners(self) -> NDArray[np.int64]:
        """(n,): the image that each meets; itself where the augmentation has no partner."""
        return np.arange(len(self)) if self.drawn.partners is None else self.drawn.partners

    @cached_property
    def parameters(self) -> Floats:
        """(n, n_parameters): what ``change`` needs for each image."""
        _, height, width, _ = self.images.shape
        return np.asarray(_PARAMETERS[self.drawn.kind](self.drawn, height, width), np.float32)

    def __getitem__(self, rows: slice) -> Floats:
        """Changed images in 0..255, (n_rows, height, width, 3)."""
        changed = np.empty((len(range(*rows.indices(len(self)))), *self.shape[1:]), np.float32)
        images, parameters = self.images[rows], self.parameters[rows]
        partners = None if self.drawn.partners is None else self.drawn.partners[rows]
        change = _run(self.change)
        for start in range(0, len(changed), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            own = images[chunk].astype(np.float32)
            others = own if partners is None else self.images[partners[chunk]].astype(np.float32)
            changed[chunk] = keras.ops.convert_to_numpy(change(own, others, parameters[chunk]))
        return changed

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
        _, height, width, _ = self.images.shape
        top, bottom, left, right = _boxes(self.drawn, height, width).T
        shares = (bottom - top) * (right - left) / (height * width)
        mixed = (1 - shares[:, None]) * one_hot[labels] + shares[:, None] * one_hot[labels[self.partners]]
        return np.asarray(mixed, np.float32)


def _contrast(images: Any, _: Any, factors: Any) -> Any:
    """Stretch around each image's mean of each channel."""
    means = keras.ops.mean(images, axis=(1, 2), keepdims=True)
    return _in_range((images - means) * factors[:, :, None, None] + means)


def _brightness(images: Any, _: Any, shifts: Any) -> Any:
    return _in_range(images + shifts[:, :, None, None] * np.float32(255))


def _moved(images: Any, _: Any, transforms: Any) -> Any:
    """Bilinear, reflected at the border."""
    return _in_range(
        keras.ops.image.affine_transform(images, transforms, interpolation="bilinear", fill_mode="reflect")
    )


def _pasted(images: Any, partners: Any, boxes: Any) -> Any:
    """The partners' pixels inside the boxes; exact, since pixels are whole numbers."""
    _, height, width, _ = images.shape
    down = np.arange(height, dtype=np.float32)[None, :, None, None]
    across = np.arange(width, dtype=np.float32)[None, None, :, None]
    top, bottom, left, right = (boxes[:, side, None, None, None] for side in range(4))
    rows, columns = ((down >= top) & (down < bottom)), ((across >= left) & (across < right))
    inside = keras.ops.cast(rows, "float32") * keras.ops.cast(columns, "float32")
    return images + inside * (partners - images)


def _in_range(images: Any) -> Any:
    return keras.ops.clip(images, 0, 255)


_CHANGES: dict[str, Change] = {
    "rotation": _moved,
    "contrast": _contrast,
    "brightness": _brightness,
    "zoom": _moved,
    "cutmix": _pasted,
}


@cache
def _run(change: Change) -> Change:
    """A change as Keras' backend runs it; compiled on JAX, which else goes operation by operation."""
    if keras.backend.backend() != "jax":
        return change
    import jax

    return cast(Change, jax.jit(change))


def _amounts(drawn: Drawn, height: int, width: int) -> NDArray[np.float64]:  # noqa: ARG001 - one form for all
    return drawn.amounts[:, None]


def _turns(drawn: Drawn, height: int, width: int) -> NDArray[np.float64]:
    radians = np.deg2rad(drawn.amounts)
    return _transforms(np.cos(radians), np.sin(radians), height, width)


def _scalings(drawn: Drawn, height: int, width: int) -> NDArray[np.float64]:
    return _transforms(1 / drawn.amounts, np.zeros_like(drawn.amounts), height, width)


def _transforms(
    along: NDArray[np.float64], across: NDArray[np.float64], height: int, width: int
) -> NDArray[np.float64]:
    """For Keras' affine transform, (n, 8): output (x, y) shows the input at the centre plus
    (along * x - across * y, across * x + along * y), with x and y counted from the centre."""
    x, y = (width - 1) / 2, (height - 1) / 2
    nothing = np.zeros_like(along)
    return np.stack(
        [
            *(along, -across, x - along * x + across * y),
            *(across, along, y - across * x - along * y),
            *(nothing, nothing),
        ],
        axis=1,
    )


def _boxes(drawn: Drawn, height: int, width: int) -> NDArray[np.int64]:
    """What CutMix pastes, cut at the border, in pixels: top, bottom, left and right, (n, 4).

    Yun et al., CutMix (2019), section 3 and its published algorithm: sides sqrt(1 - kept) of the image's, the
    centre uniform, the label's weight from the box as it is after cutting.
    """
    if drawn.partners is None or drawn.centres is None:
        raise AugmentError("cutmix: expected partners and centres, received none")
    vertical = _sides(height, drawn.amounts, drawn.centres[:, 0])
    return np.stack([*vertical, *_sides(width, drawn.amounts, drawn.centres[:, 1])], axis=1)


_PARAMETERS: dict[str, Callable[[Drawn, int, int], NDArray[Any]]] = {
    "rotation": _turns,
    "contrast": _amounts,
    "brightness": _amounts,
    "zoom": _scalings,
    "cutmix": _boxes,
}


def _sides(
    size: int, kept: NDArray[np.float64], centres: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    half = (size * np.sqrt(1 - kept)).astype(np.int64) // 2
    centre = (centres * size).astype(np.int64)
    return np.clip(centre - half, 0, size), np.clip(centre + half, 0, size)
