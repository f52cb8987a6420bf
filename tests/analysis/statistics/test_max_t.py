"""Max-T sign flips over a family, and the probabilities beside a margin."""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.multiplicity import with_max_t
from study.analysis.statistics.permutation import signflip, signflip_max_t


def by_hand(values):
    """Step-down by its definition: the t of scipy in every flipped family."""
    observed = np.abs(stats.ttest_1samp(values, 0).statistic)
    flips = [values * np.array(signs)[:, None] for signs in itertools.product((1, -1), repeat=len(values))]
    flipped = np.array([np.abs(stats.ttest_1samp(one, 0).statistic) for one in flips])
    order, p_values, last = np.argsort(-observed), np.empty(len(observed)), 0.0
    for place, j in enumerate(order):
        share = np.mean(flipped[:, order[place:]].max(axis=1) >= observed[j] - 1e-9)
        last = p_values[j] = max(last, share)
    return p_values


@pytest.mark.parametrize("n", [2, 5, 7])
def test_step_down_by_its_definition(rng, n):
    values = rng.normal([0.0, 0.8, 0.4], 1.0, (n, 3))
    assert signflip_max_t(values, rng=rng) == pytest.approx(by_hand(values))


def test_one_comparison_is_a_sign_flip(rng):
    values = rng.normal(0.5, 1, 9)
    assert signflip_max_t(values[:, None], rng=rng)[0] == signflip(values, rng=rng)


def test_it_can_show_a_difference_from_six_replicates(rng):
    for n, shown in ((5, False), (6, True)):
        values = np.column_stack([np.linspace(1, 1.5, n), *rng.normal(0, 1, (5, n))])
        assert (signflip_max_t(values, rng=rng)[0] < 0.05) == shown


def test_drawn_flips_agree_with_all(rng):
    values = rng.normal([0.0, 0.6, 0.3], 1.0, (15, 3))
    drawn = signflip_max_t(values, rng=rng)
    signs = np.array(list(itertools.product((1, -1), repeat=14)), dtype=float)
    signs = np.column_stack([np.ones(len(signs)), signs])
    scaled = values / np.sqrt((values**2).sum(axis=0))
    first = int(np.abs(scaled.sum(axis=0)).argmax())
    exact = np.mean(np.abs(signs @ scaled).max(axis=1) >= np.abs(scaled.sum(axis=0))[first] - 1e-9)
    assert drawn[first] == pytest.approx(exact, abs=0.015)
    assert drawn.min() > 0


def test_what_cannot_be_flipped_has_no_p(rng):
    assert np.isnan(signflip_max_t(np.ones((1, 3)), rng=rng)).all()
    assert np.isnan(signflip_max_t(np.array([[1.0, np.nan], [1.0, 2.0]]), rng=rng)).all()
    assert signflip_max_t(np.zeros((6, 2)), rng=rng).tolist() == [1, 1]
    rows = [{"differences": np.ones(6)}, {"differences": np.ones(6)}]
    uneven = with_max_t(rows, [range(6), [0, 1, 2, 3, 4, 9]], rng=rng)
    assert np.isnan([row["p_max_t"] for row in uneven]).all()
    assert with_max_t([], [], rng=rng) == []


def test_the_family_errs_as_often_as_declared(rng):
    """Correlated, skewed null comparisons of spreads that differ: any false one in at most 0.05."""
    trials, false = 600, 0
    for _ in range(trials):
        noise = rng.laplace(size=(8, 6)) * np.linspace(0.3, 3, 6) + rng.laplace(size=(8, 1))
        false += bool((signflip_max_t(noise, rng=rng) < 0.05).any())
    assert false / trials <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / trials)


def test_probabilities_are_areas_of_one_t_distribution():
    found = Estimate(0.004, 0.002, 6.3, 10).masses(0.005)
    density = stats.t(6.3, loc=0.004, scale=0.002).pdf
    areas = [integrate.quad(density, *ends)[0] for ends in ((-1, -0.005), (-0.005, 0.005), (0.005, 1))]
    assert found == pytest.approx(areas, abs=1e-6)
    assert sum(found) == pytest.approx(1)


def test_probabilities_and_tests_are_two_readings_of_one_t(rng):
    one = of_replicates(rng.normal(0.003, 0.004, 9))
    below, _, above = one.masses(0.005)
    assert max(below, above) == pytest.approx(one.p_within(0.005))
    assert 2 * min(one.masses(0.0)[::2]) == pytest.approx(one.p_zero)


def test_without_a_spread_there_are_no_probabilities():
    for one in (Estimate(0.1, 0.0, np.nan, 3), Estimate(0.1, np.nan, np.nan, 1)):
        assert np.isnan(one.masses(0.005)).all()
