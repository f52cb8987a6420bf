"""Ranks against Demsar's worked example and scikit-posthocs."""

import numpy as np
import pytest
import scikit_posthocs
from scipy import stats

from study.analysis.best.ranks import models_omnibus, ranks
from study.analysis.statistics.blocks import critical_difference, friedman
from tests.analysis.rules import RULES


def test_critical_differences_of_demsar():
    assert critical_difference(4, 14, alpha=0.05) == pytest.approx(1.25, abs=0.005)
    assert critical_difference(4, 14, alpha=0.10) == pytest.approx(1.12, abs=0.005)


def test_quantiles_of_nemenyi_as_demsar_prints_them():
    printed = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164]
    ours = [critical_difference(k, 1, alpha=0.05) / np.sqrt(k * (k + 1) / 6) for k in range(2, 11)]
    assert ours == pytest.approx(printed, abs=1.1e-3)


def test_friedman_of_demsar_and_of_r(reference):
    demsar, rounding = reference["demsar"], reference["rounding_times"]
    assert friedman(-np.array(demsar["ranks"], float))[0] == pytest.approx(demsar["chi_square"], abs=5e-4)
    assert friedman(np.array(rounding["times"]))[0] == pytest.approx(11.143, abs=5e-4)
    assert friedman(np.array(rounding["times"]))[1] == pytest.approx(0.003805, abs=5e-7)


def test_a_difference_of_ranks_is_critical_where_scikit_posthocs_says_so(rng):
    values = rng.normal(size=(15, 4)) + np.array([0, 0.5, 1.0, 1.5])
    p = scikit_posthocs.posthoc_nemenyi_friedman(values).to_numpy()
    mean_ranks = stats.rankdata(values, axis=1).mean(axis=0)
    apart = np.abs(mean_ranks[:, None] - mean_ranks)
    critical = apart > critical_difference(4, 15, alpha=0.05)
    assert (critical == (p < 0.05)).all()
    assert critical.any()


def confirmed(results_of, values):
    return results_of({(model, "s"): row for model, row in zip("abcd", values, strict=False)}, "confirm")


def test_rank_one_is_the_highest_accuracy(results_of, rng):
    values = np.array([0.5, 0.7, 0.6])[:, None] + 0.01 * rng.normal(size=(3, 10))
    table = ranks(confirmed(results_of, values), rules=RULES).set_index("model")
    assert table["mean_rank"].to_dict() == {"a": 3, "b": 1, "c": 2}
    assert (table["critical_difference"] == critical_difference(3, 10, alpha=0.05)).all()
    assert (table["reason"] == "").all()


@pytest.mark.parametrize(
    ("k", "n", "reason"),
    [
        (2, 10, "three models or more; there are 2"),
        (3, 4, "at least 5 replicates; there are 4"),
        (1, 1, "there are 1"),
    ],
)
def test_too_few_have_no_critical_difference_and_a_reason(results_of, rng, k, n, reason):
    table = ranks(confirmed(results_of, rng.random((k, n))), rules=RULES)
    assert len(table) == k
    assert table["critical_difference"].isna().all()
    assert table["reason"].str.contains(reason).all()


def test_models_that_differ_are_found(results_of, rng):
    values = np.array([0.5, 0.52, 0.54])[:, None] + 0.005 * rng.normal(size=(3, 8))
    table = models_omnibus(confirmed(results_of, values), seed=0)
    assert table["p"].iloc[0] < 0.01
    assert table[["n", "k"]].to_numpy().tolist() == [[8, 3]]
    assert models_omnibus(confirmed(results_of, values[:1]), seed=0).empty
