"""Operations and bytes a second against a plain matrix product and a plain copy on the same machine."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks import extraction, heads
from benchmarks.row import Row
from benchmarks.sides import Context, medians

_SIDE = 2048
_COPIED = 256 * 1024 * 1024
_GOALS = {"backbones": 0.6, "heads": 0.5, "evaluation": 0.7}


def measure(context: Context) -> list[Row]:
    """Rows for each backbone, a head's step and evaluation, and the bytes of a step."""
    rates, cost = extraction.rates(context), heads.costs(context)
    context.keras(product_seconds)
    product, copy = medians(
        7, lambda: context.keras(product_seconds), lambda: context.keras(copy_seconds, _COPIED)
    )
    flops, bandwidth = 2 * _SIDE**3 / product, 2 * _COPIED / copy
    rows = [
        _flops(f"FLOP/s, {name}", rate.study * rate.flop, flops, _GOALS["backbones"])
        for name, rate in rates.items()
    ]
    stepped = heads.step_flop(heads.N_FEATURES, heads.BATCH) / cost.step
    rows.append(_flops("FLOP/s, head step", stepped, flops, _GOALS["heads"]))
    evaluated = heads.evaluation_flop(heads.N_FEATURES) / cost.evaluation
    rows.append(_flops("FLOP/s, evaluation", evaluated, flops, _GOALS["evaluation"]))
    moved = heads.STATE_BYTES * heads.n_parameters() / cost.step
    note = (
        f"{moved / 1e9:.1f} of {bandwidth / 1e9:.1f} GB/s, at {heads.STATE_BYTES} bytes a parameter and step"
    )
    rows.append(
        Row("bytes/s, head step", moved / bandwidth, None, f"{note}; the goal is a GPU's, see gpu-heads")
    )
    return rows


def product_seconds() -> float:
    """A product of square float32 matrices on all cores; the faster of TensorFlow and NumPy."""
    import tensorflow as tf

    matrix = np.ones((_SIDE, _SIDE), np.float32)
    placed = tf.constant(matrix)
    seconds = []
    for multiply in (lambda: tf.matmul(placed, placed).numpy(), lambda: matrix @ matrix):
        began = time.perf_counter()
        multiply()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def copy_seconds(n_bytes: int) -> float:
    """A copy of so many bytes on all cores."""
    n_threads = os.cpu_count() or 1
    source, target = np.ones(n_bytes, np.uint8), np.zeros(n_bytes, np.uint8)
    parts = list(zip(np.array_split(target, n_threads), np.array_split(source, n_threads), strict=True))
    with ThreadPoolExecutor(n_threads) as pool:
        began = time.perf_counter()
        list(pool.map(lambda part: np.copyto(*part), parts))
        return time.perf_counter() - began


def _flops(name: str, achieved: float, possible: float, goal: float) -> Row:
    note = f"{achieved / 1e9:.0f} of {possible / 1e9:.0f} GFLOP/s in a product of {_SIDE} x {_SIDE} matrices"
    return Row(name, achieved / possible, goal, note)
