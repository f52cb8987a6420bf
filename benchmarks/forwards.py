"""Images through backbones, counted, against the naive study's."""

from __future__ import annotations

from benchmarks.row import Row
from benchmarks.sides import Context
from benchmarks.small import PARAMS, Small, keras, study
from study import params
from study.runs import planning
from study.training.runs import augmented_images

PAPER = ("dataset=cinic10", "image_size=32", "backbones=[resnet50, efficientnetv2-b0, convnext-tiny]")
_GOALS = {"2": 48.0, "fresh": 10.0}


def measure(context: Context) -> list[Row]:
    """The full study's ratios, after the counts behind them were held to counters in a small study."""
    del context
    return [_full(views, goal) for views, goal in _GOALS.items()]


def _full(views: str, goal: float) -> Row:
    made = planning.plan(params.load(PARAMS, changes=(*PAPER, f"augment.views={views}")), None)
    explore = [cost for cost in made.costs if cost.phase == "explore"]
    ours, naive = sum(cost.images for cost in explore), sum(cost.naive_images for cost in explore)
    both = [cost for cost in made.costs if cost.phase in ("explore", "confirm")]
    whole = sum(cost.naive_images for cost in both) / sum(cost.images for cost in both)
    note = (
        f"{naive:,} against {ours:,} images, {sum(cost.runs for cost in explore)} runs of explore; "
        f"with confirm of an augmented setting {whole:.1f}"
    )
    return Row(
        f"images through backbones, {'pool' if views != 'fresh' else 'fresh'}", naive / ours, goal, note
    )


def counted(context: Context, small: Small) -> tuple[int, int, int, int]:
    """Images that the two sides counted, and that the plan foresees: study, Keras, study, Keras."""
    chosen, runs, labels = small.params, small.runs(), dict(small.data.labels)
    views = chosen.augment.views
    foreseen = sum(map(len, labels.values())) + augmented_images(
        runs, labels["train"], epochs=chosen.epochs, n_views=None if views == "fresh" else int(views)
    )
    naive = planning.naive_images(runs, labels, epochs=chosen.epochs)
    return context.study(study, small).n_images, context.keras(keras, small).n_images, foreseen, naive
