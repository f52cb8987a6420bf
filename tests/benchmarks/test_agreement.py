"""Both sides train the same runs, on the same views."""

import numpy as np

from benchmarks import agreement
from benchmarks.sides import Context
from benchmarks.small import Small


def test_without_dropout_both_sides_give_the_same_accuracies_augmented_or_not():
    small = Small(
        "efficientnet-lite0",
        "imagenet",
        repaired=False,
        per_class=(12, 2, 40),
        changes=(
            "epochs=8",
            "seeds=2",
            "lr=0.0001",  # at 0.001 a difference of rounding grows to one of 3 points in three steps
            "dropout=0.0",
            "augment.views=fresh",
            "sweep={batch_size: [128], dropout: [0.0], l1: [0.0], lr: [0.0001], "
            "augmentation: [none, rotation], images_per_class: [all]}",
        ),
    )
    with Context(size="smoke") as context:
        ours, theirs = context.study(agreement.compared, small)
    assert len(ours) == 4
    assert np.abs(ours - theirs).max() <= 1 / 400
    assert np.ptp(ours) > 0.005


def test_there_is_a_row_for_each_kind_with_a_margin():
    with Context(size="smoke") as context:
        rows = agreement.measure(context)
    assert [row.name for row in rows] == ["the same accuracies", "the same accuracies, rotation"]
    assert all(row.at_most and row.goal == 0.005 for row in rows)
