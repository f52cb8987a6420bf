"""Files that are whole or absent, and errors that are one line."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from study import files
from study.pipeline.console import run

ROOT = Path(__file__).parents[1]


def test_json_is_the_same_bytes_whatever_the_order_of_keys(tmp_path):
    files.write_json(tmp_path / "a.json", {"b": 0.1, "a": [1, None]})
    files.write_json(tmp_path / "b.json", {"a": [1, None], "b": 0.1})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert files.read_json(tmp_path / "a.json") == {"a": [1, None], "b": 0.1}


def test_a_write_that_fails_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.json"
    files.write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        files.write_json(path, {"a": object()})
    assert files.read_json(path) == {"a": 1}
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_folder_that_is_not_finished_never_takes_the_place_of_the_old_one(tmp_path):
    target = tmp_path / "out"
    with files.new_folder(target) as folder:
        (folder / "x").write_text("old")

    def interrupted():
        with files.new_folder(target) as folder:
            (folder / "x").write_text("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (target / "x").read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]
    with files.new_folder(target) as folder:
        (folder / "y").write_text("new")
    assert os.listdir(target) == ["y"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "expected this file, received none"), (b"{", "expected JSON"), (b"\xff", "expected JSON")],
)
def test_json_that_cannot_be_read_is_named(tmp_path, content, message):
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(files.FileError, match=message) as caught:
        files.read_json(path)
    assert str(path) in str(caught.value)


def test_an_array_with_pickled_objects_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(files.FileError, match="expected an array"):
        files.read_array(path)


def test_a_missing_number_is_null_and_comes_back():
    frame = pd.DataFrame({"a": [1.5, np.nan], "b": ["x", "nan"]})
    assert files.rows(frame) == [{"a": 1.5, "b": "x"}, {"a": None, "b": "nan"}]


def test_a_hash_tells_content_and_name_apart(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("1")
    (tmp_path / "c").write_text("2")
    hashes = {files.sha256(tmp_path / name) for name in "abc"}
    assert len(hashes) == 3
    assert files.sha256(tmp_path / "a", tmp_path / "b") == files.sha256(tmp_path / "b", tmp_path / "a")


def stop_of(error):
    def stage():
        raise error

    with pytest.raises(SystemExit) as caught:
        run(stage)
    return caught.value.code


def test_an_error_for_people_is_one_line():
    assert stop_of(files.FileError("a: expected b,\n received c")) == "a: expected b, received c"
    assert stop_of(OSError(28, "No space left on device", "data/x")) == (
        "data/x: expected to write, received no space left on device; make room and run the same command "
        "again"
    )
    assert stop_of(OSError("4608 requested and 3968 written")) == (
        "files: expected to write, received no space left on device; make room and run the same command again"
    )
    assert stop_of(PermissionError(13, "Permission denied", "data/x")) == (
        "data/x: expected to read or write, received permission denied"
    )
    assert stop_of(MemoryError("Unable to allocate 9 TiB")) == (
        "memory: expected enough for this step, received less (Unable to allocate 9 TiB); lower "
        "execution.memory_budget_gb"
    )
    assert "run the same command again" in stop_of(KeyboardInterrupt())


def test_a_mistake_in_the_code_keeps_its_traceback():
    def stage():
        int("x")

    with pytest.raises(ValueError, match="invalid literal"):
        run(stage)


def test_the_command_line_shows_its_commands():
    done = subprocess.run(
        [sys.executable, "-m", "study", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert "verify" in done.stdout
    assert "plan" in done.stdout


WRITER = """
import os, sys
from pathlib import Path
from study.files import new_folder
with new_folder(Path(sys.argv[1])) as folder:
    (folder / "a").write_text("half")
    print(folder.name, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_process_left_is_removed_and_what_a_running_one_writes_is_not(tmp_path):
    target = tmp_path / "x[1]"
    command = [sys.executable, "-c", WRITER, str(target)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    killed, running = (subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2))
    left, written = (writer.stdout.readline().strip() for writer in (killed, running))
    killed.kill()
    killed.wait()
    assert {path.name for path in tmp_path.iterdir()} == {left, written}
    with files.new_folder(target) as folder:
        (folder / "a").write_text("whole")
    assert {path.name for path in tmp_path.iterdir()} == {"x[1]", written}
    running.communicate("")
    assert running.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"x[1]"}
    assert (target / "a").read_text() == "half"


def test_what_a_killed_process_left_refuses_nobody_though_its_number_is_taken_again(tmp_path):
    """In a container the next process often has the number of the one that was killed."""
    for name in ("folder", "file"):
        (tmp_path / f".{name}.{os.getpid()}.part").mkdir()
    with files.new_folder(tmp_path / "folder") as folder:
        (folder / "a").write_text("whole")
    files.write_text(tmp_path / "file", "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_folder_of_a_file_system_without_locks_is_written(tmp_path, monkeypatch):
    def none(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(files.fcntl, "flock", none)
    left = tmp_path / ".folder.1.part"
    left.mkdir()
    with files.new_folder(tmp_path / "folder") as folder:
        files.write_text(folder / "a", "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [left.name, "folder"]


def test_a_file_has_the_permissions_of_any_other(tmp_path):
    files.write_text(tmp_path / "ours", "")
    (tmp_path / "plain").touch()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_many_writers_of_one_file_leave_it_whole_and_nothing_else(tmp_path):
    code = (
        "import sys; from pathlib import Path; from study.files import replace_file\n"
        "for _ in range(200): replace_file(Path(sys.argv[1]), sys.argv[2].encode() * 1000)"
    )
    target = tmp_path / "x"
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(target), letter], cwd=ROOT) for letter in "abcd"
    ]
    assert [writer.wait() for writer in writers] == [0] * 4
    assert os.listdir(tmp_path) == ["x"]
    assert len(set(target.read_text())) == 1
    assert target.stat().st_size == 1000


def test_json_that_was_changed_in_place_is_found(tmp_path):
    path = tmp_path / "a.json"
    files.write_json(path, {"a": [0.25, None, {"b": float("inf"), "é": "ü"}], "n": 10**20})
    before = path.read_text()
    assert files.read_json(path) == {"a": [0.25, None, {"b": float("inf"), "é": "ü"}], "n": 10**20}
    for old, new in (("0.25", "0.26"), ("null", "true"), ('"b"', '"c"'), ("content_sha256", "content_sha")):
        assert old in before
        path.write_text(before.replace(old, new))
        with pytest.raises(files.FileError, match=r"a.json: expected the content whose SHA-256 it holds"):
            files.read_json(path)


def test_tables_that_were_changed_in_place_are_found(tmp_path):
    with files.summed_folder(tmp_path / "t") as folder:
        files.write_text(folder / "a.csv", "x\n1\n")
    files.check_sum(tmp_path / "t/a.csv", stage="analyse")
    (tmp_path / "t/a.csv").write_text("x\n2\n")
    with pytest.raises(files.FileError, match="force --single-item analyse"):
        files.check_sum(tmp_path / "t/a.csv", stage="analyse")
