"""Small archives and folders that mean a lot: each is one line, in bounded memory and time."""

import gzip
import subprocess
import sys
import tarfile
import zipfile

import pytest
from pictures import encoded, picture
from PIL import Image

from study.data.dataset import DataError
from study.data.labelled import read_labelled

MIB = 1024**2
ALLOWED = 500 * MIB
SPLITS = ("train", "valid", "test")
COMMAND = """
import sys
from pathlib import Path
from study.data.dataset import DataError
from study.data.labelled import read_labelled
try:
    read_labelled(
        Path(sys.argv[1]), name="x", source="x", scratch=Path(sys.argv[2]), size=8, split_seed=1
    )
    print("read")
except DataError as error:
    print(error)
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
print(int(peak.split()[1]) * 1024)
"""


@pytest.fixture
def told(tmp_path):
    """What is said of a path, after a check of the memory that reading it took, and of the time."""

    def told(path):
        command = [sys.executable, "-c", COMMAND, path, tmp_path / "scratch"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
        assert done.stderr == ""
        *lines, peak = done.stdout.splitlines()
        assert int(peak) < ALLOWED
        (line,) = lines
        return line

    return told


@pytest.fixture
def said(tmp_path):
    """What is said of a path that should take no memory."""

    def said(path):
        with pytest.raises(DataError) as caught:
            read_labelled(path, name="x", source="x", scratch=tmp_path / "scratch", size=8, split_seed=1)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return said


def small():
    return {
        f"{split}/{label}/{k}.png": picture(k)
        for split in SPLITS
        for label in ("cat", "dog")
        for k in range(2)
    }


def header(name, size, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def padded(content):
    return content + bytes(-len(content) % 512)


def write_tar(path, *pieces):
    """A .tar.gz of ordinary members and then of pieces, each bytes or a number of zeros."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for name, content in small().items():
            file.write(header(name, len(content)) + padded(content))
        for piece in pieces:
            for _ in range(piece // MIB if isinstance(piece, int) else 0):
                file.write(bytes(MIB))
            file.write(piece if isinstance(piece, bytes) else b"")
        file.write(bytes(1024))
    return path


def test_a_huge_header_takes_no_memory(told, tmp_path):
    path = write_tar(tmp_path / "x.tar.gz", header("long", 1024 * MIB, b"x"), 1024 * MIB)
    assert path.stat().st_size < 10 * MIB
    assert "x.tar.gz: expected headers of at most 1048576 bytes, received 1073742337" in told(path)


@pytest.mark.parametrize("kind", [b"L", b"K", b"x", b"g", b"X"])
def test_a_huge_header_is_refused(kind, said, tmp_path):
    line = said(write_tar(tmp_path / "x.tar.gz", header("long", 1024 * MIB, kind)))
    assert "x.tar.gz: expected headers of at most 1048576 bytes, received 1073742337" in line
    assert line.endswith("the last file read is test/dog/1.png")


def test_many_large_headers_of_one_member_are_refused(told, tmp_path):
    pieces = [header("long", 512 * 1024, b"L"), bytes(512 * 1024)] * 100
    assert "expected headers of at most 1048576 bytes" in told(write_tar(tmp_path / "x.tar.gz", *pieces))


def test_many_headers_of_one_member_are_refused(said, tmp_path):
    pieces = [header("long", 4, b"L"), padded(b"abc\0")] * 2000
    line = said(write_tar(tmp_path / "x.tar.gz", *pieces))
    assert "x.tar.gz: expected " in line


def test_many_global_headers_are_refused(said, tmp_path):
    def one(k):
        records = b"".join(b"%d k%07d=v\n" % (14, 1000 * k + i) for i in range(600))
        return header("all", len(records), b"g") + padded(records) + header(f"a{k}.txt", 0)

    line = said(write_tar(tmp_path / "x.tar.gz", *map(one, range(3))))
    assert "received more than 1000 global headers" in line


def test_a_huge_file_that_would_be_passed_over_is_not_read_to_its_end(told, tmp_path):
    path = write_tar(tmp_path / "x.tar.gz", header("notes.txt", 1024 * MIB), 1024 * MIB)
    assert "100 times the archive's size plus 64 MiB, received more" in told(path)


def test_a_huge_end_is_not_read(told, tmp_path):
    path = write_tar(tmp_path / "x.tar.gz", bytes(1024), 640 * MIB)
    assert "100 times the archive's size plus 64 MiB, received more" in told(path)


def test_images_padded_with_zeros_are_refused_in_an_archive(told, tmp_path):
    content = picture() + bytes(15 * MIB)
    pieces = [
        piece for k in range(60) for piece in (header(f"train/cat/p{k}.png", len(content)), padded(content))
    ]
    line = told(write_tar(tmp_path / "x.tar.gz", *pieces))
    assert "100 times the archive's size plus 64 MiB, received more" in line


def test_images_padded_with_zeros_are_few_in_memory(told, tmp_path):
    for name, content in small().items():
        file = tmp_path / "set" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    for k in range(60):
        with (tmp_path / "set" / "train" / "cat" / f"p{k}.png").open("wb") as file:
            file.write(picture(k))
            file.truncate(15 * MIB)
    assert told(tmp_path / "set") == "read"


@pytest.mark.parametrize(("size", "n"), [((1024, 1024), 370), ((6000, 6000), 12)])
def test_few_bytes_that_mean_many_pixels_are_refused(size, n, told, tmp_path):
    content = encoded(Image.new("RGB", size))
    pieces = [header(f"train/cat/p{k}.png", len(content)) + padded(content) for k in range(n)]
    path = write_tar(tmp_path / "x.tar.gz", *pieces)
    assert path.stat().st_size < MIB
    assert "bytes of pixels, 300 times its size plus 1 GiB, received more" in told(path)


def test_a_zip_of_zeros_is_refused(told, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in small().items():
            archive.writestr(name, content)
        for k in range(20):
            archive.writestr(f"train/cat/p{k}.png", picture() + bytes(15 * MIB))
    assert path.stat().st_size < MIB
    assert "100 times the archive's size plus 64 MiB, received more" in told(path)


def test_a_zip_packed_otherwise_or_locked_is_one_line(said, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in small().items():
            archive.writestr(name, content)
    assert "train/cat/0.png, which is neither stored nor deflated" in said(path)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in small().items():
            archive.writestr(name, content)
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    path.write_bytes(content)
    assert "is encrypted, password required for extraction" in said(path)


def test_a_sparse_file_is_one_line(said, tmp_path):
    sparse = bytearray(header("train/cat/s.png", 512, b"S"))
    for position, value in ((386, 0), (398, 512), (483, 4096)):
        sparse[position : position + 12] = b"%011o\0" % value
    sparse[148:156] = b"%06o\0 " % (256 + sum(sparse[:148]) + sum(sparse[156:512]))
    path = write_tar(tmp_path / "x.tar.gz", bytes(sparse), bytes(512))
    assert "train/cat/s.png: expected a file, received a link or a device" in said(path)


@pytest.mark.parametrize("first", [b"nonsense\n" + bytes(503), b"9" * 500 + b"\n" + bytes(11)])
def test_a_sparse_header_that_cannot_be_read_is_one_line(first, said, tmp_path):
    records = b"".join(
        b"%d %s\n" % (len(record) + 4, record)
        for record in (b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.name=a")
    )
    pieces = [header("p", len(records), b"x") + padded(records), header("a", 512), first]
    line = said(write_tar(tmp_path / "x.tar.gz", *pieces))
    assert "x.tar.gz: expected " in line
    assert "the last file read is test/dog/1.png" in line


def test_escapes_in_a_name_do_not_reach_the_terminal(said, tmp_path):
    name = "train/cat/\x1b[2J\x1b]0;owned\x07.png"
    line = said(write_tar(tmp_path / "x.tar.gz", header(name, 4), padded(b"text")))
    assert line.isprintable()
    assert "train/cat/\\x1b[2J\\x1b]0;owned\\x07.png: expected a whole" in line
    line = said(write_tar(tmp_path / "y.tar.gz", header(f"../{name}", 0)))
    assert line.isprintable()
    cut = write_tar(tmp_path / "z.tar.gz", header(f"{name}.txt", 0), header("a.png", MIB))
    assert said(cut).isprintable()


def test_a_long_name_is_cut(said, tmp_path):
    name = b"train/cat/" + b"a" * 100_000 + b".png\0"
    pieces = [header("long", len(name), b"L"), padded(name), header("x.png", 4), padded(b"text")]
    assert len(said(write_tar(tmp_path / "x.tar.gz", *pieces))) < 500
    name = b"train/" + b"c" * 300 + b"/x.png\0"
    pieces = [header("long", len(name), b"L"), padded(name), header("x.png", len(PNG)), padded(PNG)]
    line = said(write_tar(tmp_path / "y.tar.gz", *pieces))
    assert "expected class names that can be printed, of at most 100 characters, received 'ccc" in line


PNG = picture()
