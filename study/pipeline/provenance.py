"""What a number depends on besides its parameters: source, versions, hardware, commit."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from study.files import FileError, sha256
from study.pipeline import environment
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
SOURCE = ("study", "templates", "params.yaml", "dvc.yaml", "requirements.lock", "requirements-gpu.lock")
PACKAGES = (
    "dvc",
    "keras",
    "matplotlib",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "statsmodels",
)


def training_source_sha256() -> str:
    """Hash of every source file that decides what training gives."""
    files: list[Path] = []
    for name in NUMBERS_COME_FROM:
        path = PACKAGE / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    digests = [f"{file.relative_to(PACKAGE)} {sha256(file)}" for file in files]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def backend() -> dict[str, str]:
    """Keras' backend with its version, the device, the instruction sets that may be used, and its switches.

    All of it decides the bytes of a run. It is told without importing the backend.
    """
    name = os.environ["KERAS_BACKEND"]
    versions = {package: _version(package) for package in (name, f"{name}-cpu")}
    return {
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
    """The machine: processor, cores, memory in whole gigabytes, system.

    ``cpu_identity`` tells apart kinds of processor that share a name; ``cpu_instructions`` are all instruction
    sets that this one has and that decide rounding, whatever may be used of them.
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
    """The last commit that touched the study's source, its day, and whether the source differs from it.

    Raises
    ------
    FileError
        There is no git, no repository or no commit.
    """
    identifier = _git("log", "-1", "--format=%H", "--", *SOURCE)
    if not identifier:
        raise FileError("git: expected a commit that holds the study, received none; run git commit first")
    changed = _git("status", "--porcelain", "--untracked-files=all", "--", *SOURCE)
    day = _git("log", "-1", "--format=%cs", identifier)
    return {"commit": identifier, "date": day, "dirty": bool(changed)}


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
        line = error.stderr.strip().splitlines()[-1:] or ["an error"]
        raise FileError(
            f"git {arguments[0]}: expected a git clone with a commit, received {line[0]}"
        ) from None
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
