"""Get a data set by name, path or address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from study.data import archive
from study.data.dataset import DataError, Dataset
from study.data.digits import SPLIT_SEED, digits
from study.data.download import Remote, check_md5, obtain

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
    return cache / _file(dataset) if _is_address(dataset) and md5 is None else None


def _is_address(dataset: str) -> bool:
    return dataset.startswith(("http://", "https://"))


def _file(address: str) -> str:
    return Path(urlsplit(address).path).name or "archive.tar.gz"


def acquire(
    dataset: str,
    *,
    md5: str | None,
    mirrors: Sequence[str],
    cache: Path,
    scratch: Path,
    advance: Advance = None,
) -> Dataset:
    """The data set that params.yaml names.

    Parameters
    ----------
    dataset
        ``digits``, ``cinic10``, or the path or http(s) address of an archive or the path of a folder laid out
        like CINIC-10.
    md5
        Expected MD5 of the archive. None skips the check, save that CINIC-10's own is known.
    mirrors
        Addresses that are tried after those known.
    cache
        Folder of downloads; a file put there by hand is taken if it is the right one.
    scratch
        Folder on a disk with room for twice the pixels; nothing stays there.
    advance
        Called with the number of images just decoded.

    Raises
    ------
    DataError
        One line: what was expected, what was received, and where a file may be put by hand.
    """
    if dataset == "digits":
        return digits(seed=SPLIT_SEED)
    if dataset == "cinic10":
        urls = (*CINIC10.urls, *mirrors)
        remote = Remote(CINIC10.file, urls, md5 or CINIC10.md5, CINIC10.size if md5 is None else None)
        path = obtain(remote, cache=cache)
        return archive.read_archive(
            path, name=dataset, source=_CINIC10_SOURCE, scratch=scratch, advance=advance
        )
    if _is_address(dataset):
        file = _file(dataset)
        path = obtain(Remote(file, (dataset, *mirrors), md5, None), cache=cache)
        return archive.read_archive(path, name=_stem(file), source=dataset, scratch=scratch, advance=advance)
    return _local(Path(dataset), md5=md5, scratch=scratch, advance=advance)


def _local(path: Path, *, md5: str | None, scratch: Path, advance: Advance) -> Dataset:
    if path.is_dir():
        if md5 is not None:
            raise DataError(f"dataset_md5: expected null for the folder {path}, received {md5}")
        return archive.read_folder(path, name=path.name, source=path.name, scratch=scratch, advance=advance)
    if not path.is_file():
        raise DataError(
            f"dataset: expected digits, cinic10, an address or the path of an archive or folder, "
            f"received {path}"
        )
    if md5 is not None:
        check_md5(path, md5)
    return archive.read_archive(
        path, name=_stem(path.name), source=path.name, scratch=scratch, advance=advance
    )


def _stem(file: str) -> str:
    for ending in (".gz", ".xz", ".bz2", ".tgz", ".tar"):
        file = file.removesuffix(ending) or file
    return file
