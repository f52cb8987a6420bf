"""Greedy selection by hand and against every combination of a small library."""

import itertools

import numpy as np
import pytest

from study.ensembles.greedy import STEPS, select, vote


def accuracy(classes, chosen, labels):
    return np.mean(vote(classes, list(chosen), n_classes=3) == labels)


def test_the_first_is_the_best_single_run_and_alone_where_nothing_helps():
    labels = np.array([0, 1, 2, 0])
    classes = np.array([[0, 1, 0, 1], [0, 1, 2, 0], [0, 0, 0, 0]])
    assert select(classes, labels, n_classes=3) == [1]


def test_three_that_err_apart_are_all_right_together():
    labels = np.array([1, 1, 1])
    classes = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0]])
    chosen = select(classes, labels, n_classes=2)
    assert set(chosen) == {0, 1, 2}
    assert vote(classes, chosen, n_classes=2).tolist() == [1, 1, 1]


def test_a_run_may_be_chosen_again():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 60)
    classes = np.where(rng.random((5, 60)) < 0.6, labels, rng.integers(0, 3, (5, 60)))
    chosen = select(classes, labels, n_classes=3)
    assert len(chosen) <= STEPS
    assert accuracy(classes, chosen, labels) > max(accuracy(classes, [run], labels) for run in range(5))


@pytest.mark.parametrize("seed", range(8))
def test_each_step_takes_what_raises_the_accuracy_most(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, 40)
    classes = np.where(rng.random((6, 40)) < 0.55, labels, rng.integers(0, 3, (6, 40)))
    chosen = select(classes, labels, n_classes=3)
    for length in range(1, len(chosen) + 1):
        before = chosen[: length - 1]
        best = max(accuracy(classes, [*before, run], labels) for run in range(6))
        assert accuracy(classes, chosen[:length], labels) == best
    prefixes = [accuracy(classes, chosen[:length], labels) for length in range(1, len(chosen))]
    assert all(accuracy(classes, chosen, labels) > one for one in prefixes)


def test_equal_votes_go_to_the_lowest_class():
    assert vote(np.array([[2], [1]]), [0, 1], n_classes=3).tolist() == [1]
    for order in itertools.permutations([0, 0, 1]):
        assert vote(np.array([[2], [1]]), list(order), n_classes=3).tolist() == [2]


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="expected classes"):
        select(np.zeros((0, 3), int), np.zeros(3, int), n_classes=2)
    with pytest.raises(ValueError, match="expected classes"):
        select(np.zeros((2, 3), int), np.zeros(4, int), n_classes=2)
