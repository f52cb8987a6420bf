"""Subsets, orders, views and padding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.training import batches

LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(5), 40))


def test_a_subset_has_so_many_of_each_class_and_no_row_twice():
    rows = batches.subset(LABELS, 7, seed=3)
    assert list(np.bincount(LABELS[rows])) == [7] * 5
    assert len(set(rows)) == 35


def test_a_smaller_subset_lies_inside_a_larger_one_of_the_same_seed():
    assert set(batches.subset(LABELS, 5, seed=3)) < set(batches.subset(LABELS, 20, seed=3))
    assert set(batches.subset(LABELS, 5, seed=3)) != set(batches.subset(LABELS, 5, seed=4))


def test_all_is_every_row():
    assert list(batches.subset(LABELS, "all", seed=3)) == list(range(200))


def test_a_subset_larger_than_a_class_is_refused():
    with pytest.raises(ValueError, match="class 0: expected at least 41 training images, received 40"):
        batches.subset(LABELS, 41, seed=3)


def test_every_epoch_visits_every_row_in_another_order():
    order = batches.order(30, 4, seed=1)
    assert (np.sort(order, axis=1) == np.arange(30)).all()
    assert len({row.tobytes() for row in order}) == 4


@given(st.integers(1, 20), st.integers(1, 12), st.integers(1, 6))
def test_an_image_shows_all_its_views_before_one_again(n_rows, epochs, n_views):
    shown = batches.visits(n_rows, epochs, n_views, seed=2)
    assert shown.shape == (epochs, n_rows)
    for image in shown.T:
        for start in range(0, epochs, n_views):
            part = image[start : start + n_views]
            assert len(set(part)) == len(part)


@given(st.integers(1, 300), st.integers(1, 128))
def test_padding_keeps_every_row_once_and_counts_no_filling(n_rows, batch_size):
    rows = np.random.default_rng(1).permutation(n_rows).astype(np.int32)
    index, weight = batches.pad(rows, batch_size)
    assert index.shape == weight.shape == (-(-n_rows // batch_size), batch_size)
    assert list(index[weight == 1]) == list(rows)
    assert weight.sum() == n_rows
    assert (weight.sum(1) >= 1).all()


def test_initial_weights_are_glorot_uniform():
    kernel, bias, out_kernel, out_bias = batches.initial_weights(100, 512, 10, seed=1)
    assert kernel.shape == (512, 100)
    assert out_kernel.shape == (512, 10)
    assert not bias.any()
    assert not out_bias.any()
    for values, fans in ((kernel, 612), (out_kernel, 522)):
        limit = np.sqrt(6 / fans)
        assert np.abs(values).max() <= limit
        assert values.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)


def test_seeds_have_no_default():
    for call in (
        lambda: batches.order(3, 1),
        lambda: batches.subset(LABELS, 3),
        lambda: batches.visits(3, 1, 1),
        lambda: batches.initial_weights(3, 3, 3),
    ):
        with pytest.raises(TypeError, match="seed"):
            call()
