"""Read images laid out like CINIC-10, ``{train,valid,test}/{class}/{name}.png``, into packed arrays.

From a tar archive, as a stream and without unpacking it to disk, or from a folder. Pixels are decoded on all
cores and kept in a file without a name that is mapped into memory, so that memory does not grow with the set.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tarfile
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from study.data.dataset import DamagedError, DataError, Dataset, mapped
from study.data.png import Decoders
from study.errors import reason
from study.tables.definitions import ORIGINS, SPLITS

_MAX_CLASSES = 256
_MAX_BYTES = 16 * 1024 * 1024
_ROWS = 1024
_ORIGIN_PATTERNS = (
    ("cifar10", re.compile(r"cifar-?10-.+")),
    ("imagenet", re.compile(r"n\d{8}_\d+\.png")),
)
_COMPRESSED: tuple[tuple[bytes, type[gzip.GzipFile | lzma.LZMAFile | bz2.BZ2File]], ...] = (
    (b"\x1f\x8b", gzip.GzipFile),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
    (b"BZh", bz2.BZ2File),
)
_ZIP = b"PK\x03\x04"
_DAMAGED = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


class _Place(NamedTuple):
    """Where an image stands. Tuples of it sort as the arrays do."""

    split: str
    label: str
    file: str


_Advance = Callable[[int], None] | None


def read_archive(path: Path, *, name: str, source: str, scratch: Path, advance: _Advance = None) -> Dataset:
    """Read a .tar, .tar.gz, .tar.xz or .tar.bz2.

    Images are sorted by class and file name, so that the order of members changes nothing. One folder may
    stand above the splits, and ``./`` before it; other files are passed over.

    Parameters
    ----------
    path
        The archive.
    name, source
        Of the data set.
    scratch
        A folder on a disk with room for twice the pixels; nothing stays there.
    advance
        Called with the number of images just decoded.

    Raises
    ------
    DataError
        In one line with the member: a path that leaves the archive, a link or a device, an image that is
        broken, not RGB, or of another size than the others, one file twice, a class without images in a
        split.
    DamagedError
        The archive is truncated or is not one.
    """
    with _Pixels(scratch, path, advance) as pixels:
        reader = _Reader(path, pixels)
        try:
            with _opened(path) as content, tarfile.open(fileobj=content, mode="r|") as archive:
                for member in archive:
                    reader.take(member, archive)
                _check_end(archive)
        except _DAMAGED as error:
            last = f"; the last image read is {'/'.join(list(reader.found)[-1])}" if reader.found else ""
            raise DamagedError(
                f"{path}: expected a whole .tar.gz or other tar archive, received {error}{last}"
            ) from None
        except OSError as error:
            kind = DataError if error.errno else DamagedError
            raise kind(f"{path}: expected a readable archive, received {reason(error)}") from None
        pixels.finish()
        return _pack(reader.found, reader.labels, pixels, path, name=name, source=source)


def read_folder(path: Path, *, name: str, source: str, scratch: Path, advance: _Advance = None) -> Dataset:
    """Read a folder that holds the three splits, or one folder that does; else as ``read_archive``.

    Raises
    ------
    DataError
        As ``read_archive``.
    """
    root = _root(path)
    labels = {one.name for split in SPLITS for one in root.glob(f"{split}/[!.]*") if one.is_dir()}
    found: dict[_Place, int] = {}
    with _Pixels(scratch, path, advance) as pixels:
        for file in _files(root):
            place = _Place(file.parent.parent.name, file.parent.name, file.name)
            if file.is_symlink() or not file.is_file():
                raise DataError(f"{file}: expected a file, received a link or a device")
            found[place] = len(found)
            try:
                pixels.add(file.read_bytes(), str(file))
            except OSError as error:
                raise DataError(f"{file}: expected a readable file, received {reason(error)}") from None
        pixels.finish()
        return _pack(found, labels, pixels, path, name=name, source=source)


def begins(path: Path) -> bool:
    """Whether a file begins as an archive does that ``read_archive`` reads."""
    try:
        with _opened(path) as content:
            tarfile.TarInfo.frombuf(content.read(tarfile.BLOCKSIZE), tarfile.ENCODING, "surrogateescape")
    except (*_DAMAGED, OSError):
        return False
    return True


def is_intact(path: Path) -> bool:
    """Whether a file can be decompressed to its end, where its checksum is compared."""
    try:
        with _opened(path) as content:
            while content.read(1 << 20):
                pass
    except (*_DAMAGED, OSError):
        return False
    return True


def origin(file: str) -> str:
    """Which of ``study.tables.ORIGINS`` an image comes from, by its file name in CINIC-10."""
    return next((name for name, pattern in _ORIGIN_PATTERNS if pattern.fullmatch(file)), "unknown")


def _opened(path: Path) -> IO[bytes]:
    """The archive's content without its compression, told by its first bytes."""
    with path.open("rb") as file:
        first = file.read(8)
    for magic, reader in _COMPRESSED:
        if first.startswith(magic):
            return cast("IO[bytes]", reader(path, "rb"))
    if first.startswith(_ZIP):
        raise tarfile.ReadError("a zip file")
    return path.open("rb")


class _Pixels:
    """Decoded images in the order in which they were added, in a file without a name.

    Images are decoded on other threads, so an error is raised at a later call.
    """

    def __init__(self, scratch: Path, path: Path, advance: _Advance) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self.sizes: list[tuple[int, int]] = []
        self.scratch = scratch
        self._path = path
        self._file = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - closed in __exit__
        self._offset = 0
        self._offsets: list[int] = []
        self._advance = advance
        self._decoders = Decoders(self._write)

    def __enter__(self) -> _Pixels:
        return self

    def __exit__(self, *_: object) -> None:
        self._decoders.close()
        self._file.close()

    def add(self, content: bytes, where: str) -> None:
        """Decode one PNG, and keep its pixels after those of the one before."""
        self._decoders.add(content, where)

    def finish(self) -> None:
        """Wait until all pixels are there."""
        self._decoders.finish()
        self._file.flush()

    def take(self, order: list[int]) -> NDArray[np.uint8]:
        """Some images of one size, (n, height, width, 3), mapped from a file of their own."""
        height, width = self.sizes[order[0]]
        n_bytes = height * width * 3
        images = mapped((len(order), height, width, 3), self.scratch)
        for start in range(0, len(order), _ROWS):
            part = order[start : start + _ROWS]
            content = b"".join(self._read(self._offsets[one], n_bytes) for one in part)
            images[start : start + len(part)] = np.frombuffer(content, np.uint8).reshape(
                len(part), height, width, 3
            )
        return images

    def _read(self, offset: int, n_bytes: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(n_bytes)

    def _write(self, images: list[NDArray[np.uint8]]) -> None:
        for pixels in images:
            self.sizes.append((pixels.shape[0], pixels.shape[1]))
            self._offsets.append(self._offset)
            self._offset += self._file.write(np.ascontiguousarray(pixels).data)
        if self._advance is not None:
            self._advance(len(images))


class _Reader:
    """Takes the members of an archive one after another."""

    def __init__(self, path: Path, pixels: _Pixels) -> None:
        self.found: dict[_Place, int] = {}
        self.labels: set[str] = set()
        self._path = path
        self._root: str | None = None
        self._pixels = pixels

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
        self.found[place] = len(self.found)
        self._pixels.add(content.read() if content else b"", where)


def _check_end(archive: tarfile.TarFile) -> None:
    """Read the rest, which compares the checksum; zeros alone, since a damaged header looks like an end.

    There is at least a block of them: an archive that was cut between two members has none.
    """
    if archive.fileobj and archive.fileobj.tell() == archive.offset:
        raise tarfile.ReadError("one that ends too early")
    while block := archive.fileobj.read(1 << 16) if archive.fileobj else b"":
        if block.strip(b"\0"):
            raise tarfile.ReadError("a damaged header")


def _is_image(file: str) -> bool:
    return file.lower().endswith(".png") and not file.startswith(".")


def _root(path: Path) -> Path:
    try:
        inside = sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))
    except OSError as error:
        raise DataError(f"{path}: expected a readable folder, received {reason(error)}") from None
    return inside[0] if len(inside) == 1 and inside[0].name not in SPLITS else path


def _files(root: Path) -> Iterator[Path]:
    for split in SPLITS:
        yield from sorted(file for file in root.glob(f"{split}/*/*") if _is_image(file.name))


def _pack(
    found: dict[_Place, int], labels: set[str], pixels: _Pixels, path: Path, *, name: str, source: str
) -> Dataset:
    classes = tuple(sorted({place.label for place in found} | labels))
    counts = Counter((place.split, place.label) for place in found)
    if not 2 <= len(classes) <= _MAX_CLASSES:
        raise DataError(
            f"{path}: expected 2 to {_MAX_CLASSES} classes in {{{','.join(SPLITS)}}}/{{class}}/*.png, "
            f"received {len(classes)}"
        )
    for label in classes:
        if not label.isprintable():
            raise DataError(f"{path}: expected class names that can be printed, received {label!a}")
    for split in SPLITS:
        for label in classes:
            if not counts[split, label]:
                raise DataError(f"{path}, {split}/{label}: expected images, received none")
    _check_sizes(found, pixels.sizes, path)
    places = {split: sorted(place for place in found if place.split == split) for split in SPLITS}
    position = {label: code for code, label in enumerate(classes)}
    return Dataset(
        name=name,
        source=source,
        classes=classes,
        images={split: pixels.take([found[one] for one in places[split]]) for split in SPLITS},
        labels={split: _column([position[one.label] for one in places[split]]) for split in SPLITS},
        origins={
            split: _column([ORIGINS.index(origin(one.file)) for one in places[split]]) for split in SPLITS
        },
    )


def _check_sizes(found: dict[_Place, int], sizes: list[tuple[int, int]], path: Path) -> None:
    counts = Counter(sizes)
    usual = min(counts, key=lambda size: (-counts[size], size))
    for place in sorted(place for place, position in found.items() if sizes[position] != usual):
        height, width = sizes[found[place]]
        raise DataError(
            f"{path}, {'/'.join(place)}: expected {usual[1]}x{usual[0]} pixels like the others, "
            f"received {width}x{height}"
        )


def _column(values: list[int]) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)
