"""Archives, folders and images that are not a data set, as the data stage tells them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from changes import Change, both, content, parameter
from PIL import Image
from rows import ANY, Row

NAME = "train/cat/cifar10-train-0.png"
Members = list[tuple[tarfile.TarInfo, bytes]]


def _files() -> Iterator[tuple[str, bytes]]:
    for path in sorted(Path("set").rglob("*.png")):
        yield path.relative_to("set").as_posix().replace("\\", "-"), path.read_bytes()


def _member(
    name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, target: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, len(data)
    return info, data


def _packed(change: Callable[[Members], Members]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for info, data in change([_member(name, data) for name, data in _files()]):
            archive.addfile(info, io.BytesIO(data))
    return plain.getvalue()


def archive(
    change: Callable[[Members], Members] = lambda members: members,
    *,
    name: str = "set.tar.gz",
    pack: Callable[[bytes], bytes] = lambda plain: gzip.compress(plain, mtime=0),
) -> Change:
    """Pack the images of the small study, changed, and name the archive in params.yaml."""

    def make() -> None:
        Path(name).write_bytes(pack(_packed(change)))
        parameter("dataset", name)()

    return make


def with_one(
    name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, target: str = "/etc/passwd"
) -> Change:
    """The archive with one more member."""
    return archive(lambda members: [*members, _member(name, data, kind, target)])


def without(start: str) -> Change:
    """The archive without the members whose names begin so."""
    return archive(lambda members: [one for one in members if not one[0].name.startswith(start)])


def renamed(old: str, new: str) -> Change:
    """The archive with another text in its names."""

    def rename(members: Members) -> Members:
        return [_member(info.name.replace(old, new), data) for info, data in members]

    return archive(rename)


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def zipped(_: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in _files():
            archive.writestr(name, data)
    return made.getvalue()


def wrong_checksum(plain: bytes) -> bytes:
    data = bytearray(gzip.compress(plain, mtime=0))
    data[-6] ^= 1
    return bytes(data)


def picture(mode: str = "RGB", size: tuple[int, int] = (8, 8), form: str = "PNG", **options: object) -> bytes:
    """The bytes of an image of one colour."""
    made = io.BytesIO()
    Image.new(mode, size, None if mode == "P" else 0).save(made, form, **options)
    return made.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    """A PNG with a header that says what it likes."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def image(data: bytes) -> Change:
    """The folder of images with one of them replaced."""
    return content(f"set/{NAME}", data)


def _folder_link() -> None:
    Path("set/test/cat/link.png").symlink_to("/etc/passwd")


def _folder_pipe() -> None:
    os.mkfifo("set/test/cat/pipe.png")


def _unreadable_name(members: Members) -> Members:
    return [*members, _member(NAME.replace("cat", "c\udce4t"), picture())]


def _no_class(split: str, label: str) -> Change:
    return lambda: shutil.rmtree(f"set/{split}/{label}")


def _one_class() -> None:
    for split in ("train", "valid", "test"):
        for folder in sorted(Path("set", split).iterdir()):
            if folder.name != "cat":
                shutil.rmtree(folder)


def _all_shared() -> None:
    """Every image of a class in train is the same as one in test."""
    for path in sorted(Path("set/train/cat").iterdir()):
        shutil.copy("set/test/cat/cifar10-test-0.png", path)
    parameter("drop_shared_images", "true")()


LAYOUTS = "expected 2 to 256 classes in {train,valid,test}/{class}/ or {class}/, such as train/cat/1.jpg"

# fmt: off
DATA = (
    Row("archive: traversal", with_one("train/cat/../../../x.png", picture()), "data", "set.tar.gz, train/cat/../../../x.png: expected a path inside the archive, received one outside"),
    Row("archive: an absolute path", with_one("/train/cat/x.png", picture()), "data", "set.tar.gz, /train/cat/x.png: expected a path inside the archive, received one outside"),
    Row("archive: a path of Windows", with_one("train\\cat\\x.png", picture()), "data", "set.tar.gz, train\\cat\\x.png: expected a path inside the archive, received one outside"),
    Row("archive: a link", with_one("train/cat/soft.png", kind=tarfile.SYMTYPE), "data", "set.tar.gz, train/cat/soft.png: expected a link inside the archive, received one that leads outside"),
    Row("archive: a link of a folder", with_one("train/bird", kind=tarfile.SYMTYPE, target="/etc"), "data", "set.tar.gz, train/bird: expected a link inside the archive, received one that leads outside"),
    Row("archive: a hard link", with_one("train/cat/hard.png", kind=tarfile.LNKTYPE), "data", "set.tar.gz, train/cat/hard.png: expected a link inside the archive, received one that leads outside"),
    Row("archive: a device", with_one("train/cat/tty.png", kind=tarfile.CHRTYPE), "data", "set.tar.gz, train/cat/tty.png: expected a file, received a link or a device"),
    Row("archive: a block device", with_one("train/cat/sda.png", kind=tarfile.BLKTYPE), "data", "set.tar.gz, train/cat/sda.png: expected a file, received a link or a device"),
    Row("archive: a pipe", with_one("train/cat/pipe.png", kind=tarfile.FIFOTYPE), "data", "set.tar.gz, train/cat/pipe.png: expected a file, received a link or a device"),
    Row("archive: gzip cut", archive(pack=lambda plain: half(gzip.compress(plain, mtime=0))), "data", f"set.tar.gz: expected a whole .tar.gz, other tar archive or .zip, received Compressed file ended before the end-of-stream marker was reached; the last file read is train/{ANY}"),
    Row("archive: bzip2 cut", archive(name="set.tar.bz2", pack=lambda plain: half(bz2.compress(plain))), "data", "set.tar.bz2: expected a whole .tar.gz, other tar archive or .zip, received Compressed file ended before the end-of-stream marker was reached"),
    Row("archive: xz cut", archive(name="set.tar.xz", pack=lambda plain: half(lzma.compress(plain))), "data", f"set.tar.xz: expected a whole .tar.gz, other tar archive or .zip, received Compressed file ended before the end-of-stream marker was reached; the last file read is train/{ANY}"),
    Row("archive: tar cut", archive(name="set.tar", pack=half), "data", f"set.tar: expected a whole .tar.gz, other tar archive or .zip, received {ANY}; the last file read is {ANY}"),
    Row("archive: zip cut", archive(name="set.zip", pack=lambda plain: half(zipped(plain))), "data", "set.zip: expected a whole .tar.gz, other tar archive or .zip, received File is not a zip file"),
    Row("archive: a link to no image", with_one("train/cat/soft.png", kind=tarfile.SYMTYPE, target="none.png"), "data", "set.tar.gz, train/cat/soft.png: expected a link to an image, received one to train/cat/none.png"),
    Row("archive: a wrong checksum", archive(pack=wrong_checksum), "data", f"set.tar.gz: expected a whole .tar.gz, other tar archive or .zip, received CRC check failed {ANY}; the last file read is valid/cat/cifar10-valid-7.png"),
    Row("archive: text", archive(pack=lambda _: b"not found\n"), "data", "set.tar.gz: expected a whole .tar.gz, other tar archive or .zip, received truncated header"),
    Row("archive: a page of a server", archive(pack=lambda _: b"<!DOCTYPE html><html>" + b" " * 600), "data", "set.tar.gz: expected a whole .tar.gz, other tar archive or .zip, received bad checksum"),
    Row("archive: nothing", archive(pack=lambda _: b""), "data", "set.tar.gz: expected a whole .tar.gz, other tar archive or .zip, received empty file"),
    Row("archive: gzip of nothing", archive(pack=lambda _: gzip.compress(b"", mtime=0)), "data", "set.tar.gz: expected a whole .tar.gz, other tar archive or .zip, received empty file"),
    Row("archive: without members", archive(lambda _: []), "data", f"set.tar.gz: {LAYOUTS}, received 0"),
    Row("archive: a wrong MD5", both(archive(), parameter("dataset_md5", f"'{'0' * 32}'")), "data", f"set.tar.gz: expected MD5 00000000000000000000000000000000, received {ANY}"),
    Row("archive: not there", parameter("dataset", "none.tar.gz"), "data", "dataset: expected digits, cinic10, an address or the path of an archive or folder, received none.tar.gz"),
    Row("archive: a known name misspelt", parameter("dataset", "cifar10"), "data", "dataset: expected digits, cinic10, an address or the path of an archive or folder, received cifar10"),
    Row("archive: no valid", without("valid/"), "data", "set.tar.gz: expected images in train, valid, test, received none in valid; images in {class}/ alone are split in three"),
    Row("archive: no train", without("train/"), "data", "set.tar.gz: expected images in train, valid, test, received none in train; images in {class}/ alone are split in three"),
    Row("archive: val beside valid", with_one("val/cat/x.png", picture()), "data", "set.tar.gz, val/cat/x.png: expected one folder for valid, received valid and val"),
    Row("archive: films", renamed(".png", ".mp4"), "data", f"set.tar.gz: {LAYOUTS}, received 0 (passed over: 72 .mp4 files)"),
    Row("archive: terminal escapes", with_one("train/cat/\x1b[2J.png", b"text"), "data", "set.tar.gz, train/cat/\\x1b[2J.png: expected a whole PNG, JPEG, WebP or BMP image, received another file"),
    Row("archive: one class", archive(lambda members: [one for one in members if "/cat/" in one[0].name]), "data", f"set.tar.gz: {LAYOUTS}, received 1"),
    Row("archive: a class missing in a split", without("test/cat/"), "data", "set.tar.gz, test/cat: expected images, received none"),
    Row("archive: an empty class", with_one("train/bird", kind=tarfile.DIRTYPE), "data", "set.tar.gz, train/bird: expected images, received none"),
    Row("archive: a class in one split", with_one("train/bird/x.png", picture()), "data", "set.tar.gz, valid/bird: expected images, received none"),
    Row("archive: nested twice", renamed("t", "a/b/c/t"), "data", f"set.tar.gz: {LAYOUTS}, received 0 (passed over: 72 images outside the classes)"),
    Row("archive: nested in two folders", archive(lambda members: [_member(f"a/b/{info.name}", data) for info, data in members]), "data", f"set.tar.gz: {LAYOUTS}, received 0 (passed over: 72 images outside the classes)"),
    Row("archive: splits in two folders", with_one(f"b/{NAME}", picture()), "data", "set.tar.gz, b/train/cat/cifar10-train-0.png: expected all splits in the folder '', received one in 'b'"),
    Row("archive: one image twice", with_one(f"./{NAME}", picture()), "data", "set.tar.gz, ./train/cat/cifar10-train-0.png: expected every image once, received it again"),
    Row("archive: flat", renamed("/", "-"), "data", f"set.tar.gz: {LAYOUTS}, received 0 (passed over: 72 images outside the classes)"),
    Row("archive: a class not in UTF-8", archive(_unreadable_name), "data", "set.tar.gz: expected class names that can be printed, of at most 100 characters, received 'c\\udce4t'"),
    Row("archive: a class with a line break", with_one("train/c\nt/x.png", picture()), "data", "set.tar.gz: expected class names that can be printed, of at most 100 characters, received 'c\\nt'"),
    Row("archive: a member beyond the largest", with_one("train/cat/x.png", bytes(65 * 1024**2)), "data", "set.tar.gz, train/cat/x.png: expected at most 67108864 bytes, received 68157440"),
    Row("archive: an image that is text", with_one("train/cat/x.png", b"text"), "data", "set.tar.gz, train/cat/x.png: expected a whole PNG, JPEG, WebP or BMP image, received another file"),
    Row("folder: an MD5", parameter("dataset_md5", f"'{'0' * 32}'"), "data", "dataset_md5: expected null for the folder set, received 00000000000000000000000000000000"),
    Row("folder: empty", both(lambda: Path("none").mkdir(), parameter("dataset", "none")), "data", f"none: {LAYOUTS}, received 0"),
    Row("folder: no split", lambda: shutil.rmtree("set/valid"), "data", "set: expected images in train, valid, test, received none in valid; images in {class}/ alone are split in three"),
    Row("folder: no class in a split", _no_class("test", "cat"), "data", "set, test/cat: expected images, received none"),
    Row("folder: an empty class", lambda: Path("set/train/bird").mkdir(), "data", "set, train/bird: expected images, received none"),
    Row("folder: one class", _one_class, "data", f"set: {LAYOUTS}, received 1"),
    Row("folder: a link", _folder_link, "data", "set/test/cat/link.png: expected a link inside the folder, received one that leads outside"),
    Row("folder: a pipe", _folder_pipe, "data", "set/test/cat/pipe.png: expected a file, received a link or a device"),
    Row("folder: all images of a class shared", _all_shared, "data", "set, train/cat: expected images that no later split holds, received none"),
    Row("image: nothing", image(b""), "data", "set/train/cat/cifar10-train-0.png: expected a whole PNG, JPEG, WebP or BMP image, received an empty file"),
    Row("image: cut", image(half(picture())), "data", "set/train/cat/cifar10-train-0.png: expected a whole PNG, JPEG, WebP or BMP image, received another file"),
    Row("image: its end lost", image(picture()[:-12]), "data", "set/train/cat/cifar10-train-0.png: expected a whole PNG, received one without its end"),
    Row("image: one bit other", image(picture()[:45] + b"\x00" + picture()[46:]), "data", f"set/train/cat/cifar10-train-0.png: expected a whole PNG, JPEG, WebP or BMP image, received {ANY}"),
    Row("image: a GIF named .png", image(picture("P", form="GIF")), "data", "set/train/cat/cifar10-train-0.png: expected a whole PNG, JPEG, WebP or BMP image, received another file"),
    Row("image: text named .png", image(b"no image\n"), "data", "set/train/cat/cifar10-train-0.png: expected a whole PNG, JPEG, WebP or BMP image, received another file"),
    Row("image: a pointer of Git LFS", image(b"version https://git-lfs.github.com/spec/v1\n"), "data", "set/train/cat/cifar10-train-0.png: expected a whole PNG, JPEG, WebP or BMP image, received another file"),
    Row("image: a bomb of 4 gigapixels", image(png(65_000, 65_000, 8, 2, bytes(100))), "data", "set/train/cat/cifar10-train-0.png: expected at most 67108864 pixels, received more"),
    Row("image: a bomb of 2 megapixels", image(png(2_000, 1_000, 8, 2, bytes(100))), "data", "set/train/cat/cifar10-train-0.png: expected a whole PNG, JPEG, WebP or BMP image, received image file is truncated (0 bytes not processed)"),
    Row("image: no width", image(png(0, 8, 8, 2, bytes(100))), "data", "set/train/cat/cifar10-train-0.png: expected a whole PNG, JPEG, WebP or BMP image, received another file"),
    Row("image: fewer rows than its header says", image(png(8, 8, 8, 2, bytes(25))), "data", f"set/train/cat/cifar10-train-0.png: expected a whole PNG, JPEG, WebP or BMP image, received {ANY}"),
    Row("image: an animation", image(picture(save_all=True, append_images=[Image.new("RGB", (8, 8), 255)])), "data", "set/train/cat/cifar10-train-0.png: expected one image, received an animation"),
    Row("data: the address of a file of this machine", parameter("dataset", "file:///etc/passwd"), "data", "dataset: expected a path, or an address of http or https, received file:///etc/passwd"),
    Row("data: an address of another kind", parameter("dataset", "s3://bucket/set.tar.gz"), "data", "dataset: expected a path, or an address of http or https, received s3://bucket/set.tar.gz"),
    Row("data: an IPv6 address that does not end", parameter("dataset", "'http://[::1'"), "data", "dataset: expected an address like https://example.org/set.tar.gz, received http://[::1, whose host or port cannot be read"),
    Row("data: an address with a port that is none", parameter("dataset", "http://me:secret@127.0.0.1:port/set.tar.gz"), "data", "dataset: expected an address like https://example.org/set.tar.gz, received http://..., whose host or port cannot be read"),
    Row("data: a server that does not answer", parameter("dataset", "http://127.0.0.1:9/set.tar.gz"), "data", "set-e428cc181064.tar.gz: expected a download, received http://127.0.0.1:9/set.tar.gz: no connection; you can put the file by hand at data/downloads/set-e428cc181064.tar.gz"),
    Row("data: an address with a password and a mirror that is none", both(parameter("dataset", "http://me:secret@127.0.0.1:9/set.tar.gz?token=secret"), parameter("dataset_mirrors", "['http://me:secret@[::1/x?token=secret']")), "data", "set-29498aca9c1b.tar.gz: expected a download, received http://127.0.0.1:9/set.tar.gz: no connection; http://...: an address, or a redirect or proxy, that cannot be read; you can put the file by hand at data/downloads/set-29498aca9c1b.tar.gz"),
    Row("archive: a member named like a command to the terminal", archive(lambda members: [*members, _member("../\x1b[31mred\x1b]0;title\x07\udcff")]), "data", "set.tar.gz, ../\\x1b[31mred\\x1b]0;title\\x07\\udcff: expected a path inside the archive, received one outside"),
)
# fmt: on
