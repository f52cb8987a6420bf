"""Confirmed models in pairs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from study.analysis.best.pairs import compare_models
from study.analysis.correctness import Correctness
from study.analysis.statistics.crossed import crossed_difference
from study.analysis.statistics.multiplicity import adjust
from tests.analysis.rules import RULES as DEFAULT

RULES = replace(DEFAULT, margin=0.01)


@pytest.fixture
def runs(rng, results_of):
    image = rng.normal(size=400)
    shifts = {"c": 0.6, "a": 0.2, "b": 0.62}
    correct = {
        (model, "lr=0.001"): image + rng.normal(size=(7, 400)) * 0.4 < shift
        for model, shift in shifts.items()
    }
    accuracies = {key: matrix.mean(axis=1) for key, matrix in correct.items()}
    results = results_of(accuracies, phase="confirm")
    return results, accuracies, Correctness(np.concatenate([*correct.values()]), tuple(results["run"]))


def test_every_pair_once_in_alphabetical_order(runs):
    results, accuracies, correct = runs
    table = compare_models(results, correct, rules=RULES, seed=0)
    assert table[["model_a", "model_b"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    difference = accuracies["a", "lr=0.001"] - accuracies["b", "lr=0.001"]
    row = table.iloc[0]
    assert row["diff"] == pytest.approx(difference.mean())
    assert row["verdict"] == "different"
    assert row["image_ci_low"] < row["ci_low"]
    assert table["p_holm"].to_numpy() == pytest.approx(
        adjust(table["p_images"].to_numpy(), correction="holm")
    )


def test_simultaneous_intervals_share_alpha_among_the_pairs(runs):
    results, _, correct = runs
    row = compare_models(results, correct, rules=RULES, seed=0).iloc[2]
    sides = [correct.of(f"{model}/lr=0.001/confirm/{k}" for k in range(7)) for model in "bc"]
    expected = crossed_difference(*sides, alpha=0.05 / 3)
    assert (row["simultaneous_low"], row["simultaneous_high"]) == pytest.approx(expected)


def test_models_meet_by_replicate_whatever_the_order_of_rows(runs):
    results, _, correct = runs
    tables = [
        compare_models(rows, correct, rules=RULES, seed=0)
        for rows in (results, results.sample(frac=1, random_state=2))
    ]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_explore_runs_do_not_count(runs, results_of):
    results, _, correct = runs
    explore = results_of({("a", "lr=0.001"): [0.0] * 7})
    both = pd.concat([results, explore], ignore_index=True)
    pd.testing.assert_frame_equal(
        compare_models(both, correct, rules=RULES, seed=0),
        compare_models(results, correct, rules=RULES, seed=0),
    )


def test_one_model_has_no_pair(runs):
    results, _, correct = runs
    assert compare_models(results[results["model"] == "a"], correct, rules=RULES, seed=0).empty


def test_one_replicate_leaves_the_order_open(runs):
    results, _, correct = runs
    table = compare_models(results[results["replicate"] == 4], correct, rules=RULES, seed=0)
    assert set(table["verdict"]) == {"inconclusive"}
    assert table[["simultaneous_low", "image_ci_low", "p_holm"]].isna().all(axis=None)
