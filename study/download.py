"""Download a file, going on where an earlier attempt stopped.

Built on requests: pooch and ``keras.utils.get_file`` begin again after a broken download.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import requests
import urllib3
from rich.console import Console
from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

from study.errors import StudyError, public
from study.files import locked

_CHUNK = 1 << 16
_SECONDS_TO_TELL_VERSIONS_APART = 60
_OF_RANGES = (requests.codes.partial, requests.codes.requested_range_not_satisfiable)


class DownloadError(StudyError):
    """A file that cannot be downloaded, or is not the one expected."""


@dataclass(frozen=True)
class Remote:
    """A file on the network.

    Attributes
    ----------
    file
        What it is called here.
    urls
        Addresses, tried in this order.
    md5, size
        Of the whole file, where known.
    """

    file: str
    urls: tuple[str, ...]
    md5: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Patience:
    """How long a server may take.

    Attributes
    ----------
    answer
        Seconds until its answer begins, after all redirects.
    silence
        Seconds without a byte.
    window, least
        A server that sends fewer bytes than ``least`` in so many seconds is too slow.
    most
        Bytes of a file whose size neither we nor the server know.
    """

    answer: float = 60
    silence: float = 30
    window: float = 60
    least: int = 1 << 16
    most: int = 1 << 34


PATIENCE = Patience()


def obtain(
    remote: Remote,
    *,
    cache: Path,
    accept: Callable[[Path], None] | None = None,
    patience: Patience = PATIENCE,
) -> Path:
    """The file in ``cache``, downloaded by ``fetch`` if it is not there.

    Raises
    ------
    DownloadError
        No address gives the file, or it is another one; the line says where to put it by hand.
    """
    path = cache / remote.file
    with locked(cache):  # another process may be downloading the same file
        if path.exists():
            try:
                _check(remote, path)
            except DownloadError as error:
                raise DownloadError(f"{error}; remove it, and it is downloaded again") from None
            return path
        try:
            fetch(remote, path, accept=accept, patience=patience)
        except DownloadError as error:
            raise DownloadError(f"{error}; you can put the file by hand at {path}") from None
        return path


def fetch(
    remote: Remote,
    path: Path,
    *,
    accept: Callable[[Path], None] | None = None,
    patience: Patience = PATIENCE,
) -> None:
    """Download a file to ``path``.

    What arrives from an address is kept beside, in a part of its own, and gets its name once it is whole and
    checked. An attempt that breaks off leaves the part, from which the next one goes on if the server says
    that its file is still the same.

    Parameters
    ----------
    accept
        Called with what has arrived as a whole; a DownloadError refuses it.
    patience
        How long a server may take.

    Raises
    ------
    DownloadError
        No address gives the file; the line has the reason for each.
    """
    reasons, kept = [], 0
    for url in remote.urls:
        part = _Part(path, url)
        try:
            _fetch(url, part, patience, remote.size)
            _check(remote, part.path)
            if accept is not None:
                accept(part.path)
        except _NETWORK as error:
            reasons.append(f"{public(url)}: {_reason(error)}")
            kept += part.kept()[0]
        except DownloadError as error:
            part.remove()
            reasons.append(f"{public(url)}: {str(error).removeprefix(f'{part.path}: ')}")
        else:
            part.path.replace(path)
            for left in path.parent.glob(f"{glob.escape(path.name)}.*.part*"):
                left.unlink()
            return
    note = f" ({kept} bytes are kept for the next attempt)" if kept else ""
    raise DownloadError(f"{remote.file}: expected a download, received {'; '.join(reasons)}{note}")


def check_md5(path: Path, md5: str) -> None:
    """Compare a file with its MD5.

    Raises
    ------
    DownloadError
        It is another file, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
    except OSError as error:
        raise DownloadError(f"{path}: expected a readable file, received {error.strerror}") from None
    if found != md5:
        raise DownloadError(f"{path}: expected MD5 {md5}, received {found}")


class _RefusedError(OSError):
    """An answer that is not the file."""


_NETWORK = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    TimeoutError,
    ValueError,
    _RefusedError,
)
_REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (requests.TooManyRedirects, "too many redirects"),
    (
        (
            requests.exceptions.ProxyError,
            requests.exceptions.InvalidProxyURL,
            urllib3.exceptions.ProxySchemeUnknown,
        ),
        "no connection through the proxy that the environment names",
    ),
    (requests.exceptions.SSLError, "no secure connection"),
    ((requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), "no answer"),
    (requests.ConnectionError, "no connection"),
    (ValueError, "an address, or a redirect or proxy, that cannot be read"),
)


def _reason(error: Exception) -> str:
    if isinstance(error, _RefusedError):
        return str(error)
    return next((words for kind, words in _REASONS if isinstance(error, kind)), "an answer that broke off")


def _check(remote: Remote, path: Path) -> None:
    size = path.stat().st_size
    if remote.size is not None and size != remote.size:
        raise DownloadError(f"{path}: expected {remote.size} bytes, received {size}")
    if remote.md5 is not None:
        check_md5(path, remote.md5)


class _Part:
    """The beginning of a file, from one address, with what tells this version of the file from others."""

    def __init__(self, whole: Path, url: str) -> None:
        address = hashlib.sha256(url.encode()).hexdigest()[:12]
        self.path = whole.with_name(f"{whole.name}.{address}.part")
        self._record = whole.with_name(f"{self.path.name}.json")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def kept(self) -> tuple[int, str, int | None]:
        """Bytes from which an attempt may go on, their validator, and bytes of the whole where known."""
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
            return self.size(), str(record["validator"]), record["total"]
        except (OSError, ValueError, KeyError, TypeError):
            return 0, "", None

    def begin(self, validator: str | None, total: int | None) -> None:
        self.remove()
        if validator is not None:
            record = {"validator": validator, "total": total}
            self._record.write_text(json.dumps(record) + "\n", encoding="utf-8")

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self._record.unlink(missing_ok=True)


def _fetch(url: str, part: _Part, patience: Patience, size: int | None) -> None:
    """Append to a part what it lacks; begin it again where the server has another version."""
    have, validator, total = part.kept()
    if have and have == total:
        return
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator}
    with _in_time(
        lambda: requests.get(url, headers=headers, stream=True, timeout=patience.silence), patience.answer
    ) as answer:
        goes_on = have > 0 and _goes_on(answer, have, validator, total)
        if goes_on or answer.status_code == requests.codes.ok:
            _receive(answer, part, patience, size, goes_on=goes_on)
            return
        status = answer.status_code
    if not have or status not in _OF_RANGES:
        raise _RefusedError(f"status {status}")
    part.remove()
    _fetch(url, part, patience, size)


def _in_time(call: Callable[[], requests.Response], seconds: float) -> requests.Response:
    """What ``call`` gives within so many seconds, however slowly a server sends each byte of a header."""
    answer: Future[requests.Response] = Future()

    def wait() -> None:
        try:
            answer.set_result(call())
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=wait, daemon=True).start()
    return answer.result(seconds)


def _goes_on(answer: requests.Response, have: int, validator: str, total: int | None) -> bool:
    """Whether an answer holds the bytes from ``have`` of the version that was begun."""
    first, whole = _span(answer)
    same = validator in (answer.headers.get("ETag"), answer.headers.get("Last-Modified"))
    return answer.status_code == requests.codes.partial and same and first == have and total in (None, whole)


def _span(answer: requests.Response) -> tuple[int | None, int | None]:
    """The first byte that an answer of a range holds, and the bytes of the whole file."""
    found = re.fullmatch("bytes ([0-9]+)-[0-9]+/([0-9]+)", answer.headers.get("Content-Range", ""))
    return (int(found[1]), int(found[2])) if found else (None, None)


def _receive(
    answer: requests.Response, part: _Part, patience: Patience, size: int | None, *, goes_on: bool
) -> None:
    if goes_on:
        total = _span(answer)[1]
    elif answer.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise _RefusedError("a web page")
    else:
        length = answer.headers.get("Content-Length", "")
        total = int(length) if re.fullmatch("[0-9]{1,18}", length) else None
        part.begin(_validator(answer), total)
    whole = size if total is None else total
    room = shutil.disk_usage(part.path.parent).free
    if whole is not None and whole - part.size() > room:
        raise _RefusedError(f"{whole} bytes, where the disk has room for {room}")
    most = min(patience.most, room // 2) if whole is None else whole
    with part.path.open("ab") as file, _bar(part.size(), total) as advance:
        for chunk in _chunks(answer.raw, patience):
            file.write(chunk)
            advance(len(chunk))
            if file.tell() > most:
                break
        file.flush()
        os.fsync(file.fileno())
    received = part.size()
    if received > most:
        part.remove()
    if received > most or (total is not None and received < total):
        raise _RefusedError(f"{received} bytes in place of {f'at most {most}' if whole is None else most}")


def _validator(answer: requests.Response) -> str | None:
    """What tells the file's version for sure (RFC 9110, 8.8): a strong ETag, or an hour long gone by."""
    etag = answer.headers.get("ETag", "")
    if etag.startswith('"'):
        return etag
    modified, date = (answer.headers.get(name, "") for name in ("Last-Modified", "Date"))
    try:
        age = parsedate_to_datetime(date) - parsedate_to_datetime(modified)
    except (TypeError, ValueError):
        return None
    return modified if not etag and age.total_seconds() >= _SECONDS_TO_TELL_VERSIONS_APART else None


def _chunks(raw: Any, patience: Patience) -> Iterator[bytes]:
    """What comes, as it comes and without decoding, while it comes fast enough."""
    since, received = time.monotonic(), 0
    while chunk := raw.read1(_CHUNK, decode_content=False):
        yield chunk
        received += len(chunk)
        seconds = time.monotonic() - since
        if seconds >= patience.window:
            if received < patience.least:
                raise _RefusedError(f"{received} bytes in {seconds:.0f} seconds, which is too slow")
            since, received = time.monotonic(), 0


@contextmanager
def _bar(have: int, total: int | None) -> Iterator[Callable[[int], None]]:
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("download", total=total, completed=have)
        yield lambda n: progress.advance(task, n)
