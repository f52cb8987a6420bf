"""A small study that is finished, with DVC's own lock, and audits of copies in which something is forged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import forgeries
import pytest
import small_tree

from study import params
from study.audit import Verdict, audit
from study.pipeline import paths
from study.report.build import draw
from study.report.document import Picture
from study.report.plots.style import Drawing

ROOT = small_tree.ROOT
IGNORED = "/data\n/.study\n/set\n__pycache__\n"


class Drawn:
    """Draws each picture once: no forgery here changes what is drawn from the recorded predictions."""

    def __init__(self) -> None:
        self._known: dict[str, Drawing] = {}

    def __call__(self, pictures: Sequence[Picture]) -> dict[str, Drawing]:
        new = [picture for picture in pictures if picture.slug not in self._known]
        self._known |= draw(new) if new else {}
        return self._known


def git(folder: Path, *words: str) -> None:
    names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *names, *words], cwd=folder, check=True, capture_output=True)


def finish(folder: Path) -> None:
    """Bring a small study to its end, as a person would: code and report committed, DVC's lock written."""
    for name in ("study", ".dvc"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "cache", "tmp")
        )
    for name in ("dvc.yaml", ".dvcignore"):
        shutil.copy2(ROOT / name, folder / name)
    (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
    git(folder, "add", "study", "dvc.yaml", ".dvc", ".dvcignore", ".gitignore")
    git(folder, "commit", "-q", "-m", "code")
    with small_tree.inside(folder):
        small_tree.stage("report")
    subprocess.run(
        [sys.executable, "-m", "dvc", "commit", "--force", "-q"],
        cwd=folder,
        env={**os.environ, "DVC_NO_ANALYTICS": "1"},
        check=True,
        capture_output=True,
    )
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "results")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the finished study."""
    folder = tmp_path_factory.mktemp("finished") / "study"
    small_tree.make(folder)
    with pytest.MonkeyPatch.context() as patch:  # without TeX, for a PDF takes longest
        tools = tmp_path_factory.mktemp("tools")
        (tools / "git").symlink_to(str(shutil.which("git")))
        patch.setenv("PATH", str(tools))
        finish(folder)
    return folder


@pytest.fixture(scope="session")
def audited(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Verdict]]:
    """The verdicts on a copy of the study with a group of forgeries; the group ``""`` has none."""
    drawn, known = Drawn(), {}

    def found(group: str) -> list[Verdict]:
        if group not in known:
            copy = tmp_path_factory.mktemp("forged") / "study"
            shutil.copytree(finished, copy)
            with small_tree.inside(copy):
                for forgery in forgeries.GROUPS.get(group, ()):
                    forgery.plant()
                known[group] = list(audit(params.load(paths.PARAMS), draw=drawn))
        return known[group]

    found("")
    return found
