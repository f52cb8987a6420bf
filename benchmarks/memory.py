"""Memory of training at CINIC-10's size: ResNet-50's features, and a pool of views with ResNet-50 itself."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from benchmarks.extraction import extractor, noise
from benchmarks.row import Row
from benchmarks.sides import Context
from study.files import map_array
from study.params import Setting
from study.training.runs import Features, Run

_N_FEATURES, _N_CLASSES, _N_VIEWS = 2048, 10, 10
_BACKBONE, _N_SEEN = "resnet50", 1024
_GOAL_GB = 6.0
_EVERY_SECONDS = 0.05
_BLOCK = 10_000


class Memory(NamedTuple):
    """Largest bytes: of the process alone, of the pages of files mapped into it, of both at once."""

    own: int
    mapped: int
    both: int


def measure(context: Context) -> list[Row]:
    """Rows for runs on all images and for runs on a pool; each kind in a fresh process."""
    n_images = context.pick(smoke=200, quick=9_000, full=90_000)
    n_heads = context.pick(smoke=2, quick=10, full=10)
    goal = _GOAL_GB if context.size == "full" else None
    rows = []
    for kind in ("none", "cutmix"):
        side = context.fresh_study()
        try:
            memory = side(train, n_images, n_heads, kind)
        finally:
            side.close()
        note = (
            f"GB, not a ratio: {n_heads} heads on 3 x {n_images:,} images of {_N_FEATURES} features"
            f"{f', {_N_VIEWS} views of each training image, {_BACKBONE}' if kind != 'none' else ''}; "
            f"{memory.own / 1e9:.2f} GB of its own and {memory.mapped / 1e9:.2f} GB of files mapped, "
            "which the system can take back"
        )
        rows.append(Row(f"memory, {kind}", memory.both / 1e9, goal, note, at_most=True))
    return rows


def train(n_images: int, n_heads: int, augmentation: str) -> Memory:
    """Train replicates for an epoch on features in files, and watch.

    For a pool the backbone is there too, and has seen images, as in the study.
    """
    from study.training.train import train as train_runs

    labels: NDArray[Any] = np.arange(n_images, dtype=np.uint8) % _N_CLASSES
    setting = Setting(
        lr=5e-4, batch_size=128, dropout=0.5, l1=0.0, augmentation=augmentation, images_per_class="all"
    )
    runs = [Run(f"run {i}", setting, *[i] * 5) for i in range(n_heads)]
    with tempfile.TemporaryDirectory() as folder:
        parts = [_written(Path(folder) / f"{i}.npy", n_images) for i in range(3)]
        features = Features(*map(map_array, parts), labels, labels, _N_CLASSES)
        views = _Pool(Path(folder) / "pool.npy", features)
        with Watch() as watch:
            if augmentation != "none":
                extractor(_BACKBONE)(noise(_N_SEEN))
            for _ in train_runs(
                runs,
                features,
                views,
                epochs=1,
                train_eval_images=10_000,
                memory_bytes=0.75e9,
                advance=lambda _: None,
            ):
                pass
    return watch.largest


class _Pool:
    """Pools of views in a file, as the study maps them."""

    n_views: int | None = _N_VIEWS

    def __init__(self, path: Path, features: Features) -> None:
        self._path, self._labels = path, features.train_labels

    def pools(self, augmentation: str, rows: NDArray[np.int32], *, seeds: Sequence[int]) -> tuple[Any, Any]:
        del augmentation
        n_views = len(seeds) * _N_VIEWS
        targets = np.eye(_N_CLASSES, dtype=np.float32)[np.tile(self._labels[rows], n_views)]
        return map_array(_written(self._path, n_views * len(rows))), targets


class Watch:
    """Reads this process's memory now and then, as long as it is entered."""

    def __init__(self) -> None:
        self.largest = Memory(0, 0, 0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            lines = dict(
                line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines()
            )
            own, mapped = (1024 * int(lines[name].split()[0]) for name in ("RssAnon", "RssFile"))
            self.largest = Memory(*map(max, self.largest, (own, mapped, own + mapped)))


def _written(path: Path, n_rows: int) -> Path:
    """A file of noise, (n_rows, n_features) in float16, of a block that is repeated."""
    array = open_memmap(path, "w+", np.float16, (n_rows, _N_FEATURES))
    rng = np.random.default_rng(np.random.SeedSequence(1))
    block = rng.random((_BLOCK, _N_FEATURES), np.float32).astype(np.float16)
    for start in range(0, n_rows, _BLOCK):
        array[start : start + _BLOCK] = block[: n_rows - start]
    return path
