import hashlib
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from file_server import FileServer

from study import download
from study.download import DownloadError, Patience, Remote, fetch, obtain

CONTENT = bytes(range(256)) * 20
OTHER = CONTENT[::-1]
HOUR_AGO, IN_A_DAY = time.time() - 3600, time.time() + 86400
QUICK = Patience(answer=1, silence=0.5, window=0.3, least=1000)


@pytest.fixture
def server():
    server = FileServer(CONTENT)
    yield server
    server.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.bin"


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def get(server, path, *, patience=QUICK, **known):
    fetch(Remote("x.bin", (server.url,), **known), path, patience=patience)


def broken_off(server, path, after=1000):
    server.breaks_after = after
    with pytest.raises(DownloadError, match=f"an answer that broke off|{after} bytes in place of") as caught:
        get(server, path)
    server.breaks_after = None
    server.ranges.clear()
    return str(caught.value)


def part_of(path):
    (part,) = path.parent.glob("*.part")
    return part


def names(folder):
    return sorted(one.name for one in folder.iterdir())


def test_a_broken_download_goes_on_where_it_stopped(server, path):
    assert "1000 bytes are kept for the next attempt" in broken_off(server, path)
    assert part_of(path).read_bytes() == CONTENT[:1000]
    get(server, path)
    assert server.ranges == ["bytes=1000-"]
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == ["x.bin"]


def test_a_date_long_gone_by_tells_the_version_too(server, path):
    server.etag, server.modified = None, HOUR_AGO
    broken_off(server, path)
    get(server, path)
    assert server.ranges == ["bytes=1000-"]
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("etag", "modified"),
    [(None, None), ('W/"1"', HOUR_AGO), (None, IN_A_DAY)],
    ids=["nothing", "a weak tag", "a date to come"],
)
def test_where_nothing_tells_the_version_it_begins_again(server, path, etag, modified):
    server.etag, server.modified = etag, modified
    assert "kept" not in broken_off(server, path)
    get(server, path)
    assert server.ranges == [None]
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("heeds_if_range", [True, False])
def test_a_part_of_another_version_is_not_gone_on_with(server, path, heeds_if_range):
    broken_off(server, path)
    server.content, server.etag, server.heeds_if_range = OTHER, '"2"', heeds_if_range
    get(server, path)
    assert path.read_bytes() == OTHER
    assert server.ranges == ["bytes=1000-"] if heeds_if_range else ["bytes=1000-", None]


def test_a_part_of_a_version_of_another_length_is_not_gone_on_with(server, path):
    broken_off(server, path)
    server.content, server.heeds_if_range = OTHER + b"more", False
    get(server, path)
    assert path.read_bytes() == OTHER + b"more"


def test_a_part_of_another_address_is_not_gone_on_with(server, path):
    broken_off(server, path)
    other = FileServer(OTHER)
    try:
        get(other, path)
    finally:
        other.close()
    assert other.ranges == [None]
    assert path.read_bytes() == OTHER
    assert names(path.parent) == ["x.bin"]


def test_a_part_longer_than_the_file_begins_again(server, path):
    broken_off(server, path)
    part_of(path).write_bytes(CONTENT + b"more")
    get(server, path)
    assert path.read_bytes() == CONTENT


def test_a_part_that_is_whole_is_taken(server, path):
    broken_off(server, path)
    part_of(path).write_bytes(CONTENT)
    get(server, path)
    assert server.ranges == []
    assert path.read_bytes() == CONTENT


def test_a_server_without_ranges_begins_again(server, path):
    broken_off(server, path)
    server.knows_ranges = False
    get(server, path)
    assert path.read_bytes() == CONTENT


def test_a_web_page_is_refused_and_leaves_the_part(server, path):
    broken_off(server, path)
    server.content, server.headers = b"<html>Log in</html>", {"Content-Type": "text/html; charset=utf-8"}
    server.knows_ranges = False
    with pytest.raises(DownloadError, match=r"received http://.*: a web page"):
        get(server, path)
    assert part_of(path).read_bytes() == CONTENT[:1000]


def test_what_is_not_accepted_is_not_kept(server, path):
    def accept(part):
        raise DownloadError(f"{part}: expected another file")

    with pytest.raises(DownloadError, match=r"received http://\S+: expected another file$"):
        fetch(Remote("x.bin", (server.url,)), path, accept=accept)
    assert names(path.parent) == []


@pytest.mark.parametrize("encoding", [{"Transfer-Encoding": "chunked"}, {"Content-Length": "5000"}])
def test_a_body_of_another_length_is_refused(server, path, encoding):
    server.headers = {"Content-Length": "5000", **encoding}
    if "Transfer-Encoding" in encoding:
        server.content = b"1400\r\n" + CONTENT + b"\r\n0\r\n\r\n"
        with pytest.raises(DownloadError, match="5120 bytes in place of 5000"):
            get(server, path)
    else:
        with pytest.raises(DownloadError, match="expected MD5"):
            get(server, path, md5=md5(CONTENT))
    assert names(path.parent) == []


def test_a_file_without_a_length_in_chunks_is_taken(server, path):
    server.headers = {"Content-Length": "", "Transfer-Encoding": "chunked"}
    server.content = b"1400\r\n" + CONTENT + b"\r\n0\r\n\r\n"
    get(server, path)
    assert path.read_bytes() == CONTENT


def test_a_file_without_a_length_comes_to_an_end(server, path):
    server.headers = {"Content-Length": "", "Transfer-Encoding": "chunked"}
    server.content = (b"1400\r\n" + CONTENT + b"\r\n") * 400
    with pytest.raises(DownloadError, match=r"set\.tar\.gz: \d{6} bytes in place of at most 100000$"):
        get(server, path, patience=replace(QUICK, most=100_000))
    assert names(path.parent) == []


def test_a_file_larger_than_the_disk_is_refused_at_once(server, path):
    server.headers = {"Content-Length": str(10**17)}
    with pytest.raises(DownloadError, match="100000000000000000 bytes, where the disk has room for "):
        get(server, path)


def test_two_that_want_one_file_download_it_once(server, tmp_path):
    server.pause, server.piece = 0.05, 600
    remote = Remote("x.bin", (server.url,), md5(CONTENT))
    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(obtain, remote, cache=tmp_path) for _ in range(2)]
    assert [one.result().read_bytes() for one in found] == [CONTENT] * 2
    assert len(server.ranges) == 1


def test_bytes_are_kept_as_they_come_whatever_they_are_said_to_be(server, path):
    server.headers = {"Content-Encoding": "gzip"}
    get(server, path)
    assert path.read_bytes() == CONTENT


def test_a_slow_server_is_left_and_its_bytes_are_kept(server, path):
    server.pause, server.piece = 0.05, 1
    before = time.monotonic()
    with pytest.raises(DownloadError, match=r"\d+ bytes in \d seconds, which is too slow .* are kept"):
        get(server, path)
    assert time.monotonic() - before < 2
    server.pause, server.piece = 0, 1 << 30
    get(server, path)
    assert path.read_bytes() == CONTENT


def test_a_steady_server_may_take_longer_than_the_window(server, path):
    server.pause, server.piece = 0.1, 600
    get(server, path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(("pause", "in_header"), [(3, 0), (0, 0.1)])
def test_a_server_that_does_not_come_to_an_end_is_left(server, path, pause, in_header):
    server.pause, server.pause_in_header = pause, in_header
    before = time.monotonic()
    with pytest.raises(DownloadError, match=r"set\.tar\.gz: no answer"):
        get(server, path)
    assert time.monotonic() - before < 2


@pytest.mark.parametrize("status", [204, 206, 304, 401, 403, 404, 416, 500])
def test_a_refusal_names_the_status(server, path, status):
    server.status = status
    with pytest.raises(DownloadError, match=rf"set\.tar\.gz: status {status}$"):
        get(server, path)
    assert names(path.parent) == []


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("/set.tar.gz", "too many redirects"),
        ("file:///etc/passwd", "that cannot be read"),
        ("http://[::1", "that cannot be read"),
        ("http://h:port/x", "that cannot be read"),
        ("\x1b[31m", "too many redirects"),
    ],
)
def test_a_redirect_to_nowhere_is_one_line(server, path, place, words):
    server.status, server.headers = 302, {"Location": place, "Content-Length": "0"}
    with pytest.raises(DownloadError, match=words) as caught:
        get(server, path)
    assert str(caught.value).isprintable()
    assert names(path.parent) == []


@pytest.mark.parametrize(
    "proxy",
    ["http://127.0.0.1:9", "nonsense", "http://[::1", "http://h:port", "ftp://127.0.0.1:9", "socks5://h:1"],
)
def test_a_proxy_that_is_none_is_one_line_without_its_password(server, path, proxy, monkeypatch):
    monkeypatch.setenv("http_proxy", proxy.replace("://", "://me:secret@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(
        DownloadError, match=r"set\.tar\.gz: (no connection|no answer|.* cannot be read)"
    ) as caught:
        get(server, path)
    assert "secret" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_password_is_sent_and_not_shown(server, path):
    url = server.url.replace("://", "://me:secret@") + "?token=secret"
    fetch(Remote("x.bin", (url,)), path)
    assert server.authorization == ["Basic bWU6c2VjcmV0"]
    path.unlink()
    server.status = 403
    with pytest.raises(DownloadError) as caught:
        fetch(Remote("x.bin", (url,)), path)
    assert f"received {server.url}: status 403" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_next_address_is_tried(server, path):
    fetch(Remote("x.bin", ("http://127.0.0.1:9/x", "http://[::1", server.url)), path)
    assert path.read_bytes() == CONTENT


def test_another_file_is_refused_and_the_next_address_tried(server, path):
    other = FileServer(OTHER)
    try:
        fetch(Remote("x.bin", (other.url, server.url), md5(CONTENT)), path)
    finally:
        other.close()
    assert path.read_bytes() == CONTENT


def test_a_wrong_size_or_md5_is_refused_and_not_kept(server, path):
    with pytest.raises(DownloadError, match=f"expected 10 bytes, received {len(CONTENT)}"):
        get(server, path, size=10)
    with pytest.raises(DownloadError, match=f"expected MD5 {'0' * 32}, received {md5(CONTENT)}"):
        get(server, path, md5="0" * 32)
    assert names(path.parent) == []


def test_an_ipv6_address_is_one_like_others(path):
    try:
        server = FileServer(CONTENT, host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    try:
        get(server, path)
    finally:
        server.close()
    assert server.url.startswith("http://[::1]:")
    assert path.read_bytes() == CONTENT


def test_a_file_that_is_there_is_checked_and_not_downloaded(server, tmp_path):
    (tmp_path / "x.bin").write_bytes(CONTENT)
    remote = Remote("x.bin", (server.url,), md5(CONTENT))
    assert obtain(remote, cache=tmp_path).read_bytes() == CONTENT
    (tmp_path / "x.bin").write_bytes(OTHER)
    expected = re.escape(f"{tmp_path}/x.bin: expected MD5 {md5(CONTENT)}, received {md5(OTHER)}; remove it")
    with pytest.raises(DownloadError, match=expected):
        obtain(remote, cache=tmp_path)
    assert server.ranges == []


def test_a_failure_says_where_to_put_the_file(server, tmp_path):
    server.status = 404
    with pytest.raises(DownloadError, match=rf"you can put the file by hand at {tmp_path}/new/x\.bin$"):
        obtain(Remote("x.bin", (server.url,)), cache=tmp_path / "new")


def test_the_addresses_are_asked_in_their_order(path, monkeypatch):
    asked = []

    def get(url, **_):
        asked.append(url)
        raise download.requests.ConnectionError

    monkeypatch.setattr(download.requests, "get", get)
    with pytest.raises(DownloadError, match="no connection"):
        fetch(Remote("x.bin", ("http://b/", "http://a/", "http://c/")), path)
    assert asked == ["http://b/", "http://a/", "http://c/"]
