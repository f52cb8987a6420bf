"""Levels against the reference."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis.correctness import Correctness
from study.analysis.factors.comparisons import compare_levels
from study.analysis.statistics.crossed import crossed_difference
from study.analysis.statistics.multiplicity import adjust
from tests.analysis.rules import RULES as DEFAULT

RULES = replace(DEFAULT, margin=0.01)
SETTINGS = ("reference", "lr=0.0001", "lr=0.001", "dropout=0.3")
N = 8


@pytest.fixture
def runs(rng, results_of):
    """Two models of one test split: lr=0.0001 is far worse, and dropout=0.3 is the reference itself."""
    image = rng.normal(size=500)
    correct = {}
    for model in ("b", "a"):
        for setting, shift in zip(SETTINGS, (0.6, 0.2, 0.65, 0.6), strict=True):
            correct[model, setting] = image + rng.normal(size=(N, 500)) * 0.4 < shift
        correct[model, "dropout=0.3"] = correct[model, "reference"]
    results = results_of({key: matrix.mean(axis=1) for key, matrix in correct.items()})
    matrix = Correctness(np.concatenate([*correct.values()]), tuple(results["run"]))
    return results, correct, {"test_accuracy": matrix, "valid_accuracy": matrix}


def test_one_row_a_level_in_order(runs, levels):
    results, _, correct = runs
    table = compare_levels(results, levels, correct, rules=RULES, seed=0)
    names = table[["metric", "model", "factor", "level", "reference_level"]].to_numpy().tolist()
    assert names == [
        [metric, model, factor, level, reference]
        for metric in ("test_accuracy", "valid_accuracy", "train_accuracy")
        for model in "ab"
        for factor, level, reference in (
            ("lr", "0.0001", "0.0005"),
            ("lr", "0.001", "0.0005"),
            ("dropout", "0.3", "0.5"),
        )
    ]


def test_numbers_of_one_comparison(runs, levels):
    results, correct, matrix = runs
    table = compare_levels(results, levels, matrix, rules=RULES, seed=0)
    row = table[(table["model"] == "b") & (table["level"] == "0.0001")].iloc[0]
    level, reference = correct["b", "lr=0.0001"], correct["b", "reference"]
    difference = level.mean(axis=1) - reference.mean(axis=1)
    assert row["n"] == N
    assert row["diff"] == pytest.approx(difference.mean())
    assert row["p_t"] == pytest.approx(stats.ttest_1samp(difference, 0).pvalue)
    assert (row["image_ci_low"], row["image_ci_high"]) == crossed_difference(level, reference, alpha=0.05)
    assert row["verdict"] == "different"


def test_holm_takes_one_model_and_one_metric_in_both_directions(runs, levels):
    results, _, correct = runs
    table = compare_levels(results, levels, correct, rules=RULES, seed=0)
    for (_, metric), family in table.groupby(["model", "metric"]):
        assert len(family) == 3
        images = metric != "train_accuracy"
        for p, corrected in (
            ("p_images" if images else "p_t", "p_holm"),
            ("p_tost_images" if images else "p_tost", "p_tost_holm"),
        ):
            expected = adjust(family[p].to_numpy(), correction="holm")
            assert family[corrected].to_numpy() == pytest.approx(expected)


def test_a_level_that_changes_nothing_is_equivalent(runs, levels):
    results, _, correct = runs
    table = compare_levels(results, levels, correct, rules=RULES, seed=0)
    same = table[table["level"] == "0.3"]
    assert set(same["verdict"]) == {"equivalent"}
    assert (same["diff"] == 0).all()


def test_images_matter_for_test_and_validation_accuracy(runs, levels):
    results, _, correct = runs
    table = compare_levels(results, levels, correct, rules=RULES, seed=0).set_index("metric")
    known = ["image_ci_low", "p_images", "p_tost_images"]
    assert table.loc[["test_accuracy", "valid_accuracy"], known].notna().all(axis=None)
    assert table.loc["train_accuracy", known].isna().all(axis=None)


def test_order_of_rows_does_not_matter(runs, levels):
    results, _, correct = runs
    tables = [
        compare_levels(rows, levels, correct, rules=RULES, seed=0)
        for rows in (results, results.sample(frac=1, random_state=3))
    ]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_a_missing_run_leaves_its_own_comparisons_alone(runs, levels):
    results, _, correct = runs
    gone = (results["model"] == "a") & (results["setting"] == "lr=0.001") & (results["replicate"] == 3)
    whole = compare_levels(results, levels, correct, rules=RULES, seed=0)
    short = compare_levels(results[~gone], levels, correct, rules=RULES, seed=0)
    changed = (whole["model"] == "a") & (whole["level"] == "0.001")
    assert set(short.loc[changed, "n"]) == {N - 1}
    columns = ["n", "diff", "ci_low", "image_ci_low", "p_t", "p_signflip"]
    pd.testing.assert_frame_equal(short.loc[~changed, columns], whole.loc[~changed, columns])


def test_confirm_runs_are_not_compared(runs, levels, results_of):
    results, _, correct = runs
    confirm = results_of({("a", "lr=0.001"): [0.0] * N}, phase="confirm")
    both = pd.concat([results, confirm], ignore_index=True)
    pd.testing.assert_frame_equal(
        compare_levels(both, levels, correct, rules=RULES, seed=0),
        compare_levels(results, levels, correct, rules=RULES, seed=0),
    )


def test_a_level_without_runs_has_a_row_without_numbers(runs, levels):
    results, _, correct = runs
    table = compare_levels(results[results["setting"] != "lr=0.001"], levels, correct, rules=RULES, seed=0)
    row = table[(table["level"] == "0.001")].iloc[0]
    assert (row["n"], row["verdict"]) == (0, "inconclusive")
    assert np.isnan(row["diff"])


def test_a_factor_without_reference_is_named(runs, levels):
    results, _, correct = runs
    with pytest.raises(ValueError, match="factor dropout: expected a reference level"):
        compare_levels(results, levels[levels["level"] != "0.5"], correct, rules=RULES, seed=0)


def test_a_single_replicate_leaves_everything_open(runs, levels):
    results, _, correct = runs
    table = compare_levels(results[results["replicate"] == 0], levels, correct, rules=RULES, seed=0)
    assert set(table["n"]) == {1}
    assert set(table["verdict"]) == {"inconclusive"}
    assert table["p_holm"].isna().all()
