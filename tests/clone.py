"""A git clone of the working tree with a small study's parameters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
NUMBERS = ("reports/tables/*", "reports/metrics.json", "reports/results/*/*")
REPORT = ("reports/report.html", "reports/report.tex", "reports/report-numbers.tex", "reports/figures/*")
SMALL = {
    "backbones": ["efficientnet-lite0", "efficientnet-lite1"],
    "seeds": 2,
    "confirm_seeds": 2,
    "variance_seeds": 2,
    "epochs": 2,
    "sweep": {
        "lr": [0.0005, 0.001],
        "batch_size": [128],
        "dropout": [0.5],
        "l1": [0.0],
        "augmentation": ["none", "rotation", "cutmix"],
        "images_per_class": [10, 200, "all"],
    },
}


class Clone:
    """A git clone of the working tree with a small study's parameters.

    ``seconds`` is what its pipeline took, where it has run.

    Parameters
    ----------
    n_backbones
        Of the small study's.
    """

    seconds: float

    def __init__(self, folder: Path, *, n_backbones: int = len(SMALL["backbones"])) -> None:
        self.folder = folder
        tracked = self._output("git", "-C", str(ROOT), "ls-files", "-z").split("\0")
        for name in filter(None, tracked):
            source, target = ROOT / name, folder / name
            if source.is_file() and not name.startswith("reports/") and name != "dvc.lock":
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        yaml = YAML()
        values = yaml.load(folder / "params.yaml")
        values.update(SMALL)
        values["backbones"] = SMALL["backbones"][:n_backbones]
        values["augment"]["views"] = 2
        values["analysis"]["verify_runs"] = 2
        yaml.dump(values, folder / "params.yaml")
        self.git("init", "-q")
        self.commit("start")

    @classmethod
    def ran(cls, folder: Path, **changes: int) -> Clone:
        """A clone in which the small study has run once."""
        made = cls(folder, **changes)
        began = time.perf_counter()
        made.dvc("repro")
        made.seconds = time.perf_counter() - began
        made.commit("results")
        return made

    @classmethod
    def of(cls, other: Clone, folder: Path) -> Clone:
        """A git clone of ``other`` at its last commit, without a DVC cache."""
        other.git("clone", "-q", str(other.folder), str(folder))
        made = cls.__new__(cls)
        made.folder = folder
        return made

    def git(self, *arguments: str) -> str:
        return self._output("git", *arguments)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", message)

    def dvc(self, *arguments: str, check: bool = True, cores: int | None = None) -> str:
        some = sorted(os.sched_getaffinity(0))[:cores] if cores else None
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
            text=True,
            preexec_fn=partial(os.sched_setaffinity, 0, some) if some else None,
        )
        if check and done.returncode:
            raise AssertionError(f"dvc {arguments}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout + done.stderr

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
            text=True,
        )

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "dvc", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        columns = {"COLUMNS": "200"}
        names = {
            f"GIT_{role}_{what}": "t@example.org"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        return {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1", **names, **columns}

    def stored(self) -> set[Path]:
        return set((self.folder / ".study").rglob("*.npz"))

    def bytes_of(self, *patterns: str) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for pattern in patterns
            for path in sorted(self.folder.glob(pattern))
        }

    def _output(self, *command: str) -> str:
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout


def differing(some: dict[str, bytes], others: dict[str, bytes]) -> list[str]:
    """Names of files that are not the same on both sides; pytest would take hours over their bytes."""
    return sorted(name for name in some.keys() | others.keys() if some.get(name) != others.get(name))
