"""Ensemble scores, calibration, diversity, sizes and greedy selection: numbers by hand and by scipy."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis.calibration import calibration
from study.analysis.ensembles.diversity import diversity, diversity_gain
from study.analysis.ensembles.greedy import greedy
from study.analysis.ensembles.scores import ensemble_scores
from study.analysis.statistics.subsets import subset_mean
from study.tables.definitions import DIVERSITY_RUNS, ENSEMBLE_RUNS, GREEDY_RUNS, TEMPERATURES
from tests.analysis.rules import RULES as DEFAULT

RULES = replace(DEFAULT, margin=0.01)


def made(table, rows):
    return table.conform(pd.DataFrame(rows).reindex(columns=list(table.columns)))


@pytest.fixture
def runs(rng):
    rows = []
    for method, shift in (("single", 0.0), ("soft voting", 0.02), ("hard voting", 0.01)):
        for replicate, noise in enumerate(rng.normal(0, 0.005, 8)):
            known = method != "hard voting"
            rows.append(
                {
                    "method": method,
                    "replicate": replicate,
                    "n_members": 3,
                    "test_accuracy": 0.8 + shift + noise,
                    "test_log_loss": 0.5 - shift + noise if known else np.nan,
                    "test_calibration_error": 0.05 + shift + noise if known else np.nan,
                    "predictions_sha256": "0",
                }
            )
    return made(ENSEMBLE_RUNS, rows)


def test_every_score_has_its_interval_and_difference(runs):
    table = ensemble_scores(runs, rules=RULES, seed=0).set_index(["method", "metric"])
    assert ("hard voting", "log_loss") not in table.index
    values = {
        method: rows.sort_values("replicate")["test_log_loss"].to_numpy()
        for method, rows in runs.groupby("method")
    }
    row = table.loc[("soft voting", "log_loss")]
    assert row["mean"] == pytest.approx(values["soft voting"].mean())
    difference = values["soft voting"] - values["single"]
    low, high = stats.ttest_1samp(difference, 0).confidence_interval()
    assert (row["diff_ci_low"], row["diff_ci_high"]) == pytest.approx((low, high))
    assert row["wins"] == pytest.approx(np.mean(difference < 0))
    assert row["wins_ci_low"] <= row["wins"] <= row["wins_ci_high"]
    assert table.loc[("single", "accuracy"), ["diff", "wins"]].isna().all()
    more = table.loc[("soft voting", "calibration_error")]
    assert more["diff"] > 0
    assert more["wins"] < 0.5


def test_a_single_model_is_asked_for(runs):
    with pytest.raises(ValueError, match="expected the method single"):
        ensemble_scores(runs[runs["method"] != "single"], rules=RULES, seed=0)


def test_calibration_pairs_before_and_after():
    rows = [
        {
            "method": "a",
            "replicate": r,
            "temperature": 2.0 + r,
            "test_log_loss": 1.0 + r,
            "scaled_log_loss": 0.5 + r * 0.9,
            "test_calibration_error": 0.3,
            "scaled_calibration_error": 0.1,
        }
        for r in range(4)
    ]
    row = calibration(made(TEMPERATURES, rows), rules=RULES).set_index("metric").loc["log_loss"]
    difference = np.array([-0.5, -0.6, -0.7, -0.8])
    assert row["diff"] == pytest.approx(-0.65)
    low, high = stats.ttest_1samp(difference, 0).confidence_interval()
    assert (row["diff_ci_low"], row["diff_ci_high"]) == pytest.approx((low, high))
    assert (row["n"], row["temperature"]) == (4, 3.5)


def test_subsets_of_one_have_the_t_interval(rng):
    scores = rng.normal(size=7)
    mean, low, high = subset_mean([(i,) for i in range(7)], scores, n=7, alpha=0.05)
    expected = stats.ttest_1samp(scores, 0).confidence_interval()
    assert (mean, low, high) == pytest.approx((scores.mean(), *expected))


def test_the_jackknife_of_pairs_of_a_sum_is_exact(rng):
    # The score of a pair is the mean of its members', so the mean over pairs is the mean of all.
    values = rng.normal(size=6)
    pairs = list(itertools.combinations(range(6), 2))
    scores = np.array([values[list(pair)].mean() for pair in pairs])
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert subset_mean(pairs, scores, n=6, alpha=0.05) == pytest.approx((values.mean(), *expected))


def test_the_interval_covers_as_often_as_it_says():
    """The mean maximum of 3 of 12; taking subsets for replicates would cover far less."""
    rng = np.random.default_rng(5)
    triples = list(itertools.combinations(range(12), 3))
    index = np.array(triples)
    truth = 1.5 / np.sqrt(np.pi)  # mean of the maximum of three standard normals
    naive = covered = 0
    for _ in range(400):
        scores = rng.normal(size=12)[index].max(axis=1)
        _, low, high = subset_mean(triples, scores, n=12, alpha=0.05)
        covered += low <= truth <= high
        half = 1.96 * scores.std(ddof=1) / np.sqrt(len(scores))
        naive += abs(scores.mean() - truth) <= half
    assert covered / 400 > 0.91
    assert naive / 400 < 0.6


def test_the_whole_has_a_mean_and_no_interval():
    mean, low, high = subset_mean([(0, 1, 2)], np.array([0.7]), n=3, alpha=0.05)
    assert mean == 0.7
    assert np.isnan([low, high]).all()
    with pytest.raises(ValueError, match="expected one score per subset"):
        subset_mean([(0,)], np.array([]), n=3, alpha=0.05)


@pytest.fixture
def pairs(rng):
    rows = [
        {
            "model_a": a,
            "model_b": b,
            "block": block,
            "disagreement": base + rng.normal(0, 0.001),
            "error_correlation": 1 - base,
            "gain": base / 2 + rng.normal(0, 0.001),
        }
        for (a, b), base in {("a", "b"): 0.1, ("a", "c"): 0.2, ("b", "c"): 0.3, ("a", "a"): 0.9}.items()
        for block in range(5)
    ]
    return made(DIVERSITY_RUNS, rows)


def test_diversity_is_averaged_over_blocks(pairs):
    table = diversity(pairs, rules=RULES).set_index(["model_a", "model_b", "metric"])
    of = pairs[(pairs["model_a"] == "a") & (pairs["model_b"] == "b")]["gain"]
    row = table.loc[("a", "b", "gain")]
    assert (row["n"], row["mean"]) == (5, pytest.approx(of.mean()))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(stats.ttest_1samp(of, 0).confidence_interval())


def test_gain_that_goes_with_disagreement_is_seen(pairs):
    table = diversity_gain(pairs, rules=RULES).set_index("metric")
    assert table.loc["disagreement", ["n", "n_pairs", "mean"]].tolist() == [5, 3, 1.0]
    assert table.loc["error_correlation", "mean"] == -1.0
    mixed = pairs.assign(gain=[*[0.1, 0.2, 0.3] * 6, 0.1, 0.2])
    ends = diversity_gain(made(DIVERSITY_RUNS, mixed), rules=RULES)[["ci_low", "ci_high"]]
    assert ends.min().min() >= -1
    assert ends.max().max() <= 1


def test_two_models_explain_nothing(pairs):
    two = pairs[(pairs["model_a"] == "a") & (pairs["model_b"] == "b")]
    table = diversity_gain(two, rules=RULES)
    assert table["n"].tolist() == [0, 0]
    assert table["mean"].isna().all()


def test_greedy_is_paired_with_the_best_run(rng):
    rows = [
        {
            "replicate": r,
            "n_members": 3,
            "n_distinct": 2,
            "members": "x",
            "best_run": "x",
            "test_accuracy": 0.8 + noise,
            "best_run_test_accuracy": 0.7 + 0.5 * noise,
        }
        for r, noise in enumerate(rng.normal(0, 0.01, 6))
    ]
    frame = made(GREEDY_RUNS, rows)
    table = greedy(frame, rules=RULES, seed=0).set_index("method")
    difference = frame["test_accuracy"] - frame["best_run_test_accuracy"]
    row = table.loc["greedy selection"]
    assert row["diff"] == pytest.approx(difference.mean())
    assert row["p_t"] == pytest.approx(stats.ttest_1samp(difference, 0).pvalue)
    assert (row["wins"], row["verdict"]) == (1.0, "different")
    assert table.loc["best explored run", "verdict"] == "baseline"
