"""Spread against spread: the interval by inversion of the test, Brown-Forsythe of NIST."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from study.analysis.statistics.multiplicity import adjust
from study.analysis.statistics.spreads import compare_spread
from study.analysis.variability.spreads import spreads_of_levels, spreads_of_models
from tests.analysis.rules import RULES


@pytest.fixture
def sides(rng):
    common = rng.normal(size=12)
    return 0.6 + 0.02 * (common + rng.normal(size=12)), 0.6 + 0.01 * (common + 0.3 * rng.normal(size=12))


def test_the_interval_holds_the_ratios_that_the_test_does_not_reject(sides):
    """Divide one side by a ratio: where the test then gives p = alpha is an end of the interval."""
    first, second = sides
    row = compare_spread(first, second, alpha=0.05)

    def p(ratio):
        scaled = first / ratio
        return stats.pearsonr(scaled - second, scaled + second).pvalue - 0.05

    low = optimize.brentq(p, row["ratio"] / 100, row["ratio"])
    high = optimize.brentq(p, row["ratio"], row["ratio"] * 100)
    assert (row["ratio_ci_low"], row["ratio_ci_high"]) == pytest.approx((low, high), rel=1e-8)
    assert row["ratio"] == pytest.approx(first.std(ddof=1) / second.std(ddof=1))
    assert row["p_pitman_morgan"] == pytest.approx(stats.pearsonr(first - second, first + second).pvalue)


def test_p_and_interval_agree_on_a_ratio_of_one(rng):
    for _ in range(50):
        first, second = rng.normal(size=(2, 6)) * [[rng.uniform(0.5, 3)], [1]]
        row = compare_spread(first, second, alpha=0.05)
        assert (row["p_pitman_morgan"] < 0.05) == (not row["ratio_ci_low"] < 1 < row["ratio_ci_high"])


def test_swapping_the_sides_inverts_the_ratio(sides):
    one, other = compare_spread(*sides, alpha=0.05), compare_spread(*sides[::-1], alpha=0.05)
    assert one["ratio"] == pytest.approx(1 / other["ratio"])
    assert one["ratio_ci_low"] == pytest.approx(1 / other["ratio_ci_high"])
    assert one["p_pitman_morgan"] == pytest.approx(other["p_pitman_morgan"])
    assert one["p_brown_forsythe"] == pytest.approx(other["p_brown_forsythe"])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([0.5], [0.6]),
        ([0.5, 0.6], [0.5, 0.7]),
        ([0.5] * 4, [0.5, 0.6, 0.7, 0.8]),
        ([0.1, np.nan, 0.3], [1, 2, 3]),
    ],
)
def test_what_cannot_be_compared_has_no_ratio(first, second):
    row = compare_spread(np.array(first, float), np.array(second, float), alpha=0.05)
    assert np.isnan(
        [row["ratio"], row["ratio_ci_low"], row["p_pitman_morgan"], row["p_brown_forsythe"]]
    ).all()


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 10, 20])
def test_coverage_and_false_positives_are_what_they_say(n):
    rng = np.random.default_rng(7)
    inside = rejected = 0
    trials = 600
    for _ in range(trials):
        common = rng.normal(size=n)
        first, second = 2 * (common + rng.normal(size=n)), common + rng.normal(size=n)
        row = compare_spread(first, second, alpha=0.05)
        inside += row["ratio_ci_low"] < 2 < row["ratio_ci_high"]
        rejected += compare_spread(first / 2, second, alpha=0.05)["p_pitman_morgan"] < 0.05
    assert inside / trials == pytest.approx(0.95, abs=0.03)
    assert rejected / trials == pytest.approx(0.05, abs=0.03)


def test_models_in_pairs_and_levels_against_the_reference(rng, results_of, levels):
    confirm = results_of(
        {(m, "s"): 0.5 + s * rng.normal(size=8) for m, s in (("a", 0.01), ("b", 0.03), ("c", 0.01))},
        "confirm",
    )
    explore = results_of(
        {
            (m, s): 0.5 + 0.01 * rng.normal(size=8)
            for m in "ab"
            for s in ("reference", "lr=0.0001", "lr=0.001", "dropout=0.3")
        }
    )
    results = pd.concat([confirm, explore], ignore_index=True)
    models = spreads_of_models(results, rules=RULES)
    assert models[["model", "other"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert models["p_holm"].to_numpy() == pytest.approx(
        adjust(models["p_pitman_morgan"].to_numpy(), correction="holm")
    )
    table = spreads_of_levels(results, levels, rules=RULES)
    assert table["level"].tolist() == ["0.0001", "0.001", "0.3"] * 2
    row = table.iloc[0]
    values = explore[(explore["model"] == "a") & (explore["setting"] == "lr=0.0001")]["test_accuracy"]
    assert row["sd"] == pytest.approx(values.std())
    assert row["reference_level"] == "0.0005"
    shuffled = results.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(table, spreads_of_levels(shuffled, levels, rules=RULES), check_exact=True)


def test_one_replicate_gives_rows_without_a_ratio(results_of, levels):
    results = results_of({("a", "reference"): [0.5], ("a", "lr=0.001"): [0.6]})
    assert spreads_of_levels(results, levels, rules=RULES)["ratio"].isna().all()
    assert spreads_of_models(results, rules=RULES).empty
