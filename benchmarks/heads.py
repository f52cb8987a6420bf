"""A step and an evaluation of a head against Keras' ``fit`` and ``evaluate`` on the same features."""

from __future__ import annotations

import functools
import time
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.naive import SEED, head
from benchmarks.row import Row
from benchmarks.sides import Context, medians

N_FEATURES, N_CLASSES, N_HEADS = 1280, 10, 10
BATCH = 128
STATE_BYTES = 28
"""A parameter and step: gradient, two moments and the parameter read; moments and parameter written."""
_STEP_GOAL, _EVALUATION_GOAL = 3.0, 4.0


class Costs(NamedTuple):
    """Seconds a head: of a step of batch 128 and of an image evaluated, on both sides.

    Attributes
    ----------
    step
        Heads of one replicate, which see the same batches: the unaugmented settings.
    own_step
        Heads of different replicates, each with its own batches: an augmented setting.
    """

    step: float
    own_step: float
    keras_step: float
    evaluation: float
    keras_evaluation: float


def measure(context: Context) -> list[Row]:
    """Rows for the step of both kinds of group, and for evaluation."""
    cost = costs(context)
    note = (
        f"{N_FEATURES} features, batch {BATCH}, {N_HEADS} heads: {{:.2f}} against {{:.2f}} ms a step and head"
    )
    return [
        Row(
            "head step, heads of one replicate",
            cost.keras_step / cost.step,
            _STEP_GOAL,
            note.format(1e3 * cost.step, 1e3 * cost.keras_step),
        ),
        Row(
            "head step, heads of ten replicates",
            cost.keras_step / cost.own_step,
            _STEP_GOAL,
            note.format(1e3 * cost.own_step, 1e3 * cost.keras_step),
        ),
        Row(
            "evaluation of a head",
            cost.keras_evaluation / cost.evaluation,
            _EVALUATION_GOAL,
            f"{1e6 * cost.evaluation:.1f} against {1e6 * cost.keras_evaluation:.1f} us an image and head",
        ),
    ]


@functools.cache
def costs(context: Context) -> Costs:
    """What a head costs on both sides."""
    steps, keras_steps, rows = context.pick(
        smoke=(2, 2, 256), quick=(24, 60, 12_800), full=(200, 700, 90_000)
    )
    for own in (False, True):
        context.study(step_seconds, own, 1)
    context.study(evaluation_seconds, 1)
    context.keras(fit_seconds, 1)
    context.keras(evaluate_seconds, BATCH)
    seconds = medians(
        context.pick(smoke=1, quick=3, full=5),
        lambda: context.study(step_seconds, False, steps),
        lambda: context.study(step_seconds, True, steps),
        lambda: context.keras(fit_seconds, keras_steps),
        lambda: context.study(evaluation_seconds, rows),
        lambda: context.keras(evaluate_seconds, rows),
    )
    return Costs(
        seconds[0] / (steps * N_HEADS),
        seconds[1] / (steps * N_HEADS),
        seconds[2] / keras_steps,
        seconds[3] / (rows * N_HEADS),
        seconds[4] / rows,
    )


def step_flop(n_features: int, batch: int) -> int:
    """Floating-point operations of the products of one step of a head, two a multiply-add.

    Forward and the kernels' gradients for both layers, and the hidden layer's gradient.
    """
    from study.training.batches import N_HIDDEN

    return 2 * batch * N_HIDDEN * (2 * n_features + 3 * N_CLASSES)


def n_parameters() -> int:
    """Parameters of a head."""
    from study.training.batches import N_HIDDEN

    return (N_FEATURES + 1) * N_HIDDEN + (N_HIDDEN + 1) * N_CLASSES


def evaluation_flop(n_features: int) -> int:
    """The same for one image through a head, forward alone."""
    from study.training.batches import N_HIDDEN

    return 2 * N_HIDDEN * (n_features + N_CLASSES)


@functools.cache
def data(n_rows: int, n_features: int = N_FEATURES) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Features and labels, the same on both sides."""
    rng = np.random.default_rng(np.random.SeedSequence(SEED))
    features = rng.random((n_rows, n_features), np.float32)
    return features, rng.integers(0, N_CLASSES, n_rows, dtype=np.int32)


@functools.cache
def _made(_: bool) -> Any:
    """What makes heads; one each, since starting others ends those that were started."""
    from study.training.backend import programs

    return programs(N_FEATURES, N_CLASSES)


@functools.cache
def n_at_once() -> int:
    """Heads that this backend trains side by side here: ten but for JAX on a CPU; in its process."""
    return min(N_HEADS, int(_made(False).heads_at_once(1e9)))


@functools.cache
def _program(own: bool) -> tuple[Any, int]:
    """Ten heads as the study groups them, and how many streams of batches they have."""
    from study.training.optimisation import Optimisation

    settings = [(0.0005, 0.5, 0.0)] * N_HEADS
    if not own:
        lrs = (0.0001, 0.0003, 0.0005, 0.001, 0.003, 0.005)
        settings = [(lr, 0.5, 0.0) for lr in lrs]
        settings += [(0.0005, 0.3, 0.0), (0.0005, 0.7, 0.0), (0.0005, 0.5, 1e-4), (0.0005, 0.5, 5e-4)]
    heads = [
        Optimisation(lr, dropout, l1, init_seed=own * head, dropout_seed=own * head)
        for head, (lr, dropout, l1) in enumerate(settings)
    ]
    heads = heads[: n_at_once()]
    streams = range(len(heads)) if own else [0] * len(heads)
    return _made(own).started(heads, streams), len(set(streams))


@functools.cache
def _placed(n_rows: int) -> tuple[Any, Any, Any]:
    place = _made(False).place
    features, labels = data(n_rows)
    return (
        place(features.astype(np.float16)),
        place(np.eye(N_CLASSES, dtype=np.float32)[labels]),
        place(labels),
    )


def step_seconds(own: bool, steps: int) -> float:
    """The study's side: seconds of so many steps of ten heads."""
    program, n_streams = _program(own)
    features, targets, _ = _placed(12_800)
    rng = np.random.default_rng(np.random.SeedSequence(SEED))
    index = rng.integers(0, len(features), (n_streams, steps, BATCH), dtype=np.int32)
    began = time.perf_counter()
    program.train_epoch(features, targets, index, np.ones((steps, BATCH), np.float32))
    return time.perf_counter() - began


def evaluation_seconds(n_rows: int) -> float:
    """The study's side: seconds of so many images through ten heads."""
    program, _ = _program(False)
    features, _, labels = _placed(12_800)
    rows = (np.arange(n_rows, dtype=np.int32) % len(features))[None]
    began = time.perf_counter()
    program.evaluate(features, labels, rows)
    return time.perf_counter() - began


def fit_seconds(steps: int) -> float:
    """Keras' side: seconds of ``fit`` over so many batches."""
    features, labels = data(steps * BATCH)
    targets, model = np.eye(N_CLASSES, dtype=np.float32)[labels], head(N_FEATURES, N_CLASSES, 0.5)
    began = time.perf_counter()
    model.fit(features, targets, batch_size=BATCH, verbose=0)
    return time.perf_counter() - began


def evaluate_seconds(n_rows: int) -> float:
    """Keras' side: seconds of ``evaluate``."""
    features, labels = data(n_rows)
    targets, model = np.eye(N_CLASSES, dtype=np.float32)[labels], head(N_FEATURES, N_CLASSES, 0.5)
    began = time.perf_counter()
    model.evaluate(features, targets, batch_size=BATCH, verbose=0)
    return time.perf_counter() - began
