"""The statistics of pool against fresh views, against tests that say the same another way."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from benchmarks.equivalence import Mean
from benchmarks.pool import difference, likeness, spread_ratio
from benchmarks.small import PARAMS
from study import params


@pytest.fixture
def pairs():
    rng = np.random.default_rng(7)
    common = rng.normal(size=30)
    return common + rng.normal(size=30), 0.8 * (common + 0.7 * rng.normal(size=30))


@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_the_ends_of_the_spread_ratio_are_where_pitman_and_morgan_reject(pairs, alpha):
    first, second = pairs
    ratio, low, high = spread_ratio(first, second, alpha=alpha)
    assert ratio == pytest.approx(first.std(ddof=1) / second.std(ddof=1))
    assert low < ratio < high
    for end in (low, high):
        scaled = first / end
        assert stats.pearsonr(scaled + second, scaled - second).pvalue == pytest.approx(alpha)


def test_the_spread_ratio_turned_round_is_its_inverse(pairs):
    first, second = pairs
    ratio, low, high = spread_ratio(first, second, alpha=0.05)
    assert spread_ratio(second, first, alpha=0.05) == pytest.approx((1 / ratio, 1 / high, 1 / low))


def test_likeness_is_the_published_one():
    """Shrout and Fleiss (1979), table 2: six targets, four judges; ICC(1,1) 0.17, interval -0.13 to 0.72."""
    ratings = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
    )
    alike, low, high = likeness(ratings, alpha=0.05)
    assert (round(alike, 2), round(low, 2), round(high, 2)) == (0.17, -0.13, 0.72)


def test_pools_are_compared_by_their_means_where_there_are_three():
    rng = np.random.default_rng(3)
    pooled, fresh = rng.normal(0.9, 0.01, (4, 5)), rng.normal(0.9, 0.01, (4, 5))
    margin = params.load(PARAMS).analysis.equivalence_margin
    found, by_run = difference(pooled, fresh), difference(pooled[:2], fresh[:2])
    p, below, above = ttost_paired(pooled.mean(1), fresh.mean(1), -margin, margin)
    assert (found.n, by_run.n) == (4, 10)
    assert found.p == pytest.approx(p)
    assert (found.high < margin and found.low > -margin) == (p < 0.05)
    assert max(below[1], above[1]) == pytest.approx(p)


@pytest.mark.parametrize("sd", [0.002, 0.02])
def test_the_row_of_a_difference_meets_its_goal_where_the_two_are_equivalent(sd):
    values = np.random.default_rng(5).normal(0.0005, sd, 40)
    found = Mean.of(values)
    row = found.row("name", "a less b:")
    assert row.met == (found.p < 0.05) == (sd < 0.01)
    assert f"a less b: {values.mean():+.5f} [" in row.note
    interval = stats.t.interval(0.9, 39, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx(interval)
    assert row.value == pytest.approx(np.abs(interval).max())
