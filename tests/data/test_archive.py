"""Whether a file is an archive, and a whole one."""

import gzip
import zipfile

import pytest

from study.data.archive import archive_entries, begins, is_intact
from study.data.dataset import DamagedError


def test_a_whole_archive_begins_and_ends(members, write_archive, tmp_path):
    path = write_archive(members)
    assert begins(path)
    assert is_intact(path)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("train/cat/1.png", b"x")
    assert begins(tmp_path / "x.zip")
    assert is_intact(tmp_path / "x.zip")


@pytest.mark.parametrize(
    "content",
    [b"", b"<!DOCTYPE html>" + b" " * 600, gzip.compress(b"text"), b"PK\3\4"],
    ids=["nothing", "a page", "gzip of text", "a cut zip"],
)
def test_another_file_does_not_begin_as_one(content, tmp_path):
    path = tmp_path / "x.tar.gz"
    path.write_bytes(content)
    assert not begins(path)
    assert not is_intact(path)
    with pytest.raises(DamagedError):
        list(archive_entries(path))


def test_damage_at_the_end_is_seen_there(members, write_archive):
    path = write_archive(members)
    content = bytearray(path.read_bytes())
    content[-6] ^= 1
    path.write_bytes(content)
    assert begins(path)
    assert not is_intact(path)


def test_a_path_that_leads_outside_is_no_damage(members, write_archive):
    path = write_archive(members | {"../x.png": b""})
    assert is_intact(path)
