"""What ten times as many heads, images or seeds cost in time and memory."""

from __future__ import annotations

import resource
import sys
import time
from typing import NamedTuple

import numpy as np

from benchmarks.row import Row
from benchmarks.sides import Context

_N_FEATURES, _N_CLASSES = 1280, 10
_EPOCHS = 3
_LRS = 10


class Cost(NamedTuple):
    """Seconds of training without compiling, and the largest resident memory in bytes."""

    seconds: float
    n_bytes: int


def measure(context: Context) -> list[Row]:
    """Rows for heads (ten settings), images and seeds; each case runs in a fresh process."""
    n_images = context.pick(smoke=16, quick=400, full=9000)
    base = _case(context, 1, n_images, 10)
    grown = {
        "heads": _case(context, _LRS, n_images, 10),
        "images": _case(context, 1, 10 * n_images, 10),
        "seeds": _case(context, 1, n_images, 100),
    }
    return [
        Row(
            f"time with ten times the {name} (linear: 10)",
            cost.seconds / base.seconds,
            None,
            f"{base.seconds:.2f} s to {cost.seconds:.2f} s; memory {base.n_bytes / 1e9:.2f} to "
            f"{cost.n_bytes / 1e9:.2f} GB ({cost.n_bytes / base.n_bytes:.2f} times)",
        )
        for name, cost in grown.items()
    ]


def _case(context: Context, n_settings: int, n_images: int, n_seeds: int) -> Cost:
    side = context.fresh_study()
    try:
        return side(train, n_settings, n_images, n_seeds)
    finally:
        side.close()


def train(n_settings: int, n_images: int, n_seeds: int) -> Cost:
    """Train settings of different lr on as many images a split as given."""
    from study.params import Setting
    from study.training.runs import Features, Run
    from study.training.train import train as train_runs

    rng = np.random.default_rng(np.random.SeedSequence(1))
    train_part, valid, test = (
        rng.random((n_images, _N_FEATURES), np.float32).astype(np.float16) for _ in range(3)
    )
    labels = rng.integers(0, _N_CLASSES, n_images, dtype=np.uint8)
    same = {"batch_size": 128, "dropout": 0.5, "l1": 0.0, "augmentation": "none", "images_per_class": "all"}
    runs = [
        Run(f"{lr}/{seed}", Setting(lr=lr, **same), *[seed] * 5)
        for lr in (1e-4 * (1 + k) for k in range(n_settings))
        for seed in range(n_seeds)
    ]
    done: list[tuple[float, int]] = []
    for _ in train_runs(
        runs,
        Features(train_part, valid, test, train_labels=labels, valid_labels=labels, n_classes=_N_CLASSES),
        NoViews(),
        epochs=_EPOCHS,
        train_eval_images=n_images,
        memory_bytes=1e9,
        advance=lambda steps: done.append((time.perf_counter(), steps)),
    ):
        pass
    steps = sum(count for _, count in done)
    timed = sum(count for _, count in done[1:])
    seconds = (done[-1][0] - done[0][0]) * steps / timed
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


class NoViews:
    """For runs that are not augmented, which ask it for nothing else."""

    n_views: int | None = None
