"""Replicates needed, against R and by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis.correctness import Correctness
from study.analysis.statistics.power import replicates_needed
from study.analysis.variability.seeds_needed import EFFECTS, seeds_needed
from tests.analysis.rules import RULES


def test_the_number_is_that_of_r():
    """R package pwr gives 26.14 for d = .5, one side of alpha .05, which is nearly two sides of .10."""
    assert replicates_needed(0.5, 1.0, alpha=0.10, power=0.8) == 27
    assert replicates_needed(1.0, 1.0, alpha=0.05, power=0.8) == 10
    assert replicates_needed(1.69, 1.0, alpha=0.05, power=0.8) == 5


def test_ten_times_the_spread_needs_about_a_hundred_times_the_replicates():
    few = replicates_needed(0.01, 0.02, alpha=0.05, power=0.8)
    many = replicates_needed(0.01, 0.2, alpha=0.05, power=0.8)
    assert many / few == pytest.approx(100, rel=0.1)


def test_the_ends():
    assert replicates_needed(0.01, 0.0, alpha=0.05, power=0.8) == 2
    assert replicates_needed(1.0, 1e-9, alpha=0.05, power=0.8) == 2
    assert np.isnan(replicates_needed(0.01, np.nan, alpha=0.05, power=0.8))
    assert np.isnan(replicates_needed(1e-6, 1.0, alpha=0.05, power=0.8))


@pytest.mark.slow
def test_so_many_replicates_find_the_effect_as_often_as_promised():
    rng = np.random.default_rng(1)
    n = int(replicates_needed(0.5, 1.0, alpha=0.05 / 3, power=0.8))
    found = stats.ttest_1samp(rng.normal(0.5, 1, (20_000, n)), 0, axis=1).pvalue < 0.05 / 3
    fewer = stats.ttest_1samp(rng.normal(0.5, 1, (20_000, n - 1)), 0, axis=1).pvalue < 0.05 / 3
    assert found.mean() >= 0.79
    assert fewer.mean() < 0.81


def test_families_and_the_floor_of_the_images(rng, results_of, levels):
    n, m = 10, 2000
    matrices = {
        (model, setting): rng.random((n, m)) < 0.6
        for model in "abc"
        for setting in ("reference", "lr=0.0001", "lr=0.001", "dropout=0.3")
    }
    explore = results_of({key: matrix.mean(1) for key, matrix in matrices.items()})
    confirm = results_of({(m_, "reference"): matrices[m_, "reference"].mean(1) for m_ in "abc"}, "confirm")
    correct = Correctness(
        np.concatenate([*matrices.values(), *(matrices[model, "reference"] for model in "abc")]),
        (*explore["run"], *confirm["run"]),
    )
    table = seeds_needed(pd.concat([explore, confirm]), levels, correct, rules=RULES)
    models = table[table["kind"] == "models"]
    assert models["name"].unique().tolist() == ["a − b", "a − c", "b − c"]
    assert (models["family"] == 3).all()
    assert (table[table["kind"] == "levels"]["family"] == 3).all()
    assert table["points"].tolist()[:4] == ["0.1", "0.25", "0.5", "1"]
    assert (table.groupby(["kind", "name"])["n_needed"].diff().dropna() <= 0).all()
    difference = (
        confirm[confirm["model"] == "a"]["test_accuracy"].to_numpy()
        - confirm[confirm["model"] == "b"]["test_accuracy"].to_numpy()
    )
    first = models.iloc[2]
    assert first["sd"] == pytest.approx(difference.std(ddof=1))
    assert first["n_needed"] == replicates_needed(EFFECTS[2], first["sd"], alpha=0.05 / 3, power=0.8)


def test_one_replicate_leaves_the_number_unknown(results_of, levels):
    results = results_of({("a", "reference"): [0.5], ("a", "lr=0.001"): [0.6]})
    table = seeds_needed(
        results, levels, Correctness(np.ones((2, 3), bool), tuple(results["run"])), rules=RULES
    )
    assert table[["n_needed", "sd", "image_floor"]].isna().all(axis=None)
