"""Whose code builds a backbone, and a hash of that code.

The hash stands beside a backbone's weights, so that it is part of what the backbone's runs depend on, and of
no other backbone's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from study.backbones.forward.row import Backbone, Kind

HERE = Path(__file__).parent
FILES: dict[Kind, tuple[str, ...]] = {
    "efficientnet-lite": ("efficientnet_lite.py", "torch_pickle.py"),
    "application": ("applications.py",),
    "keras-hub": ("vision_transformer.py",),
}
"""The files of this folder that one kind of backbone alone is made by."""
PACKAGES: dict[Kind, tuple[str, ...]] = {
    "efficientnet-lite": (),
    "application": (),
    "keras-hub": ("keras-hub",),
}
"""Packages that one kind of backbone alone is made by; every one's, Keras among them, are recorded anyway."""


class Family(NamedTuple):
    """How a kind of backbone is built.

    Attributes
    ----------
    build
        (row, image size) to a network without weights: preprocessed images (n, size, size, 3) to features.
    load
        (network, row, file, image size) to nothing: sets the published weights.
    finish
        The same network in the form in which it runs.
    """

    build: Callable[[Backbone, int], Any]
    load: Callable[[Any, Backbone, Path, int], None]
    finish: Callable[[Any], Any]


def family(kind: Kind) -> Family:
    """The code of a kind; imports its libraries."""
    if kind == "efficientnet-lite":
        from study.backbones.kinds import efficientnet_lite

        return efficientnet_lite.FAMILY
    if kind == "application":
        from study.backbones.kinds import applications

        return applications.FAMILY
    from study.backbones.kinds import vision_transformer

    return vision_transformer.FAMILY


def code_sha256(kind: Kind) -> str:
    """Hash of the files and of the versions of the packages that one kind of backbone alone is made by."""
    lines = [f"{name} {hashlib.sha256((HERE / name).read_bytes()).hexdigest()}" for name in FILES[kind]]
    lines += [f"{package} {_version(package)}" for package in PACKAGES[kind]]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"
