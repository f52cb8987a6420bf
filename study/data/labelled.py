"""Read labelled images, of a folder or an archive, into packed arrays."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from study.data.archive import archive_entries
from study.data.dataset import Dataset
from study.data.folder import folder_entries
from study.data.image import MAX_BYTES
from study.data.layout import Layout, Place, has_splits
from study.data.pixels import Advance, Pixels
from study.data.split import stratified_thirds
from study.data.warned import counted
from study.errors import one_line
from study.tables.definitions import ORIGINS, SPLITS

_STRICT_MAX_BYTES = 16 * 1024 * 1024
_USUAL_SIZE = 224
_ORIGIN_PATTERNS = (
    ("cifar10", re.compile(r"cifar-?10-.+")),
    ("imagenet", re.compile(r"n\d{8}_\d+\.png")),
)


def read_labelled(
    path: Path,
    *,
    name: str,
    source: str,
    scratch: Path,
    size: int | None,
    split_seed: int,
    strict: bool = False,
    advance: Advance = None,
) -> Dataset:
    """Read a folder, a .tar, .tar.gz, .tar.xz, .tar.bz2 or a .zip laid out as ``study.data.layout`` says.

    Images are sorted by class and file name, so that the order of an archive changes nothing. Images of one
    size, of at most a megapixel, keep it. Otherwise each is scaled to cover a square, by cubic interpolation
    with antialiasing, and cut at its centre. The notes of the data set say what was scaled, split and passed
    over.

    Parameters
    ----------
    path
        The folder or archive.
    name, source
        Of the data set.
    scratch
        A folder on a disk with room for thrice the pixels; nothing stays there.
    size
        Pixels a side of that square; 224 where None.
    split_seed
        Of the split in three stratified parts of images that are not split.
    strict
        Whether the images must be laid out as those of CINIC-10, as PNGs of 8-bit RGB and of one size. If
        not, PNG, JPEG, WebP and BMP are converted, and links are followed that stay inside.
    advance
        Called with the number of images just decoded.

    Raises
    ------
    DataError
        In one line with the file: a path or link that leads outside, a device, an image that is broken, one
        file twice, a class without images in a split; or the archive is damaged or is larger than its bounds.
    """
    size = size or _USUAL_SIZE
    entries = folder_entries if path.is_dir() else archive_entries
    splits = strict or any(map(has_splits, entries(path)))
    n_bytes = sum(one.size for one in entries(path)) if path.is_dir() else path.stat().st_size
    layout = Layout(path, splits=splits, strict=strict)
    most = _STRICT_MAX_BYTES if strict else MAX_BYTES
    places: list[list[Place]] = []
    with (
        counted() as warned,
        Pixels(path, scratch=scratch, n_bytes=n_bytes, size=size, strict=strict, advance=advance) as pixels,
    ):
        for entry in entries(path):
            place = layout.take(entry)
            if place is not None:
                places.append([place])
                pixels.add(entry.read(most), entry.where)
        for entry in entries(path) if layout.has_links else ():
            linked = layout.pointed_at(entry)
            if linked:
                places.append(linked)
                pixels.add(entry.read(most), entry.where)
        classes = layout.classes()
        pixels.finish()
        found = {place: row for row, several in enumerate(places) for place in several}
        by_split = _split(found, classes, splits=splits, seed=split_seed)
        images = {split: pixels.take([found[one] for one in by_split[split]]) for split in SPLITS}
    notes = () if strict else _notes(layout, pixels, warned, size=size, seed=split_seed)
    code = {label: position for position, label in enumerate(classes)}
    return Dataset(
        name=name,
        source=source,
        classes=classes,
        images=images,
        labels={split: _column([code[one.label] for one in by_split[split]]) for split in SPLITS},
        origins={
            split: _column([ORIGINS.index(origin(one.file)) for one in by_split[split]]) for split in SPLITS
        },
        notes=notes,
    )


def origin(file: str) -> str:
    """Which of ``study.tables.ORIGINS`` an image comes from, by its file name in CINIC-10."""
    return next((name for name, pattern in _ORIGIN_PATTERNS if pattern.fullmatch(file)), "unknown")


def _split(
    found: dict[Place, int], classes: tuple[str, ...], *, splits: bool, seed: int
) -> dict[str, list[Place]]:
    places = sorted(found)
    if splits:
        return {split: [one for one in places if one.split == split] for split in SPLITS}
    rows = stratified_thirds(_column([classes.index(one.label) for one in places]), seed=seed)
    return {split: [places[row] for row in rows[split]] for split in SPLITS}


def _notes(layout: Layout, pixels: Pixels, warned: list[str], *, size: int, seed: int) -> tuple[str, ...]:
    notes = [layout.passed_over()]
    if not layout.splits:
        notes.append(f"split in three equal parts, stratified by class, seed {seed}")
    if pixels.scales:
        (height, width), _ = pixels.sizes.most_common(1)[0]
        sizes = f"{len(pixels.sizes)} sizes, most often" if len(pixels.sizes) > 1 else "size"
        notes.append(
            f"images of {sizes} {width}x{height}, scaled to {size}x{size} by cubic interpolation with "
            "antialiasing, cut at the centre"
        )
    if warned:
        notes.append(f"warnings of the image decoders: {len(warned)}, the first: {one_line(warned[0])}")
    return tuple(filter(None, notes))


def _column(values: list[int]) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)
