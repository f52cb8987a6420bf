"""What a number depends on besides its parameters: source, versions, hardware, commit."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from study.files import FileError, parse_json, sha256
from study.pipeline import environment, paths
from study.pipeline.cpu import cpu

PACKAGE = Path(__file__).parents[1]
NUMBERS_COME_FROM = (
    "training",
    "backbones/forward",
    "augment.py",
    "analysis/statistics/metrics.py",
    "runs/phase.py",
    "runs/augmented_features.py",
)
"""Beside them, a run depends on its backbone's row and on the code of its kind, whose hashes stand among its
weights: another backbone's change neither."""
SOURCE = ("study", "templates", "dvc.yaml", "requirements/report.lock", "requirements/gpu.lock")
"""What the code is. Parameters are not: the report says all of them."""
PACKAGES = (
    "dvc",
    "keras",
    "matplotlib",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
)


def training_source_sha256(package: Path = PACKAGE) -> str:
    """Hash of every source file that decides what training gives, of this program or another copy of it."""
    files: list[Path] = []
    for name in NUMBERS_COME_FROM:
        path = package / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    digests = [f"{file.relative_to(package)} {sha256(file)}" for file in files]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def backend() -> dict[str, str]:
    """System, Keras' backend with its version, device, the instruction sets that may be used, and switches.

    All of it decides the bytes of a run. It is told without importing the backend.
    """
    name = os.environ["KERAS_BACKEND"]
    versions = {package: _version(package) for package in (name, f"{name}-cpu")}
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "backend": name,
        "version": next((version for version in versions.values() if version), "none"),
        "keras": _version("keras"),
        "numpy": _version("numpy"),
        "device": device(),
        "instructions": environment.instructions(),
        "onednn": os.environ["TF_ENABLE_ONEDNN_OPTS"],
        **({"xla": os.environ.get("XLA_FLAGS", "unset")} if name == "jax" else {}),
    }


def device() -> str:
    """``gpu`` where an NVIDIA driver is loaded and not hidden, else ``cpu``."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return "gpu" if Path("/proc/driver/nvidia/version").exists() and not hidden else "cpu"


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that make numbers and pictures."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def hardware() -> dict[str, Any]:
    """The machine: processor, cores, memory in whole gigabytes, system. Of it, none decides a number.

    ``cpu_identity`` tells apart kinds of processor that share a name; ``cpu_instructions`` are all of its
    instruction sets that decide rounding, also those that may not be used.
    """
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    here = cpu()
    return {
        "cpu": here.name,
        "cpu_identity": here.identity,
        "cpu_instructions": " ".join(here.instructions),
        "cores": os.cpu_count(),
        "memory_gb": round(pages * size / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "device": device(),
    }


def commit() -> dict[str, Any]:
    """The commit that names the code, its day, and whether the code differs from it; see ``committed``.

    Raises
    ------
    FileError
        There is no git, no repository or no commit.
    """
    named = committed()
    changed = _git("status", "--porcelain", "--untracked-files=all", "--", *SOURCE)
    return {"commit": named["commit"], "date": named["date"], "dirty": bool(changed)}


def committed() -> dict[str, str]:
    """The last commit that touched the code, its day, and the hash of the code in it.

    In a shallow clone git takes the oldest commit that it has for the one that made every file. There the
    commit is the one that the report last named, as reports/source.json in git says, if the code is the same.

    Raises
    ------
    FileError
        As ``commit``.
    """
    identifier = _git("log", "-1", "--format=%H", "--", *SOURCE)
    if not identifier:
        raise FileError("git: expected a commit that holds the study, received none; run git commit first")
    code = hashlib.sha256(_git("ls-tree", "HEAD", "--", *SOURCE).encode()).hexdigest()
    told = _told() if _git("rev-parse", "--is-shallow-repository") == "true" else {}
    if told.get("code_sha256") == code:
        return told
    return {"commit": identifier, "date": _git("log", "-1", "--format=%cs", identifier), "code_sha256": code}


def _told() -> dict[str, str]:
    """What reports/source.json of the last commit says; nothing where it is not there or is damaged."""
    where = f"HEAD:./{paths.SOURCE_JSON.as_posix()}"
    try:
        (found,) = parse_json(_git("show", where), where)["source"]
        return {name: str(found[name]) for name in ("commit", "date", "code_sha256")}
    except (FileError, ValueError, KeyError, TypeError):
        return {}


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - constant arguments
            ("git", *arguments),  # noqa: S607 - git is looked up on PATH, as a person would
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError:
        raise FileError("git: expected the command git, received none; install git") from None
    except subprocess.CalledProcessError as error:
        received = " ".join(error.stderr.split()) or "an error"
        raise FileError(
            f"git {arguments[0]}: expected a git clone with a commit, received {received}"
        ) from None
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
