"""Images through backbones: what both sides count is what the plan foresees; both sides train the same."""

import dataclasses

import numpy as np
import pytest

from benchmarks import forwards, small
from benchmarks.sides import Context

SWEEP = (
    "sweep={batch_size: [128], dropout: [0.5], l1: [0.0], lr: [0.0005], augmentation: [none, cutmix], "
    "images_per_class: [2, all]}"
)


@pytest.fixture(scope="module")
def context():
    with Context(size="smoke") as made:
        yield made


def tiny(views, *changes):
    return small.Small(
        "efficientnet-lite0",
        "imagenet",
        repaired=False,
        per_class=(5, 2, 3),
        changes=(f"augment.views={views}", "epochs=3", "seeds=2", SWEEP, *changes),
    )


@pytest.mark.parametrize(("views", "ours"), [(2, 100 + 2 * 2 * 50), ("fresh", 100 + 2 * 3 * 50)])
def test_both_sides_count_what_the_plan_foresees(context, views, ours):
    naive = 2 * (2 * (3 * (50 + 20) + 30) + 3 * (20 + 20) + 30)
    assert forwards.counted(context, tiny(views)) == (ours, naive, ours, naive)


def test_without_dropout_both_sides_give_the_same_accuracies(context):
    """The same initial weights and batches: what differs is half precision and the order of sums."""
    settings = tiny("fresh", "dropout=0.0", "lr=0.001", "epochs=4")
    settings = dataclasses.replace(
        settings,
        per_class=(12, 2, 40),
        changes=(*settings.changes, SWEEP.replace("[0.5]", "[0.0]").replace("[0.0005]", "[0.001]")),
    )
    ours, theirs = context.study(small.study, settings), context.keras(small.keras, settings)
    plain = [run.setting.augmentation == "none" for run in settings.runs()]
    assert np.abs(ours.accuracies - theirs.accuracies)[plain].max() * 400 < 2.5
    assert np.ptp(ours.accuracies) > 0.02


def test_the_full_study_ratios_are_those_of_the_plan(context):
    pool, fresh = forwards.measure(context)
    full, few, augmented = 17, 260 * 10, 5
    naive = 10 * (full * (10 * 180_000 + 90_000) + 10 * few + 3 * (10 * 90_000 + 90_000))
    assert pool.value == pytest.approx(naive / (270_000 + augmented * 10 * 2 * 90_000))
    assert fresh.value == pytest.approx(naive / (270_000 + augmented * 10 * 10 * 90_000))
