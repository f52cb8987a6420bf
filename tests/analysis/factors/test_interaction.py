"""Interaction of models and levels."""

import itertools

import numpy as np
import pandas as pd
import pytest

from study.analysis.factors.interaction import interaction
from study.analysis.statistics import permutation as module
from study.analysis.statistics.blocks import interaction_effects
from study.analysis.statistics.permutation import signflip_vectors
from tests.analysis.rules import RULES

SETTINGS = ("reference", "lr=0.0001", "lr=0.001", "dropout=0.3")


def table_of(results_of, effect, rng, n=8, noise=0.004):
    return results_of(
        {
            (model, setting): 0.5 + 0.1 * i + 0.02 * j + effect(i, j) + noise * rng.normal(size=n)
            for i, model in enumerate("abc")
            for j, setting in enumerate(SETTINGS)
        }
    )


def test_additive_effects_are_no_interaction(rng, results_of, levels):
    table = interaction(table_of(results_of, lambda *_: 0, rng), levels, rules=RULES, seed=0)
    assert table["factor"].tolist() == ["lr", "dropout"]
    assert (table["p"] > 0.05).all()
    assert table[["n", "n_models", "n_levels"]].to_numpy().tolist() == [[8, 3, 3], [8, 3, 2]]


def test_one_model_that_answers_otherwise_is_found_and_named(rng, results_of, levels):
    table = interaction(
        table_of(results_of, lambda i, j: 0.06 * (i == 2 and j == 2), rng), levels, rules=RULES, seed=0
    )
    row = table.set_index("factor").loc["lr"]
    assert row["p_holm"] < 0.05
    assert (row["largest_model"], row["largest_level"]) == ("c", "0.001")
    assert row["largest"] == pytest.approx(0.06 * (2 / 3) * (2 / 3), abs=0.006)
    assert row["f"] > 10


def test_row_and_column_means_are_gone(rng):
    left = interaction_effects(rng.normal(size=(5, 3, 4)))
    assert np.abs(left.mean(axis=1)).max() < 1e-12
    assert np.abs(left.mean(axis=2)).max() < 1e-12


def test_p_is_that_of_all_flips_by_hand(rng):
    left = interaction_effects(rng.normal(size=(6, 3, 2)) + rng.normal(size=(3, 2)))
    observed = (left.sum(axis=0) ** 2).sum()
    by_hand = [
        ((np.array(signs)[:, None, None] * left).sum(axis=0) ** 2).sum() >= observed - 1e-9
        for signs in itertools.product((-1, 1), repeat=6)
    ]
    assert signflip_vectors(left, rng=rng) == pytest.approx(np.mean(by_hand))


def test_a_replicate_that_a_model_lacks_is_left_out_and_counted(rng, results_of, levels):
    results = table_of(results_of, lambda *_: 0, rng)
    missing = (results["model"] == "b") & (results["setting"] == "lr=0.001") & (results["replicate"] == 3)
    table = interaction(results[~missing], levels, rules=RULES, seed=0).set_index("factor")
    assert table["n"].to_dict() == {"lr": 7, "dropout": 8}


@pytest.mark.parametrize("models", ["a", ""])
def test_one_model_has_no_interaction(rng, results_of, levels, models):
    results = table_of(results_of, lambda *_: 0, rng)
    assert interaction(results[results["model"].isin(list(models))], levels, rules=RULES, seed=0).empty


def test_one_replicate_has_no_p(rng, results_of, levels):
    table = interaction(table_of(results_of, lambda *_: 0, rng, n=1), levels, rules=RULES, seed=0)
    assert table[["f", "p", "p_holm"]].isna().all(axis=None)


def test_the_order_of_rows_changes_nothing(rng, results_of, levels):
    results = table_of(results_of, lambda *_: 0, rng)
    shuffled = interaction(results.sample(frac=1, random_state=0), levels, rules=RULES, seed=0)
    pd.testing.assert_frame_equal(
        interaction(results, levels, rules=RULES, seed=0), shuffled, check_exact=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 10, 20])
def test_false_positives_are_as_often_as_declared(n, monkeypatch):
    monkeypatch.setattr(module, "EXACT_SIGNS", 10)
    rng = np.random.default_rng(3)
    trials = 400
    rejected = sum(
        signflip_vectors(interaction_effects(rng.normal(size=(n, 3, 4))), rng=rng) < 0.0626
        for _ in range(trials)
    )
    nominal = 0.0625 if n == 5 else 0.0626
    assert rejected / trials == pytest.approx(nominal, abs=0.025)
