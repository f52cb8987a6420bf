"""Rows of the rivals: their time over the study's."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks import extraction, heads
from benchmarks.rivals import backbones, jax_heads, scikit_head, torch_heads
from benchmarks.row import Row
from benchmarks.sides import Context, Side, medians
from study.pipeline import environment

_BACKBONES = ("resnet50", "efficientnetv2-b0", "convnext-tiny")
_LEAD = 1.0


@dataclass(frozen=True)
class Rival:
    """A way to do the same work.

    Attributes
    ----------
    name
        As in the row.
    package
        That it needs.
    seconds
        Seconds of so many steps, or so many images; called in the rival's process.
    per
        Heads that one call trains or evaluates.
    """

    name: str
    package: str
    seconds: Callable[[int], float]
    per: int = 1


_N = heads.N_HEADS
STEPS = (
    Rival("keras fit", "keras", heads.fit_seconds),
    Rival("scikit-learn MLPClassifier", "sklearn", scikit_head.step_seconds),
    Rival("torch, eager and fused", "torch", partial(torch_heads.step_seconds, "eager")),
    Rival("torch, compiled", "torch", partial(torch_heads.step_seconds, "compiled")),
    Rival("torch, stacked", "torch", partial(torch_heads.step_seconds, "stacked"), _N),
    Rival("torch, stacked and compiled", "torch", partial(torch_heads.step_seconds, "stacked compiled"), _N),
    Rival("jax, scan", "jax", partial(jax_heads.step_seconds, "scan")),
    Rival("jax, scan and vmap", "jax", partial(jax_heads.step_seconds, "vmap"), _N),
)
EVALUATIONS = (
    Rival("keras evaluate", "keras", heads.evaluate_seconds),
    Rival("scikit-learn MLPClassifier", "sklearn", scikit_head.evaluation_seconds),
    Rival("torch, stacked", "torch", torch_heads.evaluation_seconds, _N),
    Rival("jax, vmap", "jax", jax_heads.evaluation_seconds, _N),
)


def measure(context: Context) -> list[Row]:
    """A row a rival: of a step, of an evaluation and of each backbone's features."""
    steps, rows = context.pick(smoke=(2, 256), quick=(24, 12_800), full=(200, 90_000))
    return [
        *_against(
            context,
            "head step",
            "ms a step and head",
            1e3,
            STEPS,
            steps,
            lambda: context.study(heads.step_seconds, False, steps) / (steps * heads.N_HEADS),
        ),
        *_against(
            context,
            "evaluation",
            "us an image and head",
            1e6,
            EVALUATIONS,
            rows,
            lambda: context.study(heads.evaluation_seconds, rows) / (rows * heads.N_HEADS),
        ),
        *(row for name in _BACKBONES for row in _of_backbone(context, name)),
    ]


def _of_backbone(context: Context, name: str) -> list[Row]:
    n_images = context.pick(smoke=128, quick=512, full=2048)
    rivals = (Rival(f"{name}, openvino", "openvino", partial(backbones.seconds, name)),)
    return _against(
        context,
        "features",
        "ms an image",
        1e3,
        rivals,
        n_images,
        lambda: context.study(extraction.study_seconds, name, n_images) / n_images,
    )


def _against(
    context: Context,
    what: str,
    unit: str,
    scale: float,
    rivals: tuple[Rival, ...],
    amount: int,
    ours: Callable[[], float],
) -> list[Row]:
    """Each rival's seconds a unit of work over ours, medians of rounds in which all take turns."""
    there = [rival for rival in rivals if importlib.util.find_spec(rival.package) is not None]
    sides = {rival.package: Side(environment.FOUND | {"TF_CPP_MIN_LOG_LEVEL": "3"}) for rival in there}
    try:
        works = [ours, *(_work(sides[rival.package], rival, amount) for rival in there)]
        medians(1, *works)
        study, *theirs = medians(context.pick(smoke=1, quick=3, full=5), *works)
    finally:
        for side in sides.values():
            side.close()
    seconds = dict(zip((rival.name for rival in there), theirs, strict=True))
    rows = []
    for rival in rivals:
        name, theirs_of = f"{what}: {rival.name}", seconds.get(rival.name)
        if theirs_of is None:
            rows.append(Row(name, None, _LEAD, f"not measured: {rival.package} is not installed"))
        else:
            note = f"{scale * study:.2f} against {scale * theirs_of:.2f} {unit}"
            rows.append(Row(name, theirs_of / study, _LEAD, note))
    return rows


def _work(side: Any, rival: Rival, amount: int) -> Callable[[], float]:
    return lambda: side(rival.seconds, amount) / (amount * rival.per)
