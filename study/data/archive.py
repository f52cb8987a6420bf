"""The files of a tar or zip archive, one after another and within bounds.

Nothing is unpacked. Headers, files and the content as a whole are bounded, so that a small archive takes
neither much memory nor much time.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import posixpath
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from study.data.dataset import DamagedError, DataError
from study.data.entry import Entry, readable
from study.errors import one_line, reason

_MAX_HEADER = 1024 * 1024
_MAX_GLOBAL_KEYS = 1000
_MAX_TARGET = 4096
_MAX_RATIO = 100
_ALWAYS = 64 * 1024 * 1024
_BLOCK = 64 * 1024
_BUFFER = 256 * 1024
_COMPRESSED: tuple[tuple[bytes, type[gzip.GzipFile | lzma.LZMAFile | bz2.BZ2File]], ...] = (
    (b"\x1f\x8b", gzip.GzipFile),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
    (b"BZh", bz2.BZ2File),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def archive_entries(path: Path) -> Iterator[Entry]:
    """Every file, folder and link of an archive, in its order; each is to be read before the next is taken.

    Raises
    ------
    DataError
        In one line: the archive cannot be read or is larger than its bounds, or a path leads outside.
    DamagedError
        The archive is cut, damaged or none.
    """
    with _readable(path), path.open("rb") as file:
        first = file.read(8)
    return _of_zip(path) if first.startswith(_ZIP) else _of_tar(path, first)


def begins(path: Path) -> bool:
    """Whether a file begins as an archive does."""
    try:
        for _ in islice(archive_entries(path), 1):
            pass
    except DamagedError:
        return False
    except DataError:
        pass
    return True


def is_intact(path: Path) -> bool:
    """Whether an archive can be read to its end, where that of a .tar.gz compares the checksum."""
    try:
        for _ in archive_entries(path):
            pass
    except DamagedError:
        return False
    except DataError:  # another fault, perhaps before the damage
        return _ends(path)
    return True


def _ends(path: Path) -> bool:
    """Whether a compressed archive is whole, as far as the bounds let it be read."""
    with path.open("rb") as file:
        first = file.read(8)
    reader = next((one for magic, one in _COMPRESSED if first.startswith(magic)), None)
    if reader is None:
        return True
    try:
        with _readable(path), cast("IO[bytes]", reader(path, "rb")) as content:
            for _ in range(0, _limit(path), _BLOCK):
                if not content.read(_BLOCK):
                    break
    except DamagedError:
        return False
    return True


@contextmanager
def _readable(path: Path, last: Callable[[], str] = str) -> Iterator[None]:
    """Whatever an archive's reader raises, as one line."""
    try:
        yield
    except DataError:
        raise
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile) or not error.errno:
            raise DamagedError(_expected_archive(path, error, last())) from None
        raise DataError(f"{path}: expected a readable archive, received {reason(error)}") from None
    except Exception as error:  # on wrong bytes these readers may raise anything
        raise DamagedError(_expected_archive(path, error, last())) from None


def _expected_archive(path: Path, error: Exception, last: str) -> str:
    return (
        f"{path}: expected a whole .tar.gz, other tar archive or .zip, received {reason(error)}{_after(last)}"
    )


def _after(last: str) -> str:
    return f"; the last file read is {one_line(last)}" if last else ""


def _inside(path: Path, name: str) -> tuple[tuple[str, ...], str]:
    """The parts of a name in an archive, and the name for errors."""
    where = f"{path}, {readable(name)}"
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/") or "\\" in name or ".." in parts:
        raise DataError(f"{where}: expected a path inside the archive, received one outside")
    return parts, where


def _target(name: str) -> str | None:
    normal = posixpath.normpath(name)
    return None if normal.startswith(("/", "..")) else normal


class _Plain(io.RawIOBase):
    """A file that gives what it has, so that a fault comes where it lies and not a buffer earlier."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file: Any = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read: int = self._file.readinto1(buffer)
        return read


class _Stream:
    """The content of an archive without its compression, read forwards and within bounds.

    To ``tarfile`` it is the file: what that reads are headers, so what it reads for one member is bounded.
    """

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = io.BufferedReader(_Plain(file), _BUFFER)
        self._path = path
        self._limit = _limit(path)
        self._position = 0
        self._header = 0
        self.last = ""

    def next_header(self) -> None:
        self._header = 0

    def read(self, n_bytes: int) -> bytes:
        self._header += n_bytes
        if self._header > _MAX_HEADER:
            raise DataError(
                f"{self._path}: expected headers of at most {_MAX_HEADER} bytes, received {self._header}"
                + _after(self.last)
            )
        return self._take(n_bytes)

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> None:
        while self._position < position and self._take(min(_BLOCK, position - self._position)):
            pass

    def content(self, position: int, n_bytes: int) -> bytes:
        with _readable(self._path, lambda: self.last):
            self.seek(position)
            content = self._take(n_bytes)
            if len(content) < n_bytes:
                raise tarfile.ReadError("unexpected end of data")
            return content

    def check_end(self, offset: int) -> None:
        """Read the rest, which compares the checksum; zeros alone, since a damaged header looks like an end.

        There is at least a block of them: an archive that was cut between two members has none.
        """
        if self._position < offset + tarfile.BLOCKSIZE:
            raise tarfile.ReadError("one that ends too early")
        while block := self._take(_BLOCK):
            if block.strip(b"\0"):
                raise tarfile.ReadError("a damaged header")

    def _take(self, n_bytes: int) -> bytes:
        content = self._file.read(n_bytes)
        self._position += len(content)
        if self._position > self._limit:
            raise DataError(_too_much(self._path, self._limit))
        return content


def _limit(path: Path) -> int:
    return _ALWAYS + _MAX_RATIO * path.stat().st_size


def _too_much(path: Path, limit: int) -> str:
    return (
        f"{path}: expected content of at most {limit} bytes, {_MAX_RATIO} times the archive's size plus "
        "64 MiB, received more"
    )


def _of_tar(path: Path, first: bytes) -> Iterator[Entry]:
    reader = next((one for magic, one in _COMPRESSED if first.startswith(magic)), None)
    stream: _Stream | None = None
    with (
        _readable(path, lambda: stream.last if stream else ""),
        cast("IO[bytes]", reader(path, "rb")) if reader else path.open("rb") as file,
    ):
        stream = _Stream(file, path)
        archive: Any = tarfile.TarFile(fileobj=cast("IO[bytes]", stream), mode="r")
        while member := archive.next():
            archive.members.clear()
            yield _of_member(member, stream, path)
            stream.last = member.name
            stream.next_header()
            if len(archive.pax_headers) > _MAX_GLOBAL_KEYS:
                raise tarfile.ReadError(f"more than {_MAX_GLOBAL_KEYS} global headers")
        stream.check_end(archive.offset)


def _of_member(member: tarfile.TarInfo, stream: _Stream, path: Path) -> Entry:
    parts, where = _inside(path, member.name)
    target = None
    if member.issym():
        target = _target(posixpath.join(posixpath.dirname(member.name), member.linkname))
    elif member.islnk():
        target = _target(member.linkname)
    is_link = member.issym() or member.islnk()
    is_file = member.isreg() and not member.issparse()
    kind = "folder" if member.isdir() else "link" if is_link else "file" if is_file else "device"
    offset, size = member.offset_data, member.size
    return Entry(parts, where, size, kind, target, lambda: stream.content(offset, size))


def _of_zip(path: Path) -> Iterator[Entry]:
    with _readable(path), zipfile.ZipFile(path) as archive:
        if sum(info.file_size for info in archive.infolist()) > _limit(path):
            raise DataError(_too_much(path, _limit(path)))
        for info in archive.infolist():
            yield _of_info(info, archive, path)


def _of_info(info: zipfile.ZipInfo, archive: zipfile.ZipFile, path: Path) -> Entry:
    parts, where = _inside(path, info.filename)
    target = None
    kind = "folder" if info.is_dir() else "file"

    def content() -> bytes:
        with _readable(path):
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise zipfile.BadZipFile(f"{where}, which is neither stored nor deflated")
            return archive.read(info)

    if stat.S_ISLNK(info.external_attr >> 16):
        kind = "link"
        if info.file_size <= _MAX_TARGET:
            points = content().decode(errors="surrogateescape")
            target = _target(posixpath.join(posixpath.dirname(info.filename), points))
    return Entry(parts, where, info.file_size, kind, target, content)
