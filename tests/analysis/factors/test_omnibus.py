"""F against R and statsmodels, trends by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.anova import AnovaRM

from study.analysis.factors.omnibus import omnibus
from study.analysis.statistics.blocks import f_statistic, slopes
from tests.analysis.rules import RULES


def chi_square(ranks):
    """Friedman's chi-square, corrected for ties, from the F of ranks: n (k - 1) F / (n - 1 + F)."""
    n, k = ranks.shape
    f = f_statistic(ranks)
    return n * (k - 1) * f / (n - 1 + f)


def test_f_of_ranks_is_friedmans_chi_square_of_r(reference):
    known = reference["rounding_times"]
    ranks = stats.rankdata(known["times"], axis=1)
    assert chi_square(ranks) == pytest.approx(known["chi_square"], abs=5e-4)


def test_f_of_ranks_is_friedmans_chi_square_of_demsar(reference):
    known = reference["demsar"]
    ranks = np.array(known["ranks"])
    assert ranks.sum(axis=0).tolist() == known["rank_sums"]
    assert chi_square(ranks) == pytest.approx(known["chi_square"], abs=5e-4)


def test_f_is_that_of_a_repeated_measures_analysis(rng):
    values = rng.normal(size=(7, 4)) + np.arange(4) * 0.3 + rng.normal(size=(7, 1))
    long = pd.DataFrame({"y": values.ravel(), "run": np.repeat(range(7), 4), "level": np.tile(range(4), 7)})
    table = AnovaRM(long, "y", "run", within=["level"]).fit().anova_table
    assert f_statistic(values) == pytest.approx(table["F Value"].iloc[0], rel=1e-9)


def test_f_at_the_ends():
    assert f_statistic(np.tile([[0.1], [0.7]], (1, 3))) == 0.0
    assert f_statistic(np.array([[0.1, 0.2], [0.7, 0.8]])) == np.inf
    assert np.isnan(f_statistic(np.ones((1, 3))))
    assert np.isnan(f_statistic(np.array([[0.1, np.nan], [0.7, 0.8]])))


def test_slopes_are_those_of_least_squares(rng):
    positions = np.array([0.0, 1.0, 3.0])
    values = rng.normal(size=(4, 3))
    expected = [stats.linregress(positions, row).slope for row in values]
    assert slopes(values, positions) == pytest.approx(expected)


@pytest.fixture
def accuracies(rng):
    """A learning rate that helps step by step, and a dropout that does nothing."""
    base = 0.5 + rng.normal(size=6) * 0.05
    noise = lambda: rng.normal(size=6) * 0.002  # noqa: E731
    return {
        ("b", "lr=0.0001"): base - 0.03 + noise(),
        ("b", "reference"): base + noise(),
        ("b", "lr=0.001"): base + 0.03 + noise(),
        ("b", "dropout=0.3"): base + noise(),
        ("a", "lr=0.0001"): base + noise(),
        ("a", "reference"): base + noise(),
        ("a", "lr=0.001"): base + noise(),
        ("a", "dropout=0.3"): base + noise(),
    }


def test_a_factor_that_matters_is_found(accuracies, results_of, levels):
    table = omnibus(results_of(accuracies), levels, rules=RULES, seed=0)
    assert list(table["model"] + " " + table["factor"]) == ["a lr", "a dropout", "b lr", "b dropout"]
    by_name = table.set_index(["model", "factor"])
    matters = by_name.loc[("b", "lr")]
    assert (matters["n"], matters["k"]) == (6, 3)
    assert matters["p"] == pytest.approx(2 / 2**6)
    assert matters["p_holm"] == pytest.approx(2 * matters["p"])
    assert matters["trend"] == pytest.approx(0.03, abs=0.003)
    assert matters["p_trend"] < 0.001
    assert by_name.loc[("a", "lr"), "p"] > 0.05
    assert by_name.loc[("b", "dropout"), ["trend", "p_trend"]].isna().all()


def test_trend_by_scipy(accuracies, results_of, levels):
    row = omnibus(results_of(accuracies), levels, rules=RULES, seed=0).iloc[2]
    values = np.array([accuracies["b", name] for name in ("lr=0.0001", "reference", "lr=0.001")])
    of_replicates = (values[2] - values[0]) / 2
    assert row["trend"] == pytest.approx(of_replicates.mean())
    assert row["p_trend"] == pytest.approx(stats.ttest_1samp(of_replicates, 0).pvalue)


def test_only_replicates_with_every_level_count(accuracies, results_of, levels):
    results = results_of(accuracies)
    short = results[~((results["setting"] == "lr=0.001") & (results["replicate"] == 2))]
    table = omnibus(short, levels, rules=replace(RULES, ordered_factors=()), seed=0).set_index(
        ["model", "factor"]
    )
    assert table["n"].to_dict() == {
        ("a", "lr"): 5,
        ("a", "dropout"): 6,
        ("b", "lr"): 5,
        ("b", "dropout"): 6,
    }


def test_order_of_rows_does_not_matter(accuracies, results_of, levels):
    results = results_of(accuracies)
    tables = [
        omnibus(rows, levels, rules=RULES, seed=0)
        for rows in (results, results.sample(frac=1, random_state=1))
    ]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_drawn_p_values_depend_on_the_seed_and_on_no_other_model(rng, results_of, levels):
    settings = ("lr=0.0001", "reference", "lr=0.001", "dropout=0.3")
    accuracies = {(model, name): rng.uniform(size=22) for model in "ab" for name in settings}
    results = results_of(accuracies)
    both = omnibus(results, levels, rules=replace(RULES, ordered_factors=()), seed=0)
    alone = omnibus(
        results[results["model"] == "b"], levels, rules=replace(RULES, ordered_factors=()), seed=0
    )
    other = omnibus(results, levels, rules=replace(RULES, ordered_factors=()), seed=1)
    assert both.loc[2, "p"] == alone.loc[0, "p"]
    assert both.loc[2, "p"] != other.loc[2, "p"]


def test_one_replicate_gives_no_p(results_of, levels):
    results = results_of({("a", name): [0.5] for name in ("lr=0.0001", "reference", "lr=0.001")})
    row = omnibus(results, levels, rules=RULES, seed=0).iloc[0]
    assert row["n"] == 1
    assert row[["f", "p", "p_holm", "p_trend"]].isna().all()


def test_no_shared_replicate_gives_no_row_of_numbers(results_of, levels):
    results = results_of({("a", "reference"): [0.5, 0.6]})
    table = omnibus(results, levels, rules=RULES, seed=0)
    assert list(table["n"]) == [0, 0]
    assert table[["f", "p", "trend"]].isna().all(axis=None)
