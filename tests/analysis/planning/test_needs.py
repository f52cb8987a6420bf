"""Planned replicates and images against other calculations and against simulated studies."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from study.analysis.correctness import Correctness
from study.analysis.factors.comparisons import compare_levels
from study.analysis.planning.needs import (
    Spread,
    detectable,
    images_needed,
    least_images,
    replicates_needed,
)
from study.analysis.planning.pilot import from_predictions, from_tables
from study.analysis.statistics.crossed import CrossedParts, crossed_difference_parts
from study.tables.definitions import PAIRS
from tests.analysis.rules import RULES

TESTS = {"alpha": 0.05 / 6, "power": 0.8}
SPREAD = Spread(0.006**2, 0.12**2, 0.2**2)


@pytest.mark.parametrize("n", [5, 10, 34])
def test_seeds_alone_are_the_paired_t_test(n):
    found = detectable(Spread(0.01**2, 0.0, 0.0), n, 1000, alpha=0.05, power=0.8)
    assert found == pytest.approx(0.01 * TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8), rel=1e-5)


def test_images_alone_are_the_z_test_of_many():
    found = least_images(Spread(0.0, 0.1**2, 0.0), 0.005, alpha=0.05, power=0.8)
    assert found == math.ceil((0.1 * (stats.norm.isf(0.025) + stats.norm.isf(0.2)) / 0.005) ** 2)


def test_one_replicate_or_image_fewer_is_too_few():
    n = replicates_needed(SPREAD, 0.01, 5000, **TESTS)
    m = images_needed(SPREAD, 0.01, 20, **TESTS)
    assert detectable(SPREAD, int(n), 5000, **TESTS) <= 0.01 < detectable(SPREAD, int(n) - 1, 5000, **TESTS)
    assert detectable(SPREAD, 20, int(m), **TESTS) <= 0.01 < detectable(SPREAD, 20, int(m) - 1, **TESTS)


def test_what_is_never_enough_is_infinite():
    least = int(least_images(SPREAD, 0.01, **TESTS))
    assert math.isinf(replicates_needed(SPREAD, 0.01, least - 1, **TESTS))
    assert math.isfinite(replicates_needed(SPREAD, 0.01, 2 * least, **TESTS))
    assert math.isinf(images_needed(SPREAD, 0.001, 10, **TESTS))


def estimates(rng, trials, difference, n, m):
    """Differences in correctness drawn with ``SPREAD``, each study's estimate."""
    for _ in range(trials):
        seeds, images = rng.normal(0, SPREAD.seeds**0.5, (n, 1)), rng.normal(0, SPREAD.images**0.5, m)
        table = difference + seeds + images + rng.normal(0, SPREAD.interaction**0.5, (n, m))
        rows, columns = table.mean(axis=1), table.mean(axis=0)
        residual = ((table - rows[:, None] - columns + table.mean()) ** 2).sum() / ((n - 1) * (m - 1))
        parts = (rows.var(ddof=1) / n, columns.var(ddof=1) / m, residual / n / m)
        yield CrossedParts(table.mean(), *parts, n, m).estimate


@pytest.mark.parametrize(("n", "m"), [(10, 2500), (25, 1200)])
def test_the_planned_power_is_the_simulated_one(n, m):
    """1,000 studies; the tolerance is three standard errors, and one point for Satterthwaite's t."""
    found = detectable(SPREAD, n, m, **TESTS)
    rng = np.random.default_rng(n)
    hits = np.mean([one.p_zero < TESTS["alpha"] for one in estimates(rng, 1000, found, n, m)])
    assert hits == pytest.approx(TESTS["power"], abs=0.048)


def sides(rng, n, m, shift):
    """Correctness (n, m) of two heads; ``shift`` makes the first better on all images."""
    common, lean = 1.2 * rng.normal(size=m), 0.25 * rng.normal(size=m)
    ability = 0.05 * rng.normal(size=(n, 1))
    noise = 0.4 * rng.normal(size=(2, n, m))
    return common + lean + ability + shift + noise[0] > 0, common + noise[1] > 0


@pytest.mark.slow
def test_what_a_large_pilot_plans_has_its_power_in_small_studies():
    """Heads that answer right or wrong: planned from one pilot of 300 x 20,000, simulated 800 times."""
    rng = np.random.default_rng(7)
    parts = crossed_difference_parts(*sides(rng, 300, 20_000, 0.05))
    spread = Spread.of(parts)
    truth = np.mean([first.mean() - second.mean() for first, second in
                     (sides(rng, 4, 400_000, 0.05) for _ in range(40))])  # fmt: skip
    m = int(2 * least_images(spread, truth, **TESTS))
    n = int(replicates_needed(spread, truth, m, **TESTS))
    found = [
        crossed_difference_parts(*sides(rng, n, m, 0.05)).estimate.p_zero < TESTS["alpha"] for _ in range(800)
    ]
    assert np.mean(found) == pytest.approx(TESTS["power"], abs=0.05)


def test_a_study_is_its_own_pilot(results_of, levels, rng):
    n, m = 10, 3000
    right = {"reference": sides(rng, n, m, 0.0)[1]}
    for setting in ("lr=0.0001", "lr=0.001", "dropout=0.3"):
        right[setting] = sides(rng, n, m, 0.1)[0]
    results = results_of({("a", setting): correct.mean(axis=1) for setting, correct in right.items()})
    correct = Correctness(np.concatenate(list(right.values())), tuple(results["run"]))
    (exact,) = from_predictions(results, levels, correct)
    comparisons = compare_levels(results, levels, {"test_accuracy": correct}, rules=RULES, seed=1)
    nothing = PAIRS.conform(pd.DataFrame(columns=list(PAIRS.columns)))
    (rough,) = from_tables(comparisons, nothing, m, alpha=RULES.alpha)
    assert (exact.name, exact.family, len(exact.spreads)) == (rough.name, rough.family, 3) == ("a", 3, 3)
    for one, other in zip(exact.spreads, rough.spreads, strict=True):
        assert other.estimate(n, m).se == pytest.approx(one.estimate(n, m).se, rel=0.02)
    shift, other = (one.typical(0.5) for one in (exact, rough))
    assert shift.interaction > 0 == other.interaction
    assert detectable(other, n, m, **TESTS) == pytest.approx(detectable(shift, n, m, **TESTS), rel=0.05)
