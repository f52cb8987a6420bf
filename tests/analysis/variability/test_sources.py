"""Variance by source, and seeds against images."""

import numpy as np
import pandas as pd
import pytest

from study.analysis.correctness import Correctness
from study.analysis.statistics.crossed import crossed_interval
from study.analysis.variability.sources import seeds_images, variance_sources
from tests.analysis.rules import RULES


def test_shares_are_of_the_variance_when_all_vary(results_of):
    values = {"init": [0.5, 0.52, 0.54], "order": [0.5, 0.51, 0.52], "all": [0.5, 0.56, 0.62]}
    results, varied = [], []
    for source, own in values.items():
        rows = results_of({("a", "reference"): own}, "variance")
        rows["run"] = [f"a/reference/vary-{source}/{k}" for k in range(3)]
        results.append(rows)
        varied.append(pd.DataFrame({"run": rows["run"], "source": source}))
    table = variance_sources(pd.concat(results), pd.concat(varied), rules=RULES).set_index("source")
    assert table.loc["init", "share"] == pytest.approx(1 / 9)
    assert table.loc["order", "share"] == pytest.approx(1 / 36)
    assert table.loc["all", "share"] == 1
    assert table.loc["init", "sd"] == pytest.approx(0.02)
    assert table.loc["init", "sd_ci_low"] < 0.02 < table.loc["init", "sd_ci_high"]


def test_without_runs_the_table_is_empty(results_of):
    none = pd.DataFrame(columns=["run", "source"], dtype=object)
    assert variance_sources(results_of({("a", "s"): [0.5]}).iloc[:0], none, rules=RULES).empty


def test_seeds_and_images_are_told_apart(rng, results_of):
    n, m = 10, 4000
    by_image = rng.random(m) < 0.7
    steady = np.where(rng.random((n, m)) < 0.02, ~by_image, by_image)
    shaky = rng.random((n, m)) < np.clip(0.7 + 0.2 * rng.normal(size=(n, 1)), 0, 1)
    results = results_of({("shaky", "s"): shaky.mean(1), ("steady", "s"): steady.mean(1)}, "confirm")
    correct = Correctness(np.concatenate([shaky, steady]), tuple(results["run"]))
    table = seeds_images(results, correct).set_index("model")
    assert table.loc["steady", "share_images"] > 0.9
    assert table.loc["shaky", "share_images"] < 0.1
    assert table.loc["steady", "se_images"] == pytest.approx(np.sqrt(0.21 / m), rel=0.1)
    shares = table[["share_seeds", "share_images", "share_interaction"]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx([1, 1])
    residual = steady - steady.mean(0) - steady.mean(1, keepdims=True) + steady.mean()
    interaction = (residual**2).sum() / ((n - 1) * (m - 1)) / (n * m)
    assert shares.loc["steady", "share_interaction"] == pytest.approx(
        interaction / table.loc["steady", "se_both"] ** 2, rel=1e-6
    )
    low, high = crossed_interval(steady, alpha=0.05)
    assert 1.9 < (high - low) / 2 / table.loc["steady", "se_both"] < 2.3


def test_one_replicate_has_no_errors(results_of):
    results = results_of({("a", "s"): [0.5]}, "confirm")
    row = seeds_images(results, Correctness(np.ones((1, 4), bool), tuple(results["run"]))).iloc[0]
    assert row["n"] == 1
    assert row[["se_seeds", "se_images", "se_both", "share_images"]].isna().all()
