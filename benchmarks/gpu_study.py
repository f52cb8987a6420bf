"""The full-size study on a GPU with Keras on JAX: time of everything but decoding and the report.

As many images as CINIC-10 has, of noise; the source's three backbones with random weights; every setting on
every replicate, fresh views; the confirmed setting is an augmented one, the dearest.
"""

from __future__ import annotations

import functools
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.forwards import PAPER
from benchmarks.images import Images
from benchmarks.row import Row
from benchmarks.sides import Context
from benchmarks.small import PARAMS, train
from study import design, params
from study.data.native import KNOWN
from study.params import Params
from study.pipeline import environment, provenance
from study.pipeline.console import say
from study.runs.phase import run_of
from study.tables.definitions import SPLITS

_GOAL_MINUTES = 10.0
_N_CLASSES = 10
_CONFIRMED = "augmentation=cutmix"


def measure(context: Context) -> list[Row]:
    """Minutes of all; without a GPU a row that says so."""
    name = "full study on a GPU, minutes"
    if context.size != "smoke" and provenance.device() != "gpu":
        return [Row(name, None, _GOAL_MINUTES, "not measured: no GPU is at hand", at_most=True)]
    n_images, changes = context.pick(
        smoke=(40, ("seeds=1", "confirm_seeds=1", "epochs=1", "backbones=[efficientnetv2-b0]",
                    "sweep.images_per_class=[all]", "sweep.augmentation=[none, zoom]")),
        quick=(900, ("seeds=2", "confirm_seeds=2", "epochs=2")),
        full=(90_000, ()),
    )  # fmt: skip
    chosen = params.load(PARAMS, changes=(*PAPER, "augment.views=fresh", *changes))
    backend = "jax" if provenance.device() == "gpu" else "tensorflow"
    began = time.perf_counter()
    minutes = {one: spent / 60 for one, spent in together(chosen, n_images, backend).items()}
    whole = (time.perf_counter() - began) / 60
    note = (
        f"{3 * n_images:,} images, {backend}, a process a backbone, all at once on one device, with starting "
        "and compiling; " + ", ".join(f"{one} after {spent:.1f}" for one, spent in minutes.items())
    )
    return [Row(name, whole, _GOAL_MINUTES, note, at_most=True)]


def together(chosen: Params, n_images: int, backend: str) -> dict[str, float]:
    """Seconds of each backbone's study, each in a process of its own beside the others."""
    chosen = chosen.sized(KNOWN["cinic10"])
    context = multiprocessing.get_context("spawn")
    n_processes = len(chosen.backbones)
    with ProcessPoolExecutor(n_processes, context, initializer=_use, initargs=(backend, n_processes)) as pool:
        futures = {one: pool.submit(seconds, chosen, one, n_images) for one in chosen.backbones}
        return {one: future.result() for one, future in futures.items()}


def _use(backend: str, n_processes: int) -> None:
    import os

    share = {"XLA_PYTHON_CLIENT_MEM_FRACTION": f"{0.9 / n_processes:.2f}", "KERAS_BACKEND": backend}
    environment.replace(os.environ, environment.fixed(environment.FOUND | share, portable=True))


def seconds(chosen: Params, backbone: str, n_images: int) -> float:
    """Features, explore and confirm of one backbone on noise, with building and compiling."""
    from study.backbones.catalogue.obtain import obtain
    from study.backbones.forward.extract import load_extractor

    images = noise(n_images)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        obtain(backbone, "random", folder=Path(folder) / backbone, seed=chosen.study_seed)
        extractor = load_extractor(backbone, Path(folder) / backbone, chosen.pixels)
    laid = design.settings(chosen, images_per_class=n_images // _N_CLASSES)
    confirmed = _CONFIRMED if _CONFIRMED in laid.by_name else design.REFERENCE
    runs = [
        run_of(row, laid.by_name[str(row.setting)])
        for table in (
            design.explore_runs(chosen, laid, backbone),
            design.confirm_runs(chosen, backbone, confirmed),
        )
        for row in table.itertuples()
    ]

    def done(n_runs: int) -> None:
        say(f"  {backbone}: {n_runs} of {len(runs)} runs after {time.perf_counter() - began:.0f} s")

    done(0)
    train(chosen, images, extractor, runs, done)
    return time.perf_counter() - began


@functools.cache
def noise(n_images: int) -> Images:
    """So many images of noise in each split, of as many classes as CINIC-10 has."""
    rng = np.random.default_rng(np.random.SeedSequence(1))
    labels: Any = np.arange(n_images, dtype=np.uint8) % _N_CLASSES
    return Images(
        {split: rng.integers(0, 256, (n_images, 32, 32, 3), dtype=np.uint8) for split in SPLITS},
        dict.fromkeys(SPLITS, labels),
    )
