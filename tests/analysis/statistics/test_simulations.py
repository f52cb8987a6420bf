"""Intervals cover and tests err as often as they say, by simulation with known truth.

Tolerances are about three standard errors of the simulated share.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from study.analysis.statistics.crossed import crossed_difference, crossed_interval
from study.analysis.statistics.estimates import of_replicates
from study.analysis.statistics.intervals import (
    mean_interval,
    prediction_interval,
)
from study.analysis.statistics.multiplicity import adjust, judge
from study.analysis.statistics.paired import compare
from study.analysis.statistics.permutation import signflip
from tests.analysis.rules import RULES

pytestmark = pytest.mark.slow
SIZES = (5, 10, 20)
BOTH = ("verdict", "seeds_only_verdict")


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
def test_equivalence_is_declared_at_the_margin_at_most_as_often_as_alpha(n):
    rng = np.random.default_rng(n)
    at_margin = rng.normal(0.005, 0.003, (2000, n))
    declared = np.mean([of_replicates(row).p_within(0.005) < 0.05 for row in at_margin])
    assert declared == pytest.approx(0.05, abs=0.015)


def verdicts(rng, *, n, m, images, shift=0.0, family=1):
    """Verdict of seeds and images, and of seeds alone, of a family of pairs of heads on one test split.

    Each pair of heads answers a share ``images`` of the images otherwise in every replicate, as its own way
    of being right, and the rest otherwise from replicate to replicate.
    """
    rows = []
    for _ in range(family):
        lean = np.sqrt(images) * rng.normal(size=(2, m))
        noise = np.sqrt(1 - images) * rng.normal(size=(2, n, m))
        common = 2 * rng.normal(size=m)
        first, second = common + lean[:, None] + noise + np.array([shift, 0.0])[:, None, None] > 0
        rows.append(
            compare(first.mean(axis=1), second.mean(axis=1), rules=RULES, rng=rng, correct=(first, second))
        )
    return judge(rows, rules=RULES)


@pytest.mark.parametrize("n", [3, 5, 10])
def test_a_verdict_on_new_images_is_rarely_false_where_seeds_alone_are_often(n):
    """Two heads that are equally good on all images there are, compared on 600 of them, 300 times.

    At most 0.08 false differences on new images, the tolerance of the issue's 0.93 coverage and three
    standard errors; seeds alone are wrong in more than 0.2.
    """
    rng = np.random.default_rng(n)
    rows = [verdicts(rng, n=n, m=600, images=0.7)[0] for _ in range(300)]
    false = [np.mean([row[name].startswith("different") for row in rows]) for name in BOTH]
    assert false[0] <= 0.08
    assert false[1] > 0.2


@pytest.mark.parametrize("images", [0.1, 0.7])
def test_the_interval_beside_a_verdict_covers_as_declared(images):
    """All of a family of six hold at once in at least 0.93 of 300 families."""
    rng = np.random.default_rng(5)
    held = []
    for _ in range(300):
        rows = verdicts(rng, n=8, m=400, images=images, family=6)
        held.append(all(row["simultaneous_low"] <= 0 <= row["simultaneous_high"] for row in rows))
    assert np.mean(held) >= 0.93


def test_equivalence_is_rarely_false_anywhere_in_a_family():
    """Six differences at the margin itself: any called equivalent in at most 0.05 + 0.02 of 2,000 families.

    Without a correction it is any of six, which was about 0.25.
    """
    rng = np.random.default_rng(1)
    margin, corrected, alone = RULES.margin, 0, 0
    for _ in range(2000):
        estimates = [of_replicates(row) for row in rng.normal(margin, 0.003, (6, 8))]
        p = np.array([one.p_within(margin) for one in estimates])
        corrected += (adjust(p, correction=RULES.correction) < 0.05).any()
        alone += (p < 0.05).any()
    assert corrected / 2000 <= 0.07
    assert alone / 2000 > 0.2


@pytest.mark.parametrize("n", [2, 3, 5])
def test_equal_counts_of_images_are_not_called_equivalent(n):
    """A true difference at the margin of three images, in whole images that often fall together."""
    rng = np.random.default_rng(n)
    counts = np.round(rng.normal(3.0, 0.7, (4000, n)))
    called = [of_replicates(row / 600).p_within(0.005) < 0.05 for row in counts]
    assert np.mean(called) <= 0.06


def test_a_look_after_every_replicate_is_as_bad_as_the_methods_say():
    """One in five null comparisons differs at one of the looks from 2 to 10 replicates, 0.197 of 40,000."""
    values = np.random.default_rng(0).normal(size=(40_000, 10))
    differed = np.zeros(len(values), dtype=bool)
    for n in range(2, 11):
        seen = values[:, :n]
        t = seen.mean(axis=1) / seen.std(axis=1, ddof=1) * np.sqrt(n)
        differed |= np.abs(t) > stats.t.isf(0.025, n - 1)
    assert differed.mean() == pytest.approx(0.2, abs=0.01)
    text = (Path(__file__).parents[3] / "templates" / "text" / "methods.md").read_text(encoding="utf-8")
    assert "a look after every replicate from 2 to 10 calls one in five null comparisons different" in text
