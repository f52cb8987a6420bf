"""How often each setting is on top."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from study.analysis.selection.top_settings import top_settings
from tests.analysis.rules import RULES

SETTINGS = pd.DataFrame({"setting": ["reference", "s1", "s2", "s3"]})


def of(results):
    return top_settings(results, SETTINGS, rules=RULES).set_index(["model", "setting"])


def test_replicates_on_top_are_counted_with_their_exact_interval(results_of):
    results = results_of(
        {
            ("a", "s1"): [0.7, 0.7, 0.5, 0.7, 0.7],
            ("a", "reference"): [0.6, 0.6, 0.6, 0.6, 0.6],
            ("b", "s2"): [0.6, 0.6],
        }
    )
    results["test_accuracy"] = 1 - results["valid_accuracy"]
    table = of(results)
    assert table.index.tolist() == [("a", "reference"), ("a", "s1"), ("b", "s2")]
    assert table[["n", "times_top", "share_top"]].to_numpy().tolist() == [[5, 1, 0.2], [5, 4, 0.8], [2, 2, 1]]
    for (_, row), count in zip(table.iterrows(), (1, 4, 2), strict=True):
        expected = proportion_confint(count, row["n"], alpha=0.05, method="beta")
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(expected)


def test_settings_that_tie_at_the_top_all_count(results_of):
    table = of(results_of({("a", "reference"): [0.6, 0.5], ("a", "s1"): [0.6, 0.6], ("a", "s2"): [0.6, 0.1]}))
    assert table["times_top"].tolist() == [1, 2, 1]
    assert table["share_top"].tolist() == [0.5, 1.0, 0.5]


def test_a_diverged_run_is_never_on_top(results_of):
    table = of(results_of({("a", "s1"): [np.nan, 0.5], ("a", "s2"): [0.1, 0.1]}))
    assert table["times_top"].tolist() == [1, 1]


def test_a_replicate_that_a_setting_lacks_is_left_out_and_order_does_not_matter(results_of):
    results = results_of({("a", "s1"): [0.7, 0.5, 0.7], ("a", "s2"): [0.6, 0.6]})
    assert of(results)["n"].tolist() == [2, 2]
    shuffled = results.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(of(results), of(shuffled), check_exact=True)


def test_one_replicate_has_a_share_without_an_interval(results_of):
    row = of(results_of({("a", "s1"): [0.7], ("a", "s2"): [0.6]})).iloc[0]
    assert row["share_top"] == 1
    assert np.isnan([row["ci_low"], row["ci_high"]]).all()


def test_equal_settings_are_on_top_equally_often(rng, results_of):
    results = results_of({("a", f"s{k}"): rng.normal(0.6, 0.01, 900) for k in (1, 2, 3)})
    table = of(results)
    assert table["share_top"].to_numpy() == pytest.approx(1 / 3, abs=0.06)
    assert ((table["ci_low"] < 1 / 3) & (table["ci_high"] > 1 / 3)).sum() >= 2
