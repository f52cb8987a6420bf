"""A checkout has the bytes of the repository, whatever git is set to do with line ends."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = ("params.yaml", "dvc.yaml", "Makefile", "study/files.py", "reports/pictures/first-page.png", "a.csv")


@pytest.mark.parametrize("setting", ["core.autocrlf=true", "core.eol=crlf"])
def test_a_clone_has_the_same_bytes_where_git_is_set_to_crlf(tmp_path, setting):
    source, clone = tmp_path / "source", tmp_path / "clone"
    for name in (".gitattributes", *FILES):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if name != "a.csv":
            shutil.copy(ROOT / name, source / name)
    (source / "a.csv").write_bytes(b"a,b\n1,2\n")
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "start"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=source, check=True)
    subprocess.run(["git", "clone", "-q", "-c", setting, source, clone], check=True)
    assert all((clone / name).read_bytes() == (source / name).read_bytes() for name in FILES)
    status = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, check=True)
    assert status.stdout == b""
