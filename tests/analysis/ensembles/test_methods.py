"""Ensembles against the best single model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis.ensembles.methods import compare_ensembles
from study.analysis.headline import headline
from study.analysis.statistics.crossed import crossed_difference, crossed_interval
from study.analysis.statistics.multiplicity import adjust
from study.tables.definitions import BEST, ENSEMBLE_RUNS
from tests.analysis.rules import RULES as DEFAULT

RULES = replace(DEFAULT, margin=0.01)
SHIFTS = {"stacking": 0.9, "hard voting": 0.6, "single": 0.6, "soft voting": 0.62}


@pytest.fixture
def correct(rng):
    image = rng.normal(size=300)
    return {method: image + rng.normal(size=(6, 300)) * 0.4 < shift for method, shift in SHIFTS.items()}


@pytest.fixture
def runs(correct):
    rows = [
        {
            "method": method,
            "replicate": replicate,
            "n_members": 3,
            "valid_accuracy": 0.8,
            "valid_log_loss": np.nan,
            "test_accuracy": matrix[replicate].mean(),
            "test_log_loss": np.nan,
            "test_calibration_error": np.nan,
            "predictions_sha256": "0",
        }
        for method, matrix in correct.items()
        for replicate in range(6)
    ]
    return ENSEMBLE_RUNS.conform(pd.DataFrame(rows))


def test_numbers_of_one_method(runs, correct):
    table = compare_ensembles(runs, correct, best_single="a", rules=RULES, seed=0).set_index("method")
    assert list(table.index) == ["hard voting", "single", "soft voting", "stacking"]
    row = table.loc["stacking"]
    stacking, single = correct["stacking"], correct["single"]
    difference = stacking.mean(axis=1) - single.mean(axis=1)
    assert (row["best_single"], row["n"], row["verdict"]) == ("a", 6, "different")
    assert row["mean"] == pytest.approx(stacking.mean())
    assert row["diff"] == pytest.approx(difference.mean())
    assert row["p_t"] == pytest.approx(stats.ttest_1samp(difference, 0).pvalue)
    assert (row["image_ci_low"], row["image_ci_high"]) == crossed_interval(stacking, alpha=0.05)
    expected = crossed_difference(stacking, single, alpha=0.05)
    assert (row["diff_image_ci_low"], row["diff_image_ci_high"]) == expected


def test_holm_takes_the_three_methods(runs, correct):
    table = compare_ensembles(runs, correct, best_single="a", rules=RULES, seed=0)
    family = table[table["method"] != "single"]
    assert family["p_holm"].to_numpy() == pytest.approx(
        adjust(family["p_images"].to_numpy(), correction="holm")
    )


def test_the_single_model_is_the_baseline(runs, correct):
    row = (
        compare_ensembles(runs, correct, best_single="a", rules=RULES, seed=0)
        .set_index("method")
        .loc["single"]
    )
    assert row["verdict"] == "baseline"
    assert row["mean"] == pytest.approx(correct["single"].mean())
    assert row[["diff", "wins", "p_t", "p_holm", "p_tost"]].isna().all()


def test_order_of_rows_does_not_matter(runs, correct):
    tables = [
        compare_ensembles(rows, correct, best_single="a", rules=RULES, seed=0)
        for rows in (runs, runs.sample(frac=1, random_state=4))
    ]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_pairs_meet_by_replicate(runs, correct):
    gone = (runs["method"] == "single") & (runs["replicate"] == 2)
    fewer = {**correct, "single": np.delete(correct["single"], 2, axis=0)}
    row = (
        compare_ensembles(runs[~gone], fewer, best_single="a", rules=RULES, seed=0)
        .set_index("method")
        .loc["stacking"]
    )
    kept = [0, 1, 3, 4, 5]
    sides = correct["stacking"][kept], correct["single"][kept]
    assert (row["diff_image_ci_low"], row["diff_image_ci_high"]) == crossed_difference(*sides, alpha=0.05)
    assert row["diff"] == pytest.approx(sides[0].mean() - sides[1].mean())
    assert row["n"] == 6


def test_without_a_single_model_there_is_nothing_to_compare_with(runs, correct):
    with pytest.raises(ValueError, match="expected the method single, received"):
        compare_ensembles(runs[runs["method"] != "single"], correct, best_single="a", rules=RULES, seed=0)


def test_a_row_a_replicate_is_asked_for(runs, correct):
    with pytest.raises(
        ValueError, match="correctness of stacking: expected 6 rows, one per replicate, received 5"
    ):
        compare_ensembles(
            runs, {**correct, "stacking": correct["stacking"][:5]}, best_single="a", rules=RULES, seed=0
        )
    del correct["stacking"]
    with pytest.raises(ValueError, match="received none"):
        compare_ensembles(runs, correct, best_single="a", rules=RULES, seed=0)


def test_a_single_model_alone_is_a_table_of_one_row(runs, correct):
    table = compare_ensembles(
        runs[runs["method"] == "single"], {"single": correct["single"]}, best_single="a", rules=RULES, seed=0
    )
    assert list(table["verdict"]) == ["baseline"]


@pytest.fixture
def best():
    row: dict[str, object] = {column: "x" if kind == "text" else 1 for column, kind in BEST.columns.items()}
    rows = [
        {**row, "model": "a", "mean": 0.6, "ci_low": 0.5, "ci_high": 0.7},
        {**row, "model": "b", "mean": 0.65, "ci_low": np.nan, "ci_high": np.nan},
    ]
    return BEST.conform(pd.DataFrame(rows))


def test_headline_numbers(runs, correct, best, results_of):
    results = results_of({("a", "reference"): [0.5, 0.6, 0.7]})
    results.loc[1, "status"] = "diverged"
    ensembles = compare_ensembles(runs, correct, best_single="a", rules=RULES, seed=0)
    means = {name: pytest.approx(correct[name].mean()) for name in correct}
    verdicts = pd.DataFrame(
        {
            "metric": ["test_accuracy", "test_accuracy", "test_accuracy", "valid_accuracy"],
            "verdict": ["different", "different", "different but trivial", "equivalent"],
        }
    )
    claims = pd.DataFrame({"verdict": ["supported", "refuted", "refuted", "not testable on this data"]})
    numbers = headline(results, best, ensembles, verdicts, claims)
    assert numbers == {
        "a_acc": 0.6,
        "a_high": 0.7,
        "a_low": 0.5,
        "b_acc": 0.65,
        "claims_not_testable_on_this_data": 1.0,
        "claims_refuted": 2.0,
        "claims_supported": 1.0,
        "diverged": 1.0,
        "ensemble_acc": means["stacking"],
        "hard_voting_acc": means["hard voting"],
        "runs": 3.0,
        "soft_voting_acc": means["soft voting"],
        "stacking_acc": means["stacking"],
        "verdict_different": 2.0,
        "verdict_different_but_trivial": 1.0,
    }
    assert list(numbers) == sorted(numbers)


def test_headline_without_ensembles(runs, correct, best, results_of):
    alone = compare_ensembles(
        runs[runs["method"] == "single"], {"single": correct["single"]}, best_single="a", rules=RULES, seed=0
    )
    none = pd.DataFrame({"metric": [], "verdict": []})
    numbers = headline(results_of({("a", "reference"): [0.5]}), best, alone, none, none)
    assert not [name for name in numbers if "ensemble" in name or "single" in name]
