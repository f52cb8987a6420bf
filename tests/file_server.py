"""A web server on this machine that gives one file, well or badly, and notes what it was asked."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _OnIPv6(ThreadingHTTPServer):
    address_family = socket.AF_INET6


class FileServer:
    """What it does can be changed between two requests.

    Attributes
    ----------
    content, etag, modified
        The file and what tells its version: a header, and the time of its last change in seconds.
    knows_ranges, heeds_if_range
        Whether it gives a part, and whether it looks at what the part belongs to.
    breaks_after
        Bytes after which the connection ends.
    status, headers
        Of every answer; headers take the place of those of the same name.
    pause, piece
        Seconds before each piece of so many bytes.
    pause_in_header
        Seconds before each byte of one more header.
    ranges, authorization
        What it was asked.
    """

    def __init__(self, content: bytes, host: str = "127.0.0.1") -> None:
        self.content = content
        self.etag: str | None = '"1"'
        self.modified: float | None = None
        self.knows_ranges = self.heeds_if_range = True
        self.breaks_after: int | None = None
        self.status = 200
        self.headers: dict[str, str] = {}
        self.pause, self.piece = 0.0, 1 << 30
        self.pause_in_header = 0.0
        self.ranges: list[str | None] = []
        self.authorization: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.http = (_OnIPv6 if ":" in host else ThreadingHTTPServer)((host, 0), Handler)
        self.host = f"[{host}]" if ":" in host else host
        self.url = f"http://{self.host}:{self.http.server_port}/set.tar.gz"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        self.ranges.append(wanted)
        self.authorization.append(request.headers.get("Authorization"))
        modified = None if self.modified is None else formatdate(self.modified, usegmt=True)
        is_same = not self.heeds_if_range or request.headers.get("If-Range") in (self.etag, modified)
        start = (
            int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.knows_ranges and is_same else 0
        )
        rest, n_bytes = self.content[start:], len(self.content)
        headers = {"Content-Length": str(len(rest))}
        status = self.status
        if start and not rest:
            status, headers["Content-Range"] = 416, f"bytes */{n_bytes}"
        elif start:
            status, headers["Content-Range"] = 206, f"bytes {start}-{n_bytes - 1}/{n_bytes}"
        headers |= {"ETag": self.etag} if self.etag else {}
        headers |= {"Last-Modified": modified} if modified else {}
        request.send_response(status)
        for name, value in (headers | self.headers).items():
            request.send_header(name, value)
        if self.pause_in_header:
            request.flush_headers()
            for letter in "X-Slow: " + "x" * 1000:
                request.wfile.write(letter.encode())
                time.sleep(self.pause_in_header)
        request.end_headers()
        sent = rest[: self.breaks_after]
        for at in range(0, len(sent), self.piece):
            time.sleep(self.pause)
            request.wfile.write(sent[at : at + self.piece])

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
