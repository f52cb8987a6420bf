"""Subsets of replicates."""

import math

import numpy as np
import pytest

from study.ensembles.sizes import MAX_SUBSETS, mean_of, sizes, subsets


def test_sizes_end_with_all():
    assert sizes(1) == [1]
    assert sizes(4) == [1, 2, 3, 4]
    assert sizes(30) == [*range(1, 11), 20, 30]


@pytest.mark.parametrize(("n", "k"), [(6, 3), (10, 5), (5, 5), (30, 1), (30, 2), (30, 29)])
def test_subsets_are_different_and_of_their_size(n, k):
    found = list(subsets(n, k, rng=np.random.default_rng(0)))
    assert len(found) == len(set(found)) == min(math.comb(n, k), MAX_SUBSETS)
    assert all(len(set(one)) == k and list(one) == sorted(one) and one[-1] < n for one in found)
    assert found == list(subsets(n, k, rng=np.random.default_rng(0)))


def test_the_mean_is_of_the_subset():
    blocks = np.arange(4.0)[:, None, None] * np.ones((4, 2, 3))
    assert (mean_of(blocks, (0, 3)) == 1.5).all()
