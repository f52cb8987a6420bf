"""Permutation p values against scipy, by hand, and under the null hypothesis."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis.statistics.permutation import DRAWS, signflip, within_replicates


def scipy_signflip(differences):
    return stats.permutation_test(
        (differences,),
        lambda d, axis: np.abs(d.sum(axis=axis)),
        permutation_type="samples",
        n_resamples=np.inf,
        alternative="greater",
        vectorized=True,
    ).pvalue


@pytest.mark.parametrize("n", [2, 3, 5, 8, 11])
def test_exact_signflip_is_that_of_scipy(rng, n):
    for shift in (0.0, 0.5, 2.0):
        differences = rng.normal(shift, 1, n)
        assert signflip(differences, rng=rng) == pytest.approx(scipy_signflip(differences), abs=1e-12)


def test_ties_among_sums_are_all_counted(rng):
    # Multiples of 0.1: sums that are equal on paper differ in their last bit.
    differences = np.array([0.1, 0.2, 0.3, -0.1, 0.4, 0.3])
    assert signflip(differences, rng=rng) == scipy_signflip(differences.round(1) * 10)


@pytest.mark.parametrize("n", [1, 2, 5, 6, 10, 20])
def test_smallest_p_is_two_in_two_to_the_n(rng, n):
    assert signflip(np.linspace(1, 2, n), rng=rng) == 2 / 2**n


def test_zeros_give_one_and_nothing_gives_nan(rng):
    assert signflip(np.zeros(6), rng=rng) == 1.0
    assert signflip(np.zeros(25), rng=rng) == 1.0
    assert np.isnan(signflip(np.array([]), rng=rng))
    assert np.isnan(signflip(np.array([0.1, np.nan]), rng=rng))


def test_drawn_signs_agree_with_the_t_test_and_never_give_zero(rng):
    differences = rng.normal(0.4, 1, 30)
    assert signflip(differences, rng=rng) == pytest.approx(
        stats.ttest_1samp(differences, 0).pvalue, abs=0.015
    )
    assert signflip(np.ones(30), rng=rng) == 1 / (DRAWS + 1)


def test_signflip_holds_its_level(rng):
    p = np.array([signflip(differences, rng=rng) for differences in rng.normal(size=(4_000, 8))])
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.012)


def scipy_within(values):
    """By enumeration: the share of reassignments whose level means vary at least as much."""
    return stats.permutation_test(
        tuple(values.T),
        lambda *columns, axis: np.var([column.mean(axis=axis) for column in columns], axis=0),
        permutation_type="samples",
        n_resamples=np.inf,
        alternative="greater",
        vectorized=True,
    ).pvalue


@pytest.mark.parametrize("shape", [(4, 2), (3, 3), (5, 3), (2, 4)])
def test_exact_reassignment_is_that_of_scipy(rng, shape):
    for shift in (0.0, 1.0):
        values = rng.normal(size=shape) + shift * np.arange(shape[1])
        assert within_replicates(values, rng=rng) == pytest.approx(scipy_within(values), abs=1e-12)


def test_two_levels_are_a_signflip(rng):
    values = rng.normal(size=(9, 2))
    assert within_replicates(values, rng=rng) == signflip(values[:, 1] - values[:, 0], rng=rng)


def test_drawn_reassignment_agrees_with_r(reference, rng):
    ranks = stats.rankdata(reference["rounding_times"]["times"], axis=1)
    assert within_replicates(ranks, rng=rng) == pytest.approx(reference["rounding_times"]["p"], abs=0.002)


def test_drawn_reassignment_never_gives_zero(rng):
    values = rng.normal(size=(12, 1)) + 100.0 * np.arange(4)
    assert within_replicates(values, rng=rng) == 1 / (DRAWS + 1)


def test_replicates_that_differ_do_not_matter(rng):
    values = rng.normal(size=(4, 3))
    shifted = values + rng.normal(size=(4, 1)) * 50
    assert within_replicates(shifted, rng=rng) == pytest.approx(within_replicates(values, rng=rng))


def test_reassignment_holds_its_level(rng):
    p = np.array([within_replicates(values, rng=rng) for values in rng.normal(size=(2_000, 4, 3))])
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.015)
    drawn = [within_replicates(values, rng=rng, draws=199) for values in rng.normal(size=(1_000, 6, 6))]
    assert np.mean(np.array(drawn) <= 0.05) == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize("values", [np.ones((1, 3)), np.ones((3, 1)), np.array([[1, 2], [np.nan, 1]])])
def test_too_little_to_reassign_gives_nan(rng, values):
    assert np.isnan(within_replicates(values, rng=rng))


def test_equal_levels_give_one(rng):
    assert within_replicates(np.full((5, 3), 0.7), rng=rng) == 1.0


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_signflip_does_not_depend_on_order_or_direction(numbers, random):
    differences = np.array(numbers) / 90_000
    shuffled = np.array(random.sample(numbers, len(numbers))) / 90_000
    rng = np.random.default_rng(0)
    assert signflip(differences, rng=rng) == signflip(shuffled, rng=rng) == signflip(-differences, rng=rng)
