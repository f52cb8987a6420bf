import gzip
import hashlib
import re
from pathlib import Path

import pytest
from file_server import FileServer

from study import download
from study.address import AddressError
from study.data import acquire as module
from study.data.dataset import DataError, manifest
from study.download import DownloadError, Remote


def acquire(dataset, *, md5, cache, mirrors=()):
    return module.acquire(dataset, md5=md5, mirrors=mirrors, cache=cache, scratch=cache.parent / "scratch")


@pytest.fixture
def server(members, write_archive):
    server = FileServer(write_archive(members).read_bytes())
    yield server
    server.close()


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
    (file,) = names(cache)
    assert re.fullmatch(r"set-[0-9a-f]{12}\.tar\.gz", file)


def test_a_file_in_the_cache_is_not_downloaded_again(server, cache):
    for _ in range(2):
        acquire(server.url, md5=None, cache=cache)
    assert server.ranges == [None]


def test_another_local_file_is_refused(write_archive, members, cache):
    with pytest.raises(DownloadError, match=f"set.tar.gz: expected MD5 {'0' * 32}"):
        acquire(str(write_archive(members)), md5="0" * 32, cache=cache)


def test_a_mirror_with_another_file_is_passed_over(server, cache):
    other = FileServer(b"another file")
    try:
        acquire(other.url, md5=md5(server.content), cache=cache, mirrors=[server.url])
    finally:
        other.close()
    assert [path.read_bytes() for path in cache.iterdir()] == [server.content]


@pytest.mark.parametrize("known", [True, False])
def test_another_address_that_ends_alike_is_another_file(members, write_archive, server, cache, known):
    names = (name.replace("dog", "cow") for name in members)
    other = FileServer(write_archive(dict(zip(names, members.values(), strict=True))).read_bytes())
    got = []
    try:
        for one in (server, other, server):
            got.append(acquire(one.url, md5=md5(one.content) if known else None, cache=cache))
            got.append(acquire(f"{one.url}?version=2", md5=None, cache=cache))
    finally:
        other.close()
    assert [one.classes[0 if "cow" in one.classes else 1] for one in got] == ["dog"] * 2 + ["cat"] * 2 + [
        "dog"
    ] * 2
    assert len(server.ranges) == len(other.ranges) == 2


def test_another_md5_is_another_file(server, cache):
    acquire(server.url, md5=None, cache=cache)
    with pytest.raises(DownloadError, match=f"expected MD5 {'0' * 32}, received {md5(server.content)}"):
        acquire(server.url, md5="0" * 32, cache=cache)
    right, server.content = server.content, server.content + b"\0"
    for _ in range(2):
        acquire(server.url, md5=md5(server.content), cache=cache)
    assert sorted(path.read_bytes() for path in cache.iterdir()) == [right, server.content]
    assert len(server.ranges) == 3


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>Log in to go on, please.</html>  ", b"PK\x03\x04" + bytes(40), gzip.compress(b"x" * 9000)],
    ids=["nothing", "a page", "an empty zip", "gzip of text"],
)
def test_a_wrong_answer_is_refused_and_the_next_run_asks_again(server, cache, answer):
    right, server.content = server.content, answer
    with pytest.raises(
        DownloadError, match="expected a tar or zip archive, received another file; you can put"
    ):
        acquire(server.url, md5=None, cache=cache)
    assert names(cache) == []
    server.content = right
    assert acquire(server.url, md5=None, cache=cache).name == "set"


def test_a_body_longer_than_it_is_said_to_be_is_set_aside_and_the_next_run_asks_again(server, cache):
    server.headers = {"Content-Length": str(len(server.content) - 300)}
    with pytest.raises(DataError, match=r"it is now .*\.damaged, and the next run downloads it again$"):
        acquire(server.url, md5=None, cache=cache)
    assert all(name.endswith(".damaged") for name in names(cache))
    server.headers = {}
    assert acquire(server.url, md5=None, cache=cache).name == "set"


@pytest.mark.parametrize("at", [200, 700, -6])
def test_a_damaged_file_is_set_aside_whatever_is_seen_of_the_damage(server, cache, at):
    right = server.content
    server.content = bytearray(right)
    server.content[at] ^= 1
    with pytest.raises(DataError, match="the next run downloads it again"):
        acquire(server.url, md5=None, cache=cache)
    server.content = right
    assert acquire(server.url, md5=None, cache=cache).name == "set"


def test_a_cut_archive_without_compression_is_set_aside(server, cache):
    server.content = gzip.decompress(server.content)[:5000]
    with pytest.raises(DataError, match="the next run downloads it again"):
        acquire(server.url, md5=None, cache=cache)


def test_damage_is_found_where_another_fault_comes_before_it(members, write_archive, cache):
    server = FileServer(bytearray(write_archive({"../x": b""} | members).read_bytes()))
    server.content[-6] ^= 1
    try:
        with pytest.raises(DataError, match=r"expected a path inside the archive, .* downloads it again"):
            acquire(server.url, md5=None, cache=cache)
    finally:
        server.close()


def test_an_archive_that_is_damaged_as_its_md5_says_is_kept(server, cache):
    server.content = server.content[:-300]
    for _ in range(2):
        with pytest.raises(DataError, match=r"expected a whole \.tar\.gz"):
            acquire(server.url, md5=md5(server.content), cache=cache)
    assert server.ranges == [None]


def test_a_whole_archive_that_is_no_data_set_is_kept(members, write_archive, cache):
    server = FileServer(write_archive(dict(list(members.items())[:-3])).read_bytes())
    try:
        for _ in range(2):
            with pytest.raises(DataError, match=r"test/dog: expected images, received none$"):
                acquire(server.url, md5=None, cache=cache)
    finally:
        server.close()
    assert server.ranges == [None]


def test_a_file_put_by_hand_where_the_message_says_is_taken(server, cache):
    right, server.content = server.content, b"nothing"
    with pytest.raises(DownloadError, match="by hand at") as caught:
        acquire(server.url, md5=None, cache=cache)
    Path(str(caught.value).rpartition(" by hand at ")[2]).write_bytes(right)
    assert acquire(server.url, md5=None, cache=cache).name == "set"
    assert server.ranges == [None]


def test_what_may_be_secret_is_not_recorded(server, cache):
    data = acquire(server.url.replace("://", "://me:secret@") + "?token=secret#secret", md5=None, cache=cache)
    assert (data.name, data.source) == ("set", server.url)
    assert not [path for path in cache.rglob("*") if "secret" in path.name or b"secret" in path.read_bytes()]


@pytest.mark.parametrize(
    ("end", "name"),
    [("", "archive"), ("a%20b%1b[31m.tar", "a%20b%1b[31m"), ("x" * 300 + ".tgz", "x" * 300), ("..", ".."),
     (".tar.gz", ".tar"), ("[bold]ä.tar.xz", "[bold]ä")],
)  # fmt: skip
def test_an_address_may_end_as_it_likes(server, cache, end, name):
    data = acquire(server.url.replace("set.tar.gz", end), md5=None, cache=cache)
    assert data.name == name
    (file,) = names(cache)
    assert re.fullmatch(r"[A-Za-z0-9._-]{13,80}", file)


@pytest.mark.parametrize("address", ["http://[::1", "file:///etc/passwd", "s3://bucket/set.tar.gz"])
def test_an_address_that_is_none_is_refused_before_anything(cache, address):
    with pytest.raises(AddressError, match="dataset: expected"):
        acquire(address, md5=None, cache=cache)
    assert not cache.exists()


def test_a_scheme_in_capitals_is_one(server, cache):
    assert acquire(server.url.replace("http", "HTTP"), md5=None, cache=cache).name == "set"


def test_a_path_may_begin_in_the_home_folder(write_archive, members, cache, monkeypatch):
    monkeypatch.setenv("HOME", str(write_archive(members).parent))
    data = acquire("~/set.tar.gz", md5=None, cache=cache)
    assert (data.name, data.source) == ("set", "set.tar.gz")
    with pytest.raises(DataError, match="received ~nobody-of-that-name/set"):
        acquire("~nobody-of-that-name/set", md5=None, cache=cache)


def test_mirrors_come_after_the_known_addresses_the_newer_first(cache, monkeypatch):
    asked = []

    def get(url, **_):
        asked.append(url)
        raise download.requests.ConnectionError

    monkeypatch.setattr(download.requests, "get", get)
    with pytest.raises(DownloadError, match="no connection"):
        acquire("cinic10", md5=None, cache=cache, mirrors=["https://example.org/c.tar.gz"])
    assert [url.split("/")[3] for url in asked] == ["server", "bitstream", "c.tar.gz"]


def test_without_a_network_cinic10_is_one_line_with_the_place(cache, monkeypatch):
    nowhere = Remote(module.CINIC10.file, ("http://127.0.0.1:9/x",), module.CINIC10.md5, module.CINIC10.size)
    monkeypatch.setattr(module, "CINIC10", nowhere)
    with pytest.raises(DownloadError) as caught:
        acquire("cinic10", md5=None, cache=cache)
    assert "no connection" in str(caught.value)
    assert str(cache / "CINIC-10.tar.gz") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_cinic10_put_by_hand_is_checked_and_read(members, write_archive, cache, monkeypatch):
    path = write_archive(members)
    cache.mkdir()
    path.rename(cache / "CINIC-10.tar.gz")
    with pytest.raises(DownloadError, match="expected 687544992 bytes"):
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
