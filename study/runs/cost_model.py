"""How fast this machine trains heads and pushes images through a backbone, from a short measurement."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_BATCHES = 12
_IMAGE_BATCHES = 6
_N_CLASSES = 10
_N_HEADS = 10
_ROWS = 8192
_HEAD_BYTES = 1e9
"""Memory for the heads that are measured; ten fit."""


@dataclass(frozen=True)
class Pace:
    """What one backbone costs on this machine.

    Attributes
    ----------
    image_seconds
        Of one image through the backbone.
    step_seconds
        Batch size to the seconds of one optimiser step of one head.
    evaluation_seconds
        Of one image through one head, without training.
    start_seconds
        Until the backbone is built and its first batch is through; each stage pays it.
    compile_seconds
        Of one head's share of a program that trains, evaluates and predicts.
    """

    image_seconds: float
    step_seconds: dict[int, float]
    evaluation_seconds: float
    start_seconds: float
    compile_seconds: float


def measure(backbone: str, *, image_size: int, batch_sizes: list[int], seed: int) -> Pace:
    """Time a few batches of noise through a backbone of random weights, and through heads of its width.

    Parameters
    ----------
    backbone
        A backbone of the table.
    image_size
        Pixels a side that it sees.
    batch_sizes
        Of the heads' training.
    seed
        Of the noise and the weights.
    """
    from study.backbones.catalogue.obtain import obtain
    from study.backbones.forward.extract import load_extractor

    rng = np.random.default_rng(seed)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        obtain(backbone, "random", folder=Path(folder) / backbone, seed=seed)
        extractor = load_extractor(backbone, Path(folder) / backbone, image_size)
    shape = (_IMAGE_BATCHES * extractor.batch_size, image_size, image_size, 3)
    images = rng.integers(0, 256, shape, dtype=np.uint8)
    extractor(images[: extractor.batch_size])
    started = time.perf_counter() - began
    image_seconds = _seconds(lambda: extractor(images)) / len(images)
    steps, evaluation, compiling = _heads(extractor.row.n_features, batch_sizes, rng=rng)
    return Pace(image_seconds, steps, evaluation, started, compiling)


def _heads(
    n_features: int, batch_sizes: list[int], *, rng: np.random.Generator
) -> tuple[dict[int, float], float, float]:
    from study.training.backend import programs
    from study.training.optimisation import Optimisation

    chosen = programs(n_features, _N_CLASSES)
    n_heads = min(_N_HEADS, chosen.heads_at_once(_HEAD_BYTES))
    optimisations = [
        Optimisation(0.0005, 0.5, 0.0, init_seed=head, dropout_seed=head) for head in range(n_heads)
    ]
    heads = chosen.started(optimisations, range(n_heads))
    labels = rng.integers(0, _N_CLASSES, _ROWS, dtype=np.int32)
    features = chosen.place(rng.random((_ROWS, n_features), np.float32).astype(np.float16))
    targets = chosen.place(np.eye(_N_CLASSES, dtype=np.float32)[labels])
    rows = np.arange(_ROWS, dtype=np.int32)[None]
    placed = chosen.place(labels)
    began = time.perf_counter()
    one = np.zeros((n_heads, 1, batch_sizes[0]), np.int32)
    heads.train_epoch(features, targets, one, np.ones(one.shape[1:], np.float32))
    heads.evaluate(features, placed, rows[:, :1])
    heads.predict(features[:1])
    compiling = (time.perf_counter() - began) / n_heads
    steps = {}
    for batch_size in batch_sizes:
        index = rng.integers(0, _ROWS, (n_heads, _BATCHES, batch_size), dtype=np.int32)
        weight = np.ones((_BATCHES, batch_size), np.float32)
        heads.train_epoch(features, targets, index[:, :1], weight[:1])
        seconds = _seconds(lambda: heads.train_epoch(features, targets, index, weight))  # noqa: B023 - now
        steps[batch_size] = seconds / (_BATCHES * n_heads)
    heads.evaluate(features, placed, rows)
    evaluation = _seconds(lambda: heads.evaluate(features, placed, rows)) / (_ROWS * n_heads)
    return steps, evaluation, compiling


def _seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return float(np.median(times))
