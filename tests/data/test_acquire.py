import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from study.data import acquire as module
from study.data import download
from study.data.dataset import DataError, manifest
from study.data.download import Remote, obtain


def acquire(dataset, *, md5, cache, mirrors=()):
    return module.acquire(dataset, md5=md5, mirrors=mirrors, cache=cache, scratch=cache.parent / "scratch")


class Server:
    """A web server on this machine that gives one file and notes what it was asked."""

    def __init__(self, content):
        self.content = content
        self.knows_ranges = True
        self.breaks_after = None
        self.status = 200
        self.ranges = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/set.tar.gz"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, request):
        wanted = request.headers.get("Range")
        self.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.knows_ranges else 0
        rest = self.content[start:]
        if self.status != 200:
            request.send_response(self.status)
            rest = b""
        elif start and not rest:
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(self.content)}")
        elif start:
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        else:
            request.send_response(200)
        request.send_header("Content-Length", str(len(rest)))
        request.end_headers()
        request.wfile.write(rest[: self.breaks_after])


@pytest.fixture
def server(members, write_archive):
    server = Server(write_archive(members).read_bytes())
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_digits_need_nothing(cache):
    assert acquire("digits", md5=None, cache=cache).name == "digits"
    assert not cache.exists()


def test_a_path_and_an_address_give_the_same_images(server, write_archive, members, cache):
    path = write_archive(members)
    local = acquire(str(path), md5=md5(server.content), cache=cache)
    remote = acquire(server.url, md5=md5(server.content), cache=cache)
    assert manifest(local)["sha256"] == manifest(remote)["sha256"]
    assert names(cache) == ["set.tar.gz"]


def test_a_file_in_the_cache_is_not_downloaded_again(server, cache):
    for _ in range(2):
        acquire(server.url, md5=None, cache=cache)
    assert server.ranges == [None]


def test_a_broken_download_goes_on_where_it_stopped(server, cache, monkeypatch):
    monkeypatch.setattr(download, "_CHUNK", 250)
    server.breaks_after = 1000
    with pytest.raises(DataError, match=rf"put the file by hand at {cache}/set\.tar\.gz"):
        acquire(server.url, md5=md5(server.content), cache=cache)
    assert names(cache) == ["set.tar.gz.part"]
    assert (cache / "set.tar.gz.part").read_bytes() == server.content[:1000]
    server.breaks_after = None
    acquire(server.url, md5=md5(server.content), cache=cache)
    assert server.ranges == [None, "bytes=1000-"]
    assert (cache / "set.tar.gz").read_bytes() == server.content
    assert names(cache) == ["set.tar.gz"]


def test_a_server_without_ranges_starts_again(server, cache):
    cache.mkdir()
    (cache / "set.tar.gz.part").write_bytes(b"x" * 500)
    server.knows_ranges = False
    acquire(server.url, md5=md5(server.content), cache=cache)
    assert server.ranges == ["bytes=500-"]
    assert (cache / "set.tar.gz").read_bytes() == server.content


def test_a_part_that_is_already_whole_is_taken(server, cache):
    cache.mkdir()
    (cache / "set.tar.gz.part").write_bytes(server.content)
    acquire(server.url, md5=md5(server.content), cache=cache)
    assert names(cache) == ["set.tar.gz"]


def test_another_file_is_refused_and_not_kept(server, cache):
    with pytest.raises(DataError, match=f"expected MD5 {'0' * 32}, received {md5(server.content)}"):
        acquire(server.url, md5="0" * 32, cache=cache)
    assert names(cache) == []


def test_another_local_file_is_refused(write_archive, members, cache):
    with pytest.raises(DataError, match=f"set.tar.gz: expected MD5 {'0' * 32}"):
        acquire(str(write_archive(members)), md5="0" * 32, cache=cache)


def test_the_next_address_is_tried(server, cache):
    remote = Remote(
        "x.tar.gz", ("http://127.0.0.1:9/x", server.url), md5(server.content), len(server.content)
    )
    assert obtain(remote, cache=cache).read_bytes() == server.content


def test_a_mirror_with_another_file_is_passed_over(server, cache):
    other = Server(b"another file")
    try:
        acquire(other.url, md5=md5(server.content), cache=cache, mirrors=[server.url])
    finally:
        other.http.shutdown()
        other.http.server_close()
    assert names(cache) == ["set.tar.gz"]
    assert (cache / "set.tar.gz").read_bytes() == server.content


def test_mirrors_come_after_the_known_addresses_the_newer_first(cache, monkeypatch):
    asked = []

    def get(url, **_):
        asked.append(url)
        raise download.requests.ConnectionError

    monkeypatch.setattr(download.requests, "get", get)
    with pytest.raises(DataError, match="no connection"):
        acquire("cinic10", md5=None, cache=cache, mirrors=["https://example.org/c.tar.gz"])
    assert [url.split("/")[3] for url in asked] == ["server", "bitstream", "c.tar.gz"]


def test_a_wrong_size_is_refused(server, cache):
    remote = Remote("x.tar.gz", (server.url,), None, 10)
    with pytest.raises(DataError, match=f"expected 10 bytes, received {len(server.content)}"):
        obtain(remote, cache=cache)


def test_a_refusal_names_the_status(server, cache):
    server.status = 404
    with pytest.raises(DataError, match=r"set\.tar\.gz: status 404"):
        acquire(server.url, md5=None, cache=cache)


def test_without_a_network_cinic10_is_one_line_with_the_place(cache, monkeypatch):
    nowhere = Remote(module.CINIC10.file, ("http://127.0.0.1:9/x",), module.CINIC10.md5, module.CINIC10.size)
    monkeypatch.setattr(module, "CINIC10", nowhere)
    with pytest.raises(DataError) as caught:
        acquire("cinic10", md5=None, cache=cache)
    assert "no connection" in str(caught.value)
    assert str(cache / "CINIC-10.tar.gz") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_cinic10_put_by_hand_is_checked_and_read(members, write_archive, cache, monkeypatch):
    path = write_archive(members)
    cache.mkdir()
    path.rename(cache / "CINIC-10.tar.gz")
    with pytest.raises(DataError, match="expected 687544992 bytes"):
        acquire("cinic10", md5=None, cache=cache)
    content = (cache / "CINIC-10.tar.gz").read_bytes()
    monkeypatch.setattr(module, "CINIC10", Remote("CINIC-10.tar.gz", (), md5(content), len(content)))
    assert acquire("cinic10", md5=None, cache=cache).name == "cinic10"


def test_a_folder_is_read_and_has_no_md5(members, tmp_path, cache):
    for name, content in members.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert acquire(str(tmp_path / "folder"), md5=None, cache=cache).name == "folder"
    with pytest.raises(DataError, match="dataset_md5: expected null for the folder"):
        acquire(str(tmp_path / "folder"), md5="0" * 32, cache=cache)


def test_an_unknown_name_is_one_line_with_the_choices(cache):
    with pytest.raises(
        DataError, match=r"expected digits, cinic10, an address or the path .* received mnist"
    ):
        acquire("mnist", md5=None, cache=cache)
    assert not Path("mnist").exists()
