"""Ranks of the confirmed models."""

import numpy as np

from study.analysis.best.ranks import models_omnibus, ranks


def confirmed(results_of, values):
    return results_of({(model, "s"): row for model, row in zip("abcd", values, strict=False)}, "confirm")


def test_rank_one_is_the_highest_accuracy(results_of, rng):
    values = np.array([0.5, 0.7, 0.6])[:, None] + 0.01 * rng.normal(size=(3, 10))
    table = ranks(confirmed(results_of, values)).set_index("model")
    assert table["mean_rank"].to_dict() == {"a": 3, "b": 1, "c": 2}


def test_models_that_differ_are_found(results_of, rng):
    values = np.array([0.5, 0.52, 0.54])[:, None] + 0.005 * rng.normal(size=(3, 8))
    table = models_omnibus(confirmed(results_of, values), seed=0)
    assert table["p"].iloc[0] < 0.01
    assert table[["n", "k"]].to_numpy().tolist() == [[8, 3]]
    assert models_omnibus(confirmed(results_of, values[:1]), seed=0).empty
