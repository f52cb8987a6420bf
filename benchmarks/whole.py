"""The study against keras ``fit`` for each run: measured where small, projected at full size."""

from __future__ import annotations

import dataclasses
import functools

from benchmarks import extraction, heads
from benchmarks.forwards import PAPER
from benchmarks.row import Row
from benchmarks.sides import Context
from benchmarks.small import PARAMS, Ran, Small, keras, lite, study
from study import params
from study.backbones.catalogue.names import backbone
from study.data.native import KNOWN
from study.params import Params
from study.runs import cost_model, planning
from study.training.runs import head_steps

_GOALS = {False: 200.0, True: 45.0}
_NO_SWEEP = "{batch_size: [128], dropout: [0.5], l1: [0.0], lr: LR, augmentation: AUG, images_per_class: FEW}"


def measure(context: Context) -> list[Row]:
    """Measured and projected rows."""
    small = _lite(context)
    theirs, ours = context.keras(keras, small), context.study(study, small)
    rows = [_small_row(small, ours, theirs)]
    for repaired in (False, True):
        rows += _checked(context, repaired=repaired)
    return rows + [_projected(context, repaired=repaired) for repaired in (False, True)]


def _lite(context: Context) -> Small:
    """Real weights, every kind of setting."""
    return lite(
        context.archive,
        context.pick(smoke=(6, 2, 2), quick=(50, 20, 50), full=(59, 59, 59)),
        f"epochs={context.pick(smoke=2, quick=4, full=10)}",
        f"augment.views={context.pick(smoke=2, quick=4, full=10)}",
        f"seeds={context.pick(smoke=2, quick=2, full=10)}",
        "sweep=" + _sweep("[0.0005, 0.001]", "[none, rotation]", "[5, all]"),
    )


def _convnext(context: Context, *, repaired: bool) -> Small:
    per_class = context.pick(smoke=(2, 1, 1), quick=(13, 6, 6), full=(50, 20, 20))
    return Small(
        "convnext-tiny",
        "random",
        repaired,
        per_class,
        (
            "epochs=2",
            "augment.views=2",
            f"seeds={context.pick(smoke=1, quick=1, full=4)}",
            "sweep=" + _sweep("[0.0005, 0.001]", "[none]", "[all]"),
        ),
        context.archive,
    )


def _sweep(lr: str, augmentation: str, few: str) -> str:
    return _NO_SWEEP.replace("LR", lr).replace("AUG", augmentation).replace("FEW", few)


def _small_row(small: Small, ours: Ran, theirs: Ran) -> Row:
    form = ""
    if small.backbone == "convnext-tiny":
        form = ", repaired" if small.repaired else ", as shipped"
    note = (
        f"measured, {len(ours.accuracies)} runs, {theirs.n_images} against {ours.n_images} images, "
        f"{theirs.seconds:.1f} against {ours.seconds:.1f} s, ours with compiling"
    )
    return Row(f"small study, {small.backbone}{form}", theirs.seconds / ours.seconds, None, note)


def _checked(context: Context, *, repaired: bool) -> list[Row]:
    """A small study, and how far the rates that project the full one are from its naive side."""
    small = _convnext(context, repaired=repaired)
    theirs, ours = context.keras(keras, small), context.study(study, small)
    chosen, runs, train = small.params, small.runs(), small.data.labels["train"]
    steps = head_steps(runs, train, epochs=chosen.epochs)
    rate = extraction.rates(context)[small.backbone]
    foreseen = _naive_seconds(context, small.backbone, theirs.n_images, steps, repaired=repaired)
    note = f"{theirs.seconds:.1f} s measured, {foreseen:.1f} s projected at {rate.shipped:.0f} "
    note += f"({rate.repaired:.0f} repaired) images/s"
    name = f"naive side measured over projected, {'repaired' if repaired else 'as shipped'}"
    return [_small_row(small, ours, theirs), Row(name, theirs.seconds / foreseen, None, note)]


def _naive_seconds(context: Context, name: str, n_images: int, steps: int, *, repaired: bool) -> float:
    """At the speeds of ``predict`` and of ``fit`` on cached features, the latter by width."""
    rate, cost = extraction.rates(context)[name], heads.costs(context)
    step = cost.keras_step * backbone(name).n_features / heads.N_FEATURES
    return n_images / (rate.repaired if repaired else rate.shipped) + steps * step


def _projected(context: Context, *, repaired: bool) -> Row:
    made = _plan(context)
    explore = [cost for cost in made.costs if cost.phase == "explore"]
    ours = sum(cost.seconds or 0.0 for cost in explore)
    theirs = sum(
        _naive_seconds(context, cost.backbone, cost.naive_images, cost.steps, repaired=repaired)
        for cost in explore
    )
    form = "ConvNeXt repaired" if repaired else "as shipped"
    note = "PROJECTION from this run's rates, 600 runs: "
    note += f"{theirs / 86400:.1f} days against {ours / 3600:.1f} hours"
    return Row(f"full study, {form} (projection)", theirs / ours, _GOALS[repaired], note)


@functools.cache
def _plan(context: Context) -> planning.Plan:
    chosen = params.load(PARAMS, changes=PAPER).sized(KNOWN["cinic10"])
    return planning.plan(chosen, lambda name: _pace(context, chosen, name))


def _pace(context: Context, chosen: Params, name: str) -> cost_model.Pace:
    sizes = sorted(set(chosen.levels("batch_size")))
    rate = extraction.rates(context)[name]
    measured = context.study(
        functools.partial(
            cost_model.measure, name, image_size=chosen.pixels, batch_sizes=sizes, seed=chosen.study_seed
        )
    )
    return dataclasses.replace(measured, image_seconds=1 / rate.study)
