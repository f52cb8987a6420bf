"""Simulated studies: what is claimed falsely is supported or refuted no more often than is said."""

import numpy as np
import pytest
from scipy import stats

from study.analysis.method_claims.values import Published
from study.analysis.statistics.intervals import number_true

RNG = np.random.default_rng(5)
TIMES = 1000


@pytest.mark.parametrize("independent", [True, False])
@pytest.mark.parametrize("k_true", [0, 3, 6, 10])
def test_the_number_of_true_hypotheses_is_covered(independent, k_true):
    k, n = 10, 4
    means = np.where(np.arange(k) < k_true, 0.7, -0.7)
    draws = RNG.normal(means, 1.0, (TIMES, n, k))
    if not independent:
        draws += RNG.normal(0, 1, (TIMES, n, 1))
    t = draws.mean(axis=1) / (draws.std(axis=1, ddof=1) / np.sqrt(n))
    above = stats.t.sf(t, n - 1)
    covered = [
        low <= k_true <= high
        for low, high in (number_true(p, 1 - p, alpha=0.05, independent=independent) for p in above)
    ]
    assert np.mean(covered) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / TIMES)


def refuted_and_supported(*, offset, n, spread, margin, sd=1.0):
    """How often a published mean whose truth lies ``offset`` away is refuted and supported."""
    answers = []
    for _ in range(TIMES):
        own, other = RNG.normal(0, 1.0, 5), RNG.normal(offset, sd, n)
        known = {"plus_minus": float(other.std(ddof=1)), "plus_minus_is": "SD"} if spread else {}
        claim = Published(
            kind="published value", method="a", value=float(other.mean()), n=n, decimals=9, **known
        )
        ((_, found),) = claim._differences(own)
        low, high = found.interval(alpha=0.05)
        answers.append((low > margin or high < -margin, -margin < low and high < margin))
    return np.mean(answers, axis=0)


@pytest.mark.parametrize(("n", "spread"), [(1, False), (5, False), (5, True), (20, True)])
def test_a_published_mean_of_the_same_truth_is_seldom_refuted(n, spread):
    refuted, _ = refuted_and_supported(offset=0.0, n=n, spread=spread, margin=0.0)
    assert refuted <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / TIMES)


def test_a_published_mean_at_the_margin_is_seldom_supported():
    _, supported = refuted_and_supported(offset=2.0, n=10, spread=True, margin=2.0)
    assert supported <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / TIMES)
