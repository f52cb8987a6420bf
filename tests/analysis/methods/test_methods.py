"""Methods compared by hand-worked numbers, and what is never concluded."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis import methods
from study.analysis.statistics.unpaired import welch
from study.tables.methods import MEASURED
from tests.analysis.rules import RULES

FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def measured(values, *, seeds=None, dataset=""):
    """A run for each value of each method; ``seeds`` by method, else from 0."""
    rows = [
        {"dataset": dataset, "method": method, "seed": str(seed), "value": float(value)}
        for method, of_method in values.items()
        for seed, value in zip((seeds or {}).get(method, range(len(of_method))), of_method, strict=True)
    ]
    return MEASURED.conform(pd.DataFrame(rows))


def compared(table, *, rules=RULES, lower=False, reference=""):
    return methods.tables(table, rules=rules, lower_is_better=lower, reference=reference)["compared"]


def only(table, **named):
    (row,) = compared(table, **named).to_dict("records")
    return row


def test_matching_seeds_are_paired():
    row = only(measured({"a": FIRST, "b": SECOND}))
    assert (row["method"], row["other"], row["design"], row["n"]) == ("b", "a", "paired", 10)
    assert row["p"] == pytest.approx(0.002833, abs=5e-7)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.7001, 2.4599), abs=5e-5)
    assert row["wins"] == 0.95
    assert row["effect"] == pytest.approx(4.0621 / np.sqrt(10), abs=5e-5)


def test_other_seeds_are_compared_by_welch():
    row = only(measured({"a": FIRST, "b": SECOND}, seeds={"b": range(10, 20)}))
    known = stats.ttest_ind(SECOND, FIRST, equal_var=False)
    assert row["design"] == "unpaired"
    assert row["p"] == pytest.approx(0.07939, abs=5e-6)
    interval = known.confidence_interval()
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((interval.low, interval.high))
    assert row["effect"] == pytest.approx(0.7970, abs=5e-5)
    assert np.isnan(row["wins"])


def test_one_seed_more_is_no_pair():
    row = only(measured({"a": FIRST, "b": SECOND[:9]}))
    assert (row["design"], row["n"], row["n_other"]) == ("unpaired", 9, 10)


def test_a_diverged_run_leaves_the_others_paired():
    row = only(measured({"a": [*FIRST[:9], np.nan], "b": SECOND}))
    assert (row["design"], row["n"]) == ("paired", 9)
    table = methods.tables(
        measured({"a": [*FIRST[:9], np.nan], "b": SECOND}), rules=RULES, lower_is_better=False
    )
    counts = table["methods"].set_index("method")
    assert counts["n_diverged"].to_dict() == {"b": 0, "a": 1}
    assert counts["n"].to_dict() == {"b": 10, "a": 9}


def test_both_directions_are_corrected_over_the_family():
    rng = np.random.default_rng(3)
    base = rng.normal(0.7, 0.01, 10)
    table = measured({name: base + rng.normal(0, 0.003, 10) for name in "abcd"})
    rows = compared(table)
    assert len(rows) == 6
    for raw, corrected in (("p", "p_holm"), ("p_tost", "p_tost_holm")):
        ordered = rows.sort_values(raw)
        expected = np.minimum(1, np.maximum.accumulate(ordered[raw] * np.arange(6, 0, -1)))
        assert ordered[corrected].to_numpy() == pytest.approx(expected.to_numpy())
    assert (rows["simultaneous_high"] - rows["simultaneous_low"] > rows["ci_high"] - rows["ci_low"]).all()


def test_a_reference_is_compared_with_every_other_method():
    rng = np.random.default_rng(3)
    rows = compared(measured({name: rng.normal(0, 1, 5) for name in "abcd"}), reference="c")
    assert set(rows["method"]) == {"a", "b", "d"}
    assert set(rows["other"]) == {"c"}


def test_no_margin_means_no_equivalence():
    table = measured({"a": np.linspace(0, 1e-6, 20), "b": np.linspace(0, 1e-6, 20)[::-1]})
    assert only(table, rules=replace(RULES, margin=0.0))["verdict"] == "inconclusive"
    assert only(table)["verdict"] == "equivalent"


@pytest.mark.parametrize("n", [2, 3, 4, 5])
@pytest.mark.parametrize("shift", [0.0, 0.001])
def test_no_verdict_from_a_variance_of_zero_at_few_seeds(n, shift):
    base = np.linspace(0.7, 0.8, n)
    row = only(measured({"a": base, "b": base + shift}))
    assert row["verdict"] == "inconclusive"
    assert np.isnan(row["ci_low"])
    unpaired = only(measured({"a": [0.7] * n, "b": [0.7 + shift] * n}, seeds={"b": range(50, 50 + n)}))
    assert unpaired["verdict"] == "inconclusive"


def test_lower_is_better_turns_order_and_wins():
    row = only(measured({"a": FIRST, "b": SECOND}), lower=True)
    assert (row["method"], row["other"], row["wins"]) == ("a", "b", 0.95)
    assert row["diff"] < 0


def test_how_often_a_method_is_best_and_the_places_left_open():
    table = measured(
        {"a": [1, 2, 3, 4, 5, 6], "b": [1.1, 2, 3.1, 4.2, 5.1, 6.1], "c": [9.1, 9, 9.3, 9, 9.1, 9]}
    )
    rows = methods.tables(table, rules=RULES, lower_is_better=False)["methods"].set_index("method")
    assert rows["times_top"].to_dict() == {"c": 6, "b": 0, "a": 0}
    assert rows["n_shared"].tolist() == [6, 6, 6]
    assert rows.loc["c", ["rank_low", "rank_high"]].tolist() == [1, 1]
    assert rows.loc["a", "rank_high"] == 3


def test_the_average_over_data_sets_counts_each_set_once():
    rng = np.random.default_rng(5)
    sets = [
        measured({"a": rng.normal(0, 0.1, n), "b": rng.normal(0, 0.1, n) + shift}, dataset=f"set{n}")
        for n, shift in ((5, 1.0), (50, 2.0), (6, 3.0))
    ]
    table = pd.concat(sets, ignore_index=True)
    found = methods.tables(table, rules=RULES, lower_is_better=False)
    means = table.pivot_table(index="dataset", columns="method", values="value")
    known = stats.ttest_rel(means["b"], means["a"])
    (row,) = found["across"].to_dict("records")
    assert (row["method"], row["n"], row["wins"]) == ("b", 3, 1.0)
    assert row["p"] == pytest.approx(known.pvalue)
    assert row["ci_low"] == pytest.approx(known.confidence_interval().low)
    assert found["ranked"]["mean_rank"].tolist() == [1.0, 2.0]
    assert len(found["compared"]) == 3


def test_equal_means_share_their_rank():
    sets = [measured({"a": [1, 2], "b": [2, 1], "c": [0, 0.5]}, dataset=name) for name in "xy"]
    ranked = methods.ranked(pd.concat(sets, ignore_index=True), rules=RULES, lower_is_better=False)
    assert ranked.set_index("method")["mean_rank"].to_dict() == {"a": 1.5, "b": 1.5, "c": 3.0}


def test_the_detectable_difference_is_found_with_the_power_that_is_said():
    row = only(measured({"a": FIRST, "b": SECOND}, seeds={"b": range(10, 20)}))
    known = welch(np.array(SECOND), np.array(FIRST))
    shift, quantile = row["mde"] / known.se, stats.t.ppf(0.975, known.df)
    power = stats.nct.sf(quantile, known.df, shift) + stats.nct.cdf(-quantile, known.df, shift)
    assert power == pytest.approx(0.8, abs=1e-6)
