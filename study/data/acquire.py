"""Get a data set by name, path or address."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from study.address import check_dataset
from study.data import archive
from study.data.dataset import DamagedError, DataError, Dataset
from study.data.digits import SPLIT_SEED, digits
from study.data.labelled import read_labelled
from study.download import DownloadError, Remote, check_md5, obtain
from study.errors import public

Advance = Callable[[int], None] | None

CINIC10 = Remote(
    file="CINIC-10.tar.gz",
    urls=(
        "https://datashare.ed.ac.uk/server/api/core/bitstreams/e8e186cc-2688-48f1-aa5a-3fda1a43f8b6/content",
        "https://datashare.ed.ac.uk/bitstream/handle/10283/3192/CINIC-10.tar.gz",
    ),
    md5="6ee4d0c996905fe93221de577967a372",
    size=687_544_992,
)
_CINIC10_SOURCE = "CINIC-10, doi:10.7488/ds/2448, CC BY 4.0"


def is_local(dataset: str) -> bool:
    """Whether a data set is a file or folder of the person's own."""
    return dataset not in ("digits", "cinic10") and not _is_address(dataset)


def kept(dataset: str, *, md5: str | None, cache: Path) -> Path | None:
    """The download whose bytes nothing but the file itself tells; None for data of a name or with an MD5."""
    return cache / _cached(dataset, md5) if _is_address(dataset) and md5 is None else None


def _is_address(dataset: str) -> bool:
    return "://" in dataset


def _file(address: str) -> str:
    return public(address).partition("://")[2].partition("/")[2].rpartition("/")[2] or "archive.tar.gz"


def acquire(
    dataset: str,
    *,
    md5: str | None,
    mirrors: Sequence[str],
    cache: Path,
    scratch: Path,
    size: int | None = None,
    advance: Advance = None,
) -> Dataset:
    """The data set that params.yaml names.

    Parameters
    ----------
    dataset
        ``digits``, ``cinic10``, or the path or http(s) address of an archive or the path of a folder laid out
        as ``study.data.layout`` says.
    md5
        Expected MD5 of the archive. None skips the check, save that CINIC-10's own is known.
    mirrors
        Addresses that are tried after those known.
    cache
        Folder of downloads, a file for each address and MD5; one put there by hand is taken if it is the
        right one. A damaged file without an MD5 is set aside there, to be downloaded again.
    scratch
        Folder on a disk with room for thrice the pixels; nothing stays there.
    size
        Pixels a side to which images are scaled where their sizes differ; 224 where None.
    advance
        Called with the number of images just decoded.

    Raises
    ------
    DataError, DownloadError, AddressError
        One line: what was expected, what was received, and where a file may be put by hand.
    """
    if dataset == "digits":
        return digits(seed=SPLIT_SEED)
    read = partial(read_labelled, scratch=scratch, size=size, split_seed=SPLIT_SEED, advance=advance)
    if dataset == "cinic10":
        urls = (*CINIC10.urls, *mirrors)
        remote = Remote(CINIC10.file, urls, md5 or CINIC10.md5, CINIC10.size if md5 is None else None)
        read = partial(read, name=dataset, source=_CINIC10_SOURCE, strict=True)
        return _remote(remote, read, cache=cache)
    if _is_address(dataset):
        check_dataset(dataset)
        remote = Remote(_cached(dataset, md5), (dataset, *mirrors), md5)
        return _remote(remote, partial(read, name=_stem(_file(dataset)), source=public(dataset)), cache=cache)
    path = _local(Path(os.path.expanduser(dataset)), md5=md5)
    return read(path, name=_stem(path.name), source=path.name)


def _cached(address: str, md5: str | None) -> str:
    """A name in the cache: readable, and another for every address and MD5."""
    key = hashlib.sha256(f"{address} {md5}".encode()).hexdigest()[:12]
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", _file(address))[-60:].lstrip(".")
    stem = _stem(plain)
    return f"{stem}-{key}{plain.removeprefix(stem)}"


def _remote(remote: Remote, read: Callable[[Path], Dataset], *, cache: Path) -> Dataset:
    path = obtain(remote, cache=cache, accept=_begins_as_archive)
    try:
        return read(path)
    except DataError as error:
        damaged = isinstance(error, DamagedError) or not archive.is_intact(path)
        if remote.md5 is not None or not damaged:
            raise
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        raise DataError(f"{error}; it is now {aside}, and the next run downloads it again") from None


def _begins_as_archive(path: Path) -> None:
    if not archive.begins(path):
        raise DownloadError(f"{path}: expected a tar or zip archive, received another file")


def _local(path: Path, *, md5: str | None) -> Path:
    if path.is_dir():
        if md5 is not None:
            raise DataError(f"dataset_md5: expected null for the folder {path}, received {md5}")
        return path
    if not path.is_file():
        raise DataError(
            f"dataset: expected digits, cinic10, an address or the path of an archive or folder, "
            f"received {path}"
        )
    if md5 is not None:
        check_md5(path, md5)
    return path


def _stem(file: str) -> str:
    for ending in (".gz", ".xz", ".bz2", ".tgz", ".tar", ".zip"):
        file = file.removesuffix(ending) or file
    return file
