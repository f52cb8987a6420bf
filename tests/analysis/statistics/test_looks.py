"""Levels of repeated looks against published boundaries and simulated paths."""

import numpy as np
import pytest
from scipy import stats

from study.analysis.statistics.looks import at_look, level_at, nominal_levels, over_looks
from tests.analysis.rules import RULES


@pytest.mark.parametrize(
    ("looks", "published"),
    [
        ((1, 2, 3, 4), [4.333, 2.963, 2.359, 2.014]),
        ((1, 2, 3, 4, 5), [4.877, 3.357, 2.680, 2.290, 2.031]),
    ],
)
def test_boundaries_are_those_of_lan_and_demets(looks, published):
    """Of ldbounds and gsDesign in R: two-sided 0.05, O'Brien-Fleming type, equal steps."""
    levels = np.array(nominal_levels(looks, 0.05))
    assert stats.norm.isf(levels / 2) == pytest.approx(published, abs=0.0006)


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 18, 0.3])
@pytest.mark.parametrize("images", [0.0, 3.0])
def test_paths_cross_once_as_often_as_declared(alpha, images):
    """400,000 paths; with images that all looks share, less often."""
    looks = (3, 5, 8, 10)
    rng = np.random.default_rng(5)
    sums = np.cumsum(rng.normal(size=(400_000, 10), scale=1.0), axis=1)[:, np.array(looks) - 1]
    means = sums / looks + images / 10**0.5 * rng.normal(size=(400_000, 1))
    z = np.abs(means) / np.sqrt(1 / np.array(looks) + images**2 / 10)
    crossed = (z > stats.norm.isf(np.array(nominal_levels(looks, alpha)) / 2)).any(axis=1).mean()
    allowed = 3 * (alpha / 400_000) ** 0.5
    assert crossed == pytest.approx(alpha, abs=allowed) if images == 0 else crossed <= alpha + allowed


@pytest.mark.parametrize("alpha", [0.05, 0.005])
def test_one_sided_tests_at_the_same_levels_cross_no_more_often(alpha):
    """As of equivalence, whose p are one-sided."""
    looks = (3, 5, 8, 10)
    sums = np.cumsum(np.random.default_rng(6).normal(size=(400_000, 10)), axis=1)[:, np.array(looks) - 1]
    bounds = stats.norm.isf(np.array(nominal_levels(looks, alpha)))
    crossed = (sums / np.sqrt(looks) > bounds).any(axis=1).mean()
    assert crossed <= alpha + 3 * (alpha / 400_000) ** 0.5


def test_a_p_over_looks_is_below_alpha_where_the_look_rejects():
    looks = (4, 6, 10)
    for n in looks:
        for alpha in (0.2, 0.05, 0.001, 0.05 / 18):
            level = level_at(n, alpha, looks)
            assert over_looks([level], [n], looks)[0] == pytest.approx(alpha, rel=2e-3)
            below, above = over_looks([0.99 * level, 1.01 * level], [n, n], looks)
            assert below < alpha < above
    assert over_looks([0.0, 1.0, np.nan], [4, 4, 10], looks)[:2].tolist() == pytest.approx([1e-6, 1.0])
    assert np.isnan(over_looks([np.nan], [4], looks)[0])


def test_without_looks_nothing_changes():
    assert over_looks([0.01, 0.2], [7, 8], ()).tolist() == [0.01, 0.2]
    assert nominal_levels((10,), 0.05) == pytest.approx((0.05,), rel=1e-12)
    assert at_look(RULES, 10) is RULES


def test_replicates_of_no_look_are_refused():
    with pytest.raises(ValueError, match=r"expected replicates of one of \(3, 5\), received 4"):
        level_at(4, 0.05, (3, 5))
