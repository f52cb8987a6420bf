"""What params.yaml names outside is found from a copy of the checkout too, where DVC runs experiments."""

from pathlib import Path

import pytest

from study.pipeline import paths


@pytest.fixture
def main_checkout(tmp_path, monkeypatch):
    copy = tmp_path / "main/.dvc/tmp/exps/copy"
    copy.mkdir(parents=True)
    monkeypatch.chdir(copy)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "main"))
    return tmp_path / "main"


def test_a_relative_path_is_of_the_main_checkout(main_checkout):
    assert paths.outside("photos/set") == main_checkout / "photos/set"
    assert paths.downloads() == main_checkout / "data/downloads"
    assert paths.store() == main_checkout / ".study/runs"


def test_home_and_absolute_paths_are_what_they_are(main_checkout, monkeypatch):
    monkeypatch.setenv("HOME", "/home/a")
    assert main_checkout
    assert paths.outside("~/set") == Path("/home/a/set")
    assert paths.outside("/data/set") == Path("/data/set")


def test_in_the_main_checkout_a_path_is_as_it_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for root in (str(tmp_path), "."):
        monkeypatch.setenv("DVC_ROOT", root)
        assert paths.outside("photos/set") == Path("photos/set")
