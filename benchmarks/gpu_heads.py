"""A hundred heads on a GPU, on JAX, against Keras' ``fit`` there and against a copy of its memory."""

from __future__ import annotations

import functools
import time
from typing import Any

import numpy as np

from benchmarks import heads
from benchmarks.row import Row
from benchmarks.sides import Context, Side, medians
from study.stages import XLA_FLAGS, provenance

_STEP_GOAL, _BYTES_GOAL = 100.0, 0.4
_N_HEADS = 100
_COPIED = 2**30


def measure(context: Context) -> list[Row]:
    """A step against ``fit``, its bytes against a copy, an evaluation; without a GPU rows that say so."""
    names = ("head step on a GPU, 100 heads", "bytes/s on a GPU, head step", "evaluation on a GPU, 100 heads")
    goals = (_STEP_GOAL, _BYTES_GOAL, None)
    if context.size != "smoke" and provenance.device() != "gpu":
        return [
            Row(name, None, goal, "not measured: no GPU is at hand")
            for name, goal in zip(names, goals, strict=True)
        ]
    steps, rows, rounds = context.pick(smoke=(2, 256, 1), quick=(200, 12_800, 3), full=(700, 90_000, 5))
    n_heads = context.pick(smoke=4, quick=_N_HEADS, full=_N_HEADS)
    copied = context.pick(smoke=2**20, quick=_COPIED, full=_COPIED)
    side = Side({"KERAS_BACKEND": "jax", "XLA_FLAGS": XLA_FLAGS})
    try:
        side(step_seconds, n_heads, steps)
        for warm in (heads.fit_seconds, heads.evaluate_seconds):
            side(warm, steps)
        step, fit, evaluation, evaluate, copy = medians(
            rounds,
            lambda: side(step_seconds, n_heads, steps) / (steps * n_heads),
            lambda: side(heads.fit_seconds, steps) / steps,
            lambda: side(evaluation_seconds, n_heads, rows) / (rows * n_heads),
            lambda: side(heads.evaluate_seconds, rows) / rows,
            lambda: side(copy_seconds, copied),
        )
        at_once = side(places)
    finally:
        side.close()
    moved, bandwidth = heads.STATE_BYTES * heads.n_parameters() / step, 2 * copied / copy
    notes = (
        f"{heads.N_FEATURES} features, batch {heads.BATCH}, {at_once} heads at once: "
        f"{1e6 * step:.1f} against {1e6 * fit:.0f} us a step and head",
        f"{moved / 1e9:.0f} of {bandwidth / 1e9:.0f} GB/s, at {heads.STATE_BYTES} bytes a parameter and step",
        f"{1e9 * evaluation:.1f} against {1e9 * evaluate:.0f} ns an image and head",
    )
    values = (fit / step, moved / bandwidth, evaluate / evaluation)
    return [Row(*one) for one in zip(names, values, goals, notes, strict=True)]


def places() -> int:
    """Heads that a program holds."""
    from study.training.heads_jax import places_at_hand

    return places_at_hand()


@functools.cache
def _groups(n_heads: int) -> list[Any]:
    """So many heads, each on its own batches, in as many programs as they need."""
    from study.training.backend import programs
    from study.training.optimisation import Optimisation

    made = programs(heads.N_FEATURES, heads.N_CLASSES)
    every = [Optimisation(0.0005, 0.5, 0.0, init_seed=i, dropout_seed=i) for i in range(n_heads)]
    size = made.heads_at_once(0.0)
    parts = [every[start : start + size] for start in range(0, n_heads, size)]
    return [made.started(part, range(len(part))) for part in parts]


@functools.cache
def _placed() -> tuple[Any, Any, Any]:
    import jax

    features, labels = heads.data(12_800)
    return (
        jax.device_put(features.astype(np.float16)),
        jax.device_put(np.eye(heads.N_CLASSES, dtype=np.float32)[labels]),
        jax.device_put(labels),
    )


def step_seconds(n_heads: int, steps: int) -> float:
    """Seconds of so many steps of so many heads."""
    features, targets, _ = _placed()
    rng = np.random.default_rng(np.random.SeedSequence(heads.SEED))
    weight = np.ones((steps, heads.BATCH), np.float32)
    seconds = 0.0
    for group in _groups(n_heads):
        index = rng.integers(0, len(features), (min(n_heads, places()), steps, heads.BATCH), dtype=np.int32)
        began = time.perf_counter()
        group.train_epoch(features, targets, index, weight)
        seconds += time.perf_counter() - began
    return seconds


def evaluation_seconds(n_heads: int, n_rows: int) -> float:
    """Seconds of so many images through so many heads."""
    features, _, labels = _placed()
    rows = (np.arange(n_rows, dtype=np.int32) % len(features))[None]
    began = time.perf_counter()
    for group in _groups(n_heads):
        group.evaluate(features, labels, rows)
    return time.perf_counter() - began


def copy_seconds(n_bytes: int) -> float:
    """A copy of so many bytes in the device's memory."""
    import jax

    source = _ones(n_bytes)
    began = time.perf_counter()
    jax.block_until_ready(_copy()(source))
    return time.perf_counter() - began


@functools.cache
def _ones(n_bytes: int) -> Any:
    import jax.numpy as jnp

    source = jnp.ones(n_bytes // 4, jnp.float32)
    return _copy()(source).block_until_ready()


@functools.cache
def _copy() -> Any:
    """A program that reads and writes every value once; one that changes nothing would be left out."""
    import jax

    return jax.jit(lambda values: values + 1)
