"""Decoding an archive against ``tarfile`` and Pillow, an image at a time."""

from __future__ import annotations

import io
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.images import take
from benchmarks.row import Row
from benchmarks.sides import Context, medians
from study.data.digits import SPLIT_SEED
from study.data.labelled import read_labelled
from study.tables.definitions import SPLITS

_GOAL = 3.0


def measure(context: Context) -> list[Row]:
    """One row; the pixels are compared."""
    with tempfile.TemporaryDirectory() as folder:
        archive = context.archive or _packed(
            Path(folder) / "images.tar.gz", context.pick(smoke=1, quick=4, full=16)
        )
        plain = _plain(archive)
        ours = np.concatenate([*_ours(archive).values()])
        same = len(plain) == len(ours) and _digest(plain) == _digest(ours)
        seconds = medians(
            context.pick(smoke=1, quick=3, full=3),
            lambda: _seconds(_ours, archive),
            lambda: _seconds(_plain, archive),
        )
    note = (
        f"{len(plain)} images: {len(plain) / seconds[0]:.0f} against {len(plain) / seconds[1]:.0f} images/s"
    )
    note += "; pixels the same" if same else "; PIXELS DIFFER"
    return [Row("decoding an archive", seconds[1] / seconds[0] if same else None, _GOAL, note)]


def _ours(archive: Path) -> dict[str, NDArray[np.uint8]]:
    with tempfile.TemporaryDirectory() as folder:
        return read_labelled(
            archive, name="images", source="images", scratch=Path(folder), size=None, split_seed=SPLIT_SEED
        ).images


def _plain(archive: Path) -> NDArray[np.uint8]:
    found = []
    with tarfile.open(archive) as members:
        for member in members:
            file = members.extractfile(member) if member.isfile() else None
            if file is not None and member.name.endswith(".png"):
                found.append(np.asarray(Image.open(io.BytesIO(file.read()))))
    return np.stack(found)


def _seconds(read: Callable[[Path], object], archive: Path) -> float:
    began = time.perf_counter()
    read(archive)
    return time.perf_counter() - began


def _digest(images: NDArray[np.uint8]) -> list[bytes]:
    return sorted(image.tobytes() for image in images)


def _packed(path: Path, copies: int) -> Path:
    """The digits as an archive, inverted, turned and mirrored so that no two copies are the same."""
    images, labels = take(None)
    with tarfile.open(path, "w:gz", compresslevel=6) as archive:
        for split in SPLITS:
            for row, (image, label) in enumerate(zip(images[split], labels[split], strict=True)):
                for copy in range(copies):
                    content = io.BytesIO()
                    Image.fromarray(_changed(image, copy)).save(content, "png")
                    entry = tarfile.TarInfo(f"{split}/{label}/{row:04d}-{copy:02d}.png")
                    entry.size = content.tell()
                    content.seek(0)
                    archive.addfile(entry, content)
    return path


def _changed(image: NDArray[np.uint8], copy: int) -> NDArray[np.uint8]:
    turned = np.rot90(image, copy % 4)
    flipped = turned[:, ::-1] if copy // 4 % 2 else turned
    return np.ascontiguousarray(255 - flipped if copy // 8 % 2 else flipped)
