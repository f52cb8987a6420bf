"""A small study in a folder, made once and copied for each row."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import small_tree


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small study in which everything has run."""
    folder = tmp_path_factory.mktemp("small") / "study"
    small_tree.make(folder)
    return folder


@pytest.fixture
def tree(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the present folder."""
    copy = tmp_path / "study"
    shutil.copytree(made, copy)
    monkeypatch.chdir(copy)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return copy
