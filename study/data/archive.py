"""Read images laid out like CINIC-10, ``{train,valid,test}/{class}/{name}.png``, into packed arrays.

From a .tar.gz, as a stream and without unpacking it to disk, or from a folder.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from study.data.dataset import DataError, Dataset
from study.tables import ORIGINS, SPLITS

_MAX_CLASSES = 256
_MAX_PIXELS = 1024 * 1024
_MAX_BYTES = 16 * 1024 * 1024
_ORIGIN_PATTERNS = (
    ("cifar10", re.compile(r"cifar-?10-.+")),
    ("imagenet", re.compile(r"n\d{8}_\d+\.png")),
)


class _Place(NamedTuple):
    """Where an image stands. Tuples of it sort as the arrays do."""

    split: str
    label: str
    file: str


_Found = dict[_Place, NDArray[np.uint8]]
_Advance = Callable[[int], None] | None


def read_archive(path: Path, *, name: str, source: str, advance: _Advance = None) -> Dataset:
    """Read a .tar.gz.

    Images are sorted by class and file name, so that the order of members changes nothing. One folder may
    stand above the splits, and ``./`` before it; other files are passed over.

    Parameters
    ----------
    path
        The archive.
    name, source
        Of the data set.
    advance
        Called with 1 after each image.

    Raises
    ------
    DataError
        In one line with the member: a path that leaves the archive, a link or a device, an image that is
        broken, not RGB, or of another size than the others, one file twice, a class without images in a
        split; or the archive is truncated or is not one.
    """
    reader = _Reader(path, advance)
    try:
        with gzip.open(path) as content, tarfile.open(fileobj=content, mode="r|") as archive:
            for member in archive:
                reader.take(member, archive)
            _check_end(archive)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        last = f"; the last image read is {'/'.join(list(reader.found)[-1])}" if reader.found else ""
        raise DataError(f"{path}: expected a whole .tar.gz, received {error}{last}") from None
    except OSError as error:
        raise DataError(f"{path}: expected a readable .tar.gz, received {error}") from None
    return _pack(reader.found, reader.labels, path, name=name, source=source)


def read_folder(path: Path, *, name: str, source: str, advance: _Advance = None) -> Dataset:
    """Read a folder that holds the three splits, or one folder that does; else as ``read_archive``.

    Raises
    ------
    DataError
        As ``read_archive``.
    """
    root = _root(path)
    labels = {one.name for split in SPLITS for one in root.glob(f"{split}/[!.]*") if one.is_dir()}
    found: _Found = {}
    for file in _files(root):
        place = _Place(file.parent.parent.name, file.parent.name, file.name)
        if file.is_symlink() or not file.is_file():
            raise DataError(f"{file}: expected a file, received a link or a device")
        found[place] = _decode(file.read_bytes(), str(file))
        if advance is not None:
            advance(1)
    return _pack(found, labels, path, name=name, source=source)


def origin(file: str) -> str:
    """Which of ``study.tables.ORIGINS`` an image comes from, by its file name in CINIC-10."""
    return next((name for name, pattern in _ORIGIN_PATTERNS if pattern.fullmatch(file)), "unknown")


class _Reader:
    """Takes the members of an archive one after another."""

    def __init__(self, path: Path, advance: _Advance) -> None:
        self.found: _Found = {}
        self.labels: set[str] = set()
        self._path = path
        self._root: str | None = None
        self._advance = advance

    def take(self, member: tarfile.TarInfo, archive: tarfile.TarFile) -> None:
        where = f"{self._path}, {member.name}"
        parts = PurePosixPath(member.name).parts
        if member.name.startswith("/") or "\\" in member.name or ".." in parts:
            raise DataError(f"{where}: expected a path inside the archive, received one outside")
        if not (member.isdir() or member.isreg()):
            raise DataError(f"{where}: expected a file, received a link or a device")
        if member.isdir():
            self.labels.update(parts[-1:] if len(parts) in (2, 3) and parts[-2] in SPLITS else ())
        elif len(parts) in (3, 4) and parts[-3] in SPLITS and _is_image(parts[-1]):
            self._take_image(_Place(*parts[-3:]), "/".join(parts[:-3]), member, archive, where)

    def _take_image(
        self, place: _Place, root: str, member: tarfile.TarInfo, archive: tarfile.TarFile, where: str
    ) -> None:
        self._root = root if self._root is None else self._root
        if root != self._root:
            raise DataError(
                f"{where}: expected all splits in the folder {self._root!r}, received one in {root!r}"
            )
        if place in self.found:
            raise DataError(f"{where}: expected every image once, received it again")
        if member.size > _MAX_BYTES:
            raise DataError(f"{where}: expected at most {_MAX_BYTES} bytes, received {member.size}")
        content = archive.extractfile(member)
        self.found[place] = _decode(content.read() if content else b"", where)
        if self._advance is not None:
            self._advance(1)


def _check_end(archive: tarfile.TarFile) -> None:
    """Read the rest, which compares the checksum; zeros alone, since a damaged header looks like an end."""
    while block := archive.fileobj.read(1 << 16) if archive.fileobj else b"":
        if block.strip(b"\0"):
            raise tarfile.ReadError("a damaged header")


def _is_image(file: str) -> bool:
    return file.lower().endswith(".png") and not file.startswith(".")


def _root(path: Path) -> Path:
    try:
        inside = sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))
    except OSError as error:
        raise DataError(f"{path}: expected a readable folder, received {error}") from None
    return inside[0] if len(inside) == 1 and inside[0].name not in SPLITS else path


def _files(root: Path) -> Iterator[Path]:
    for split in SPLITS:
        yield from sorted(file for file in root.glob(f"{split}/*/*") if _is_image(file.name))


def _decode(content: bytes, where: str) -> NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise DataError(
                    f"{where}: expected at most {_MAX_PIXELS} pixels, received {image.width}x{image.height}"
                )
            image.load()
            is_rgb = image.mode == "RGB" and "transparency" not in image.info
            pixels = np.asarray(image)
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, zlib.error) as error:
        reason = "another file" if isinstance(error, UnidentifiedImageError) else error
        raise DataError(f"{where}: expected a whole PNG, received {reason}") from None
    if not is_rgb:
        raise DataError(f"{where}: expected an RGB image, received mode {image.mode}")
    return pixels


def _pack(found: _Found, labels: set[str], path: Path, *, name: str, source: str) -> Dataset:
    classes = tuple(sorted({place.label for place in found} | labels))
    counts = Counter((place.split, place.label) for place in found)
    if not 2 <= len(classes) <= _MAX_CLASSES:
        raise DataError(
            f"{path}: expected 2 to {_MAX_CLASSES} classes in {{{','.join(SPLITS)}}}/{{class}}/*.png, "
            f"received {len(classes)}"
        )
    for split in SPLITS:
        for label in classes:
            if not counts[split, label]:
                raise DataError(f"{path}, {split}/{label}: expected images, received none")
    _check_sizes(found, path)
    places = {split: sorted(place for place in found if place.split == split) for split in SPLITS}
    return Dataset(
        name=name,
        source=source,
        classes=classes,
        images={split: np.stack([found.pop(one) for one in places[split]]) for split in SPLITS},
        labels={split: _column([classes.index(one.label) for one in places[split]]) for split in SPLITS},
        origins={
            split: _column([ORIGINS.index(origin(one.file)) for one in places[split]]) for split in SPLITS
        },
    )


def _check_sizes(found: _Found, path: Path) -> None:
    sizes = Counter(pixels.shape[:2] for pixels in found.values())
    usual = min(sizes, key=lambda size: (-sizes[size], size))
    for place in sorted(found):
        height, width = found[place].shape[:2]
        if (height, width) != usual:
            raise DataError(
                f"{path}, {'/'.join(place)}: expected {usual[1]}x{usual[0]} pixels like the others, "
                f"received {width}x{height}"
            )


def _column(values: list[int]) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)
