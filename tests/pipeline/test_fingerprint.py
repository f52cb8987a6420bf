"""The hash of a folder tells every change of what is in it, and reads again only what may have changed."""

from __future__ import annotations

import os
import time

import pytest

from study.files import FileError
from study.pipeline import fingerprint as module


@pytest.fixture
def folder(tmp_path):
    for name in ("train/cat/1.png", "train/dog/2.png", "test/cat/3.png"):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "set"


def of(path):
    return module.fingerprint(path, remembered=path.parent / "remembered.json")


def settle(monkeypatch):
    """As if the files had been there for long."""
    monkeypatch.setattr(module, "_SETTLED_SECONDS", -60.0)


def same_size_and_time(path):
    status = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def renamed(path):
    path.rename(path.with_name("other.png"))


CHANGES = {
    "a byte": lambda folder: (folder / "train/cat/1.png").write_bytes(b"Train/cat/1.png"),
    "a byte, size and time kept": lambda folder: same_size_and_time(folder / "train/cat/1.png"),
    "a name": lambda folder: renamed(folder / "train/cat/1.png"),
    "another class": lambda folder: (folder / "train/cat/1.png").rename(folder / "train/dog/1.png"),
    "one more": lambda folder: (folder / "train/cat/4.png").write_bytes(b""),
    "one less": lambda folder: (folder / "train/dog/2.png").unlink(),
    "a link to a class": lambda folder: (folder / "train/fox").symlink_to(folder / "train/dog"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_changes_the_hash_and_the_change_back_restores_it(folder, tmp_path, monkeypatch, change):
    settle(monkeypatch)
    before = of(folder)
    assert of(folder) == before
    kept = tmp_path / "kept"
    folder.rename(kept)
    os.system(f"cp -rp {kept} {folder}")  # noqa: S605
    assert of(folder) == before
    CHANGES[change](folder)
    assert of(folder) != before
    os.system(f"rm -r {folder} && cp -rp {kept} {folder}")  # noqa: S605
    assert of(folder) == before


def test_what_did_not_change_is_not_read_again(folder, monkeypatch):
    read = []
    digest = module.hashlib.file_digest
    monkeypatch.setattr(module.hashlib, "file_digest", lambda *given: (read.append(1), digest(*given))[1])
    of(folder)
    of(folder)
    assert len(read) == 6  # just written: its times may not tell the next change
    settle(monkeypatch)
    of(folder)
    of(folder)
    assert len(read) == 9


def test_hidden_files_and_a_link_to_above_change_nothing(folder):
    before = of(folder)
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "train/.ipynb_checkpoints").mkdir()
    (folder / "train/.ipynb_checkpoints/1.png").write_bytes(b"x")
    (folder / "train/again").symlink_to(folder)
    assert of(folder) == before


def test_a_file_is_its_bytes_whatever_its_name(tmp_path):
    (tmp_path / "a.tar").write_bytes(b"x")
    (tmp_path / "b.tar").write_bytes(b"x")
    assert of(tmp_path / "a.tar") == of(tmp_path / "b.tar")


def test_what_is_not_there_is_one_line(tmp_path):
    with pytest.raises(FileError, match="nowhere: expected a file or folder that can be read"):
        of(tmp_path / "nowhere")


def test_many_files_take_seconds(tmp_path, monkeypatch):
    settle(monkeypatch)
    for k in range(20):
        (tmp_path / f"set/{k}").mkdir(parents=True)
        for i in range(100):
            (tmp_path / f"set/{k}/{i}.png").write_bytes(b"x" * 2400)
    of(tmp_path / "set")
    began = time.process_time()
    of(tmp_path / "set")
    assert time.process_time() - began < 0.5
