"""The statistics of pool against fresh views, against tests that say the same another way."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.equivalence import Mean
from benchmarks.pool import spread_ratio


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
