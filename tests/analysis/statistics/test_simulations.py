"""Intervals cover and tests err as often as they say, by simulation with known truth.

Tolerances are about three standard errors of the simulated share.
"""

import numpy as np
import pytest

from study.analysis.statistics.crossed import crossed_difference, crossed_interval
from study.analysis.statistics.estimates import of_replicates
from study.analysis.statistics.intervals import (
    mean_interval,
    prediction_interval,
)
from study.analysis.statistics.permutation import signflip, within_replicates

pytestmark = pytest.mark.slow
SIZES = (5, 10, 20)


@pytest.mark.parametrize("n", SIZES)
def test_the_t_interval_covers_the_mean(n):
    values = np.random.default_rng(n).normal(0.6, 0.01, (n, 20_000))
    interval = mean_interval(values, alpha=0.05)
    assert np.mean((interval.low < 0.6) & (interval.high > 0.6)) == pytest.approx(0.95, abs=0.005)


@pytest.mark.parametrize("n", SIZES)
def test_the_prediction_interval_covers_one_more_run(n):
    rng = np.random.default_rng(n)
    inside = 0
    for _ in range(3000):
        values = rng.normal(0.6, 0.01, n + 1)
        low, high = prediction_interval(values[:-1], alpha=0.05)
        inside += low < values[-1] < high
    assert inside / 3000 == pytest.approx(0.95, abs=0.013)


def drawn(rng, n, m, *, seeds, images):
    """Correctness (n, m) of runs whose ability and images whose difficulty vary; the mean stays at 0.7."""
    logit = 1.0 + seeds * rng.normal(size=(n, 1)) + images * rng.normal(size=m)
    return rng.random((n, m)) < 1 / (1 + np.exp(-logit))


def truth(*, seeds, images):
    logit = 1.0 + np.hypot(seeds, images) * np.random.default_rng(0).normal(size=2_000_000)
    return (1 / (1 + np.exp(-logit))).mean()


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(("seeds", "images"), [(0.02, 2.0), (0.3, 0.5)])
def test_the_crossed_interval_covers_the_accuracy_on_new_images(n, seeds, images):
    rng = np.random.default_rng(n)
    expected = truth(seeds=seeds, images=images)
    trials = 400
    inside = 0
    for _ in range(trials):
        low, high = crossed_interval(drawn(rng, n, 1000, seeds=seeds, images=images), alpha=0.05)
        inside += low < expected < high
    assert 0.915 <= inside / trials <= 0.99


@pytest.mark.parametrize("n", SIZES)
def test_the_crossed_interval_of_a_difference_rarely_misses_none(n):
    rng = np.random.default_rng(n)
    trials = 400
    missed = 0
    for _ in range(trials):
        difficulty = rng.normal(size=1000)
        sides = [rng.random((n, 1000)) < 1 / (1 + np.exp(difficulty - 1)) for _ in range(2)]
        low, high = crossed_difference(*sides, alpha=0.05)
        missed += not low < 0 < high
    assert missed / trials <= 0.08


@pytest.mark.parametrize("n", SIZES)
def test_sign_flips_reject_at_most_as_often_as_declared(n):
    rng = np.random.default_rng(n)
    trials = 300 if n == 20 else 2000
    differences = rng.normal(size=(trials, n))
    rejected = np.mean([signflip(row, rng=rng) < 0.05 for row in differences])
    nominal = 0.0 if n == 5 else 0.05
    assert rejected == pytest.approx(nominal, abs=0.04 if n == 20 else 0.015)


@pytest.mark.parametrize("n", SIZES)
def test_the_omnibus_rejects_as_often_as_declared(n):
    rng = np.random.default_rng(n)
    trials = 200
    rejected = [within_replicates(rng.normal(size=(n, 5)), rng=rng, draws=499) < 0.05 for _ in range(trials)]
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.046)


@pytest.mark.parametrize("n", SIZES)
def test_equivalence_is_declared_at_the_margin_at_most_as_often_as_alpha(n):
    rng = np.random.default_rng(n)
    at_margin = rng.normal(0.005, 0.003, (2000, n))
    declared = np.mean([of_replicates(row).p_within(0.005) < 0.05 for row in at_margin])
    assert declared == pytest.approx(0.05, abs=0.015)
