"""Download a file, going on where an earlier attempt stopped.

Built on requests: pooch and ``keras.utils.get_file`` begin again after a broken download.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from study.data.dataset import DataError

_TIMEOUT_SECONDS = 30
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Remote:
    """A file on the network.

    Attributes
    ----------
    file
        Its name in the cache.
    urls
        Addresses, tried in this order.
    md5, size
        Of the whole file, where known.
    """

    file: str
    urls: tuple[str, ...]
    md5: str | None
    size: int | None


def obtain(remote: Remote, *, cache: Path) -> Path:
    """The file in ``cache``, downloaded if it is not there.

    What arrives is kept under ``{file}.part`` and gets its name once it is whole and checked. An attempt that
    breaks off leaves the part, from which the next one goes on.

    Raises
    ------
    DataError
        No address gives the file, or it is another one; the line says where to put it by hand.
    """
    path = cache / remote.file
    if path.exists():
        _check(remote, path)
        return path
    cache.mkdir(parents=True, exist_ok=True)
    part = cache / f"{remote.file}.part"
    _fetch_from_any(remote, part, path)
    part.replace(path)
    return path


def check_md5(path: Path, md5: str) -> None:
    """Compare a file with its MD5.

    Raises
    ------
    DataError
        It is another file, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: expected a readable file, received {error}") from None
    if found != md5:
        raise DataError(f"{path}: expected MD5 {md5}, received {found}")


def _check(remote: Remote, path: Path) -> None:
    size = path.stat().st_size
    if remote.size is not None and size != remote.size:
        raise DataError(f"{path}: expected {remote.size} bytes, received {size}")
    if remote.md5 is not None:
        check_md5(path, remote.md5)


def _fetch_from_any(remote: Remote, part: Path, path: Path) -> None:
    reasons = []
    for url in remote.urls:
        try:
            _fetch(url, part, remote)
            _check(remote, part)
        except (requests.RequestException, OSError) as error:
            reasons.append(f"{url}: {_reason(error)}")
        except DataError as error:
            part.unlink()
            reasons.append(f"{url}: {str(error).removeprefix(f'{part}: ')}")
        else:
            return
    kept = f" ({part.stat().st_size} bytes are kept for the next attempt)" if part.exists() else ""
    raise DataError(
        f"{remote.file}: expected a download, received {'; '.join(reasons)}{kept}; "
        f"you can put the file by hand at {path}"
    )


def _reason(error: Exception) -> str:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"status {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return " ".join(str(error).split())


def _fetch(url: str, part: Path, remote: Remote) -> None:
    """Append to ``part`` what it lacks. The server may not know ranges: then it starts again."""
    have = part.stat().st_size if part.exists() else 0
    if remote.size is not None and have == remote.size:
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_SECONDS) as answer:
        if have and answer.status_code == requests.codes.requested_range_not_satisfiable:
            if _total(answer) == have:
                return
            part.unlink()
            raise OSError("what was kept is not a beginning of the file; try again")
        answer.raise_for_status()
        resumes = answer.status_code == requests.codes.partial_content
        if resumes and _first_byte(answer) != have:
            raise OSError(f"expected the bytes from {have}, received others")
        have = have if resumes else 0
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length and length.isdigit() else None
        with part.open("ab" if resumes else "wb") as file, _bar(remote.file, have, total) as advance:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
                advance(len(chunk))
            file.flush()
            os.fsync(file.fileno())
    size = part.stat().st_size
    if total is not None and size != total:
        raise OSError(f"expected {total} bytes, received {size}")


def _total(answer: requests.Response) -> int | None:
    total = answer.headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if total.isdigit() else None


def _first_byte(answer: requests.Response) -> int | None:
    first = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdigit() else None


@contextmanager
def _bar(file: str, have: int, total: int | None) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(file, total=total, completed=have)
        yield lambda n: progress.advance(task, n)
