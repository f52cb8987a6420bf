"""Intervals against R, against an analysis of variance of statsmodels, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.formula.api import mixedlm, ols
from statsmodels.stats.anova import anova_lm

from study.analysis.statistics.crossed import crossed_difference, crossed_interval, crossed_parts
from study.analysis.statistics.intervals import (
    mean_interval,
    prediction_interval,
    sd_interval,
)


def test_t_interval_of_r(reference):
    sleep = reference["sleep"]
    differences = np.array(sleep["first"]) - np.array(sleep["second"])
    interval = mean_interval(differences, alpha=0.05)
    assert interval.n == 10
    assert float(interval.mean) == pytest.approx(sleep["mean"], abs=1e-12)
    assert [float(interval.low), float(interval.high)] == pytest.approx(sleep["interval"], abs=1e-7)


def test_many_means_at_once_are_those_of_each_alone(rng):
    values = rng.normal(size=(6, 3, 4))
    together = mean_interval(values, alpha=0.1)
    alone = mean_interval(values[:, 2, 1], alpha=0.1)
    assert together.low.shape == (3, 4)
    for whole, part in zip(together[1:], alone[1:], strict=True):
        assert whole[2, 1] == float(part)


def test_one_value_has_a_mean_and_no_interval():
    n, mean, *rest = mean_interval(np.array([0.7]), alpha=0.05)
    assert (n, float(mean)) == (1, 0.7)
    assert np.isnan(rest).all()


def test_no_value_gives_nan():
    n, *rest = mean_interval(np.array([]), alpha=0.05)
    assert n == 0
    assert np.isnan(rest).all()


@pytest.mark.parametrize("n", range(6, 13))
def test_equal_values_have_an_interval_of_no_width(n):
    for value in (0.1, 0.7, 599 / 600):
        interval = mean_interval(np.full(n, value), alpha=0.05)
        assert tuple(interval) == (n, value, 0.0, value, value)


@pytest.mark.parametrize("n", range(2, 6))
def test_few_equal_values_have_no_interval(n):
    ends = [
        *mean_interval(np.full(n, 0.7), alpha=0.05)[3:],
        *prediction_interval(np.full(n, 0.7), alpha=0.05),
    ]
    assert np.isnan([*ends, *sd_interval(0.0, n, alpha=0.05)]).all()
    same = np.ones((n, 9), dtype=bool)
    assert np.isnan(crossed_difference(same, same, alpha=0.05)).all()
    mixed = mean_interval(np.array([[0.7, 0.1]] * (n - 1) + [[0.7, 0.2]]), alpha=0.05)
    assert np.isnan(mixed.low).tolist() == [True, False]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_not_dropped(bad):
    n, *rest = mean_interval(np.array([0.1, 0.2, bad]), alpha=0.05)
    assert n == 3
    assert np.isnan(rest).all()


@pytest.mark.parametrize("n", [5, 10])
def test_chi_square_factors_of_an_sd(reference, n):
    expected = reference["sd_factors"]["by_n"][str(n)]
    assert sd_interval(1.0, n, alpha=0.05) == pytest.approx(tuple(expected), abs=0.005)


def test_an_sd_of_zero_has_an_interval_of_no_width_and_one_value_none():
    assert sd_interval(0.0, 10, alpha=0.05) == (0.0, 0.0)
    assert np.isnan(sd_interval(np.nan, 1, alpha=0.05)).all()


def test_sd_interval_covers(rng):
    sds = rng.normal(size=(20_000, 8)).std(axis=1, ddof=1)
    low, high = sd_interval(1.0, 8, alpha=0.1)
    assert np.mean((low * sds < 1) & (high * sds > 1)) == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("n", [3, 5, 10])
def test_t_interval_covers(rng, n):
    interval = mean_interval(rng.normal(size=(n, 40_000)), alpha=0.05)
    assert np.mean((interval.low < 0) & (interval.high > 0)) == pytest.approx(0.95, abs=0.005)


def test_prediction_interval_covers_one_more_run(rng):
    runs = rng.normal(5, 2, size=(6_000, 6))
    inside = [low < run[5] < high for run in runs for low, high in [prediction_interval(run[:5], alpha=0.1)]]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.012)


def test_prediction_interval_by_formula():
    low, high = prediction_interval(np.array([1.0, 2.0, 3.0, 4.0]), alpha=0.05)
    half = stats.t.ppf(0.975, 3) * np.sqrt(5 / 3) * np.sqrt(1.25)
    assert (low, high) == pytest.approx((2.5 - half, 2.5 + half), rel=1e-12)
    assert np.isnan(prediction_interval(np.array([1.0]), alpha=0.05)).all()
    assert prediction_interval(np.full(6, 0.3), alpha=0.05) == (0.3, 0.3)


def anova_interval(table, alpha):
    """The crossed interval from the mean squares of a two-way analysis of variance without interaction."""
    n, m = table.shape
    run, image = np.indices(table.shape)
    frame = pd.DataFrame({"y": table.ravel().astype(float), "run": run.ravel(), "image": image.ravel()})
    squares = anova_lm(ols("y ~ C(run) + C(image)", frame).fit())["mean_sq"]
    runs, images, residual = (squares[name] / (n * m) for name in ("C(run)", "C(image)", "Residual"))
    variance = max(runs + images - residual, runs, images)
    freedom = variance**2 / (runs**2 / (n - 1) + images**2 / (m - 1) + residual**2 / ((n - 1) * (m - 1)))
    half = stats.t.ppf(1 - alpha / 2, freedom) * np.sqrt(variance)
    return table.mean() - half, table.mean() + half


@pytest.mark.parametrize(("run_sd", "image_sd"), [(0.0, 1.0), (1.0, 0.1), (0.0, 0.0)])
def test_crossed_interval_is_that_of_an_analysis_of_variance(rng, run_sd, image_sd):
    latent = rng.normal(0, run_sd, (5, 1)) + rng.normal(0, image_sd, (1, 12)) + rng.normal(size=(5, 12))
    correct = latent > -0.5
    assert crossed_interval(correct, alpha=0.05) == pytest.approx(anova_interval(correct, 0.05), rel=1e-9)


def test_the_crossed_standard_error_is_that_of_a_mixed_model(rng):
    """REML of statsmodels, runs and images as crossed random effects: equal where no component is zero."""
    latent = rng.normal(0, 1.0, (6, 1)) + rng.normal(0, 1.5, (1, 15)) + rng.normal(size=(6, 15))
    correct = latent > -0.3
    run, image = np.indices(correct.shape)
    table = {"y": correct.ravel().astype(float), "run": run.ravel(), "image": image.ravel(), "all": 1}
    parts = {"run": "0 + C(run)", "image": "0 + C(image)"}
    fitted = mixedlm("y ~ 1", pd.DataFrame(table), groups="all", vc_formula=parts, re_formula="0").fit()
    found = crossed_parts(correct).estimate
    assert min(fitted.vcomp) > 1e-3
    assert found.mean == pytest.approx(fitted.fe_params["Intercept"])
    assert found.se == pytest.approx(float(fitted.bse_fe["Intercept"]), rel=1e-3)


def test_crossed_difference_is_that_of_an_analysis_of_variance(rng):
    first, second = rng.uniform(size=(2, 5, 12)) > [[[0.2]], [[0.5]]]
    expected = anova_interval(first.astype(int) - second.astype(int), 0.1)
    assert crossed_difference(first, second, alpha=0.1) == pytest.approx(expected, rel=1e-9)


def test_crossed_interval_of_equal_runs_counts_the_images_alone(rng):
    one = rng.uniform(size=400) < 0.7
    low, high = crossed_interval(np.tile(one, (6, 1)), alpha=0.05)
    half = stats.t.ppf(0.975, 399) * one.std(ddof=1) / np.sqrt(400)
    assert (low, high) == pytest.approx((one.mean() - half, one.mean() + half), rel=1e-9)


def test_crossed_interval_without_variance_has_no_width():
    everything = np.ones((6, 9), dtype=bool)
    assert crossed_interval(everything, alpha=0.05) == (1.0, 1.0)
    assert crossed_difference(everything, everything, alpha=0.05) == (0.0, 0.0)
    assert crossed_difference(everything, ~everything, alpha=0.05) == (1.0, 1.0)


@pytest.mark.parametrize("shape", [(1, 9), (0, 9), (4, 1), (4, 0)])
def test_crossed_interval_of_one_run_or_image_is_missing(shape):
    assert np.isnan(crossed_interval(np.ones(shape, dtype=bool), alpha=0.05)).all()


def test_sides_of_different_shape_are_refused():
    with pytest.raises(ValueError, match=r"expected equal shapes, received \(2, 3\) and \(3, 3\)"):
        crossed_difference(np.ones((2, 3), dtype=bool), np.ones((3, 3), dtype=bool), alpha=0.05)


def simulate_differences(rng, n, m):
    """Correctness of two models whose true difference over all images and runs is zero."""
    image = rng.normal(size=(2, 1, m)) * 0.9
    run = rng.normal(size=(2, n, 1)) * 0.03
    return image + run + rng.normal(size=(2, n, m)) * 0.5 > -0.6


def test_crossed_interval_covers_where_the_seeds_alone_do_not(rng):
    crossed, seeds = [], []
    for _ in range(600):
        first, second = simulate_differences(rng, 8, 300)
        low, high = crossed_difference(first, second, alpha=0.05)
        crossed.append(low < 0 < high)
        narrow = mean_interval(first.mean(axis=1) - second.mean(axis=1), alpha=0.05)
        seeds.append(bool(narrow.low < 0 < narrow.high))
    assert np.mean(crossed) == pytest.approx(0.955, abs=0.025)
    assert np.mean(seeds) < 0.7


bools = st.integers(2, 5).flatmap(
    lambda n: st.integers(2, 8).flatmap(
        lambda m: st.lists(st.lists(st.booleans(), min_size=m, max_size=m), min_size=n, max_size=n)
    )
)


@settings(deadline=None, max_examples=60)
@given(bools, st.randoms(use_true_random=False))
def test_order_of_runs_and_images_does_not_matter(rows, random):
    correct = np.array(rows)
    order = [random.sample(range(size), size) for size in correct.shape]
    shuffled = correct[np.ix_(*order)]
    assert crossed_interval(correct, alpha=0.05) == pytest.approx(
        crossed_interval(shuffled, alpha=0.05), nan_ok=True
    )


@settings(deadline=None, max_examples=60)
@given(bools)
def test_swapping_the_sides_turns_the_interval_around(rows):
    first = np.array(rows)
    second = np.roll(first, 1, axis=1)
    low, high = crossed_difference(first, second, alpha=0.05)
    assert crossed_difference(second, first, alpha=0.05) == pytest.approx((-high, -low), nan_ok=True)
    assert np.isnan(low) or low <= high
