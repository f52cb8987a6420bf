"""Multiple comparisons with the best, against tests one by one and by simulation."""

import numpy as np
import pytest
from scipy import stats

from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.with_the_best import with_the_best


def table(values):
    """Paired differences of the columns of (n, k)."""
    return [[of_replicates(one - other) for other in values.T] for one in values.T]


def test_the_set_is_what_paired_tests_against_every_other_leave(rng):
    """A setting is out where a one-sided test of scipy at alpha / (k - 1) finds another above it."""
    for _ in range(40):
        k = int(rng.integers(2, 7))
        values = rng.normal(np.linspace(0, 1.5, k), rng.uniform(0.5, 2, k), (8, k))
        below = [
            min(
                stats.ttest_rel(values[:, i], values[:, j], alternative="less").pvalue
                for j in range(k)
                if j != i
            )
            for i in range(k)
        ]
        found = with_the_best(table(values), alpha=0.05)
        assert found.in_set.tolist() == [p >= 0.05 / (k - 1) for p in below]
        assert found.in_set[values.mean(axis=0).argmax()]


def test_ends_are_those_of_one_sided_intervals(rng):
    values = rng.normal([0, 0.2, 0.4], 1, (9, 3))
    found = with_the_best(table(values), alpha=0.05)
    for i in range(3):
        tests = {
            j: [
                stats.ttest_rel(values[:, i], values[:, j], alternative=way).confidence_interval(0.975)
                for way in ("less", "greater")
            ]
            for j in range(3)
            if j != i
        }
        assert found.high[i] == pytest.approx(max(0, min(less.high for less, _ in tests.values())))
        inside = [greater.low for j, (_, greater) in tests.items() if found.in_set[j]]
        assert found.low[i] == pytest.approx(min(0, *inside))


def test_a_clear_winner_stands_alone_and_costs_nothing():
    means = [0.9, 0.5, 0.4]
    found = with_the_best([[Estimate(a - b, 0.01, 9.0, 10) for b in means] for a in means], alpha=0.05)
    assert found.in_set.tolist() == [True, False, False]
    assert found.low[0] == 0
    assert found.high[1:].tolist() == [0, 0]


def test_equal_settings_stay_together():
    values = np.repeat(np.linspace(0.5, 0.6, 8)[:, None], 2, axis=1)
    found = with_the_best(table(values), alpha=0.05)
    assert found.in_set.tolist() == [True, True]
    assert (found.low.tolist(), found.high.tolist()) == ([0, 0], [0, 0])


def test_without_intervals_nothing_is_ruled_out():
    found = with_the_best(table(np.array([[0.5, 0.9]])), alpha=0.05)
    assert found.in_set.tolist() == [True, True]
    assert np.isinf(found.low).all()
    assert np.isinf(found.high).all()


@pytest.mark.slow
@pytest.mark.parametrize("means", [[0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 0.2, 0.4, 0.6, 0.8, 1.0]])
def test_the_set_holds_the_best_and_all_intervals_hold_at_once(means):
    """Paired replicates, spreads that differ by three: at least 0.95 within three standard errors."""
    rng, means, trials = np.random.default_rng(6), np.array(means, dtype=float), 1000
    others = np.array([max(np.delete(means, i)) for i in range(len(means))])
    best, held, together = int(means.argmax()), 0, 0
    for _ in range(trials):
        noise = rng.normal(size=(10, len(means))) * np.linspace(0.5, 1.5, len(means))
        found = with_the_best(table(means + noise + rng.normal(size=(10, 1))), alpha=0.05)
        held += bool(found.in_set[best])
        together += bool(((found.low <= means - others) & (means - others <= found.high)).all())
    assert held / trials >= 0.93
    assert together / trials >= 0.93
