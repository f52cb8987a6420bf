"""Ways of choosing, and what the best of several settings may be expected to show."""

import itertools

import numpy as np
import pandas as pd
import pytest

from study.analysis.selection.choices import choices
from study.analysis.selection.expected_best import expected_best
from study.analysis.statistics.subsets import best_of
from tests.analysis.rules import RULES

SETTINGS = pd.DataFrame({"setting": ["reference", "s1", "s2", "s3"]})


def test_three_rules_choose_what_they_say(results_of):
    results = results_of(
        {
            ("a", "reference"): [0.60, 0.62, 0.64],
            ("a", "s1"): [0.55, 0.65, 0.75],
            ("a", "s2"): [0.619, 0.620, 0.621],
            ("a", "s3"): [0.50, 0.60, 0.70],
        }
    )
    table = choices(results, SETTINGS, rules=RULES)
    chosen = {rule: rows["setting"].tolist() for rule, rows in table.groupby("rule")}
    assert chosen["mean"] == ["s1"]
    assert chosen["lower_bound"] == ["s2"]
    assert chosen["front"] == ["s1", "s2"]
    assert table.loc[table["rule"] == "mean", "test_mean"].iloc[0] == pytest.approx(0.65)


def test_a_tie_goes_to_the_setting_that_stands_first(results_of):
    results = results_of({("a", "s2"): [0.6, 0.7], ("a", "s1"): [0.6, 0.7]})
    table = choices(results, SETTINGS, rules=RULES)
    assert table[table["rule"] == "mean"]["setting"].tolist() == ["s1"]
    assert set(table[table["rule"] == "front"]["setting"]) == {"s1", "s2"}


def test_one_replicate_is_chosen_by_its_mean(results_of):
    table = choices(results_of({("a", "s1"): [0.6], ("a", "s2"): [0.7]}), SETTINGS, rules=RULES)
    assert table.set_index("rule")["setting"].to_dict() == {"mean": "s2", "lower_bound": "s2", "front": "s2"}


def test_the_expected_best_is_the_mean_over_all_subsets(rng):
    valid, test = rng.random((4, 6)), rng.random((4, 6))
    for k in range(1, 7):
        subsets = [list(one) for one in itertools.combinations(range(6), k)]
        best = np.array([[one[int(valid[r, one].argmax())] for one in subsets] for r in range(4)])
        got_valid, got_test = best_of(valid, test, k)
        assert got_valid == pytest.approx(np.take_along_axis(valid, best, 1).mean(1))
        assert got_test == pytest.approx(np.take_along_axis(test, best, 1).mean(1))


def test_ties_of_the_best_go_to_the_first():
    valid, test = np.array([[0.5, 0.7, 0.7]]), np.array([[0.1, 0.2, 0.9]])
    assert best_of(valid, test, 3)[1] == pytest.approx([0.2])


def test_more_settings_never_lower_the_expected_best(rng, results_of):
    results = results_of({(m, s): rng.random(5) for m in "ab" for s in SETTINGS["setting"]})
    table = expected_best(results, SETTINGS, rules=RULES)
    assert table["n_settings"].tolist() == [1, 2, 3, 4] * 2
    assert (table.groupby("model")["mean"].diff().dropna() >= 0).all()
    first = table.iloc[0]
    of_a = results[results["model"] == "a"]
    assert first["mean"] == pytest.approx(of_a["valid_accuracy"].mean())
    assert first["test_mean"] == pytest.approx(of_a["test_accuracy"].mean())
    shuffled = expected_best(results.sample(frac=1, random_state=1), SETTINGS, rules=RULES)
    pd.testing.assert_frame_equal(table, shuffled, check_exact=True)
