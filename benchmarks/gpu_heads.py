"""Heads on a GPU, on JAX, against Keras' ``fit`` there and against a copy of its memory.

A program holds as many heads as a study has replicates; a hundred heads are ten programs, one after another.
"""

from __future__ import annotations

import functools
import time
from typing import Any

from benchmarks import heads
from benchmarks.row import Row
from benchmarks.sides import Context, Side, medians
from study.pipeline import environment, provenance

_GOALS = {
    "head step on a GPU, of 100 heads": 100.0,
    "bytes/s on a GPU, head step": 0.4,
    "evaluation on a GPU, of 100 heads": None,
}
_COPIED = 2**30


def measure(context: Context) -> list[Row]:
    """A step against ``fit``, its bytes against a copy, an evaluation; without a GPU rows that say so."""
    if context.size != "smoke" and provenance.device() != "gpu":
        nothing = "not measured: no GPU is at hand"
        return [Row(name, None, goal, nothing) for name, goal in _GOALS.items()]
    steps, rows, rounds = context.pick(smoke=(2, 256, 1), quick=(200, 12_800, 3), full=(700, 90_000, 5))
    copied = context.pick(smoke=2**20, quick=_COPIED, full=_COPIED)
    side = Side(environment.fixed(environment.FOUND | {"KERAS_BACKEND": "jax"}, portable=True))
    try:
        at_once = side(heads.n_at_once)
        works = [
            lambda: side(heads.step_seconds, True, steps) / (steps * at_once),
            lambda: side(heads.fit_seconds, steps) / steps,
            lambda: side(heads.evaluation_seconds, rows) / (rows * at_once),
            lambda: side(heads.evaluate_seconds, rows) / rows,
            lambda: side(copy_seconds, copied),
        ]
        medians(1, *works)
        step, fit, evaluation, evaluate, copy = medians(rounds, *works)
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
    rows_of = zip(_GOALS.items(), values, notes, strict=True)
    return [Row(name, value, goal, note) for (name, goal), value, note in rows_of]


def copy_seconds(n_bytes: int) -> float:
    """A copy of so many bytes in the device's memory."""
    copy, source = _copy(n_bytes)
    began = time.perf_counter()
    copy(source).block_until_ready()
    return time.perf_counter() - began


@functools.cache
def _copy(n_bytes: int) -> tuple[Any, Any]:
    """A program that reads and writes every value once, and its values; one that changes none is left out."""
    import jax
    import jax.numpy as jnp

    return jax.jit(lambda values: values + 1), jnp.ones(n_bytes // 4, jnp.float32)
