"""Which settings may be the best, on runs with their images."""

import numpy as np
import pandas as pd
import pytest

from study.analysis.correctness import Correctness
from study.analysis.selection.best_set import best_set
from study.analysis.statistics.crossed import crossed_difference
from tests.analysis.rules import RULES

SETTINGS = pd.DataFrame({"setting": ["reference", "s1", "s2", "s3"]})
CHOSEN = pd.DataFrame({"model": ["a"], "setting": ["s1"]})
SHARES = {"reference": 0.55, "s1": 0.65, "s2": 0.62, "s3": 0.2}


@pytest.fixture
def study(results_of):
    def build(shares=SHARES, n=8):
        rng = np.random.default_rng(4)
        right = {name: rng.random((n, 300)) < share for name, share in shares.items()}
        results = results_of({("a", name): one.mean(axis=1) for name, one in right.items()})
        runs = tuple(f"a/{name}/explore/{row}" for name in shares for row in range(n))
        return results, Correctness(np.concatenate(list(right.values())), runs), right

    return build


def of(results, correct, chosen=CHOSEN):
    return best_set(results, SETTINGS, chosen, correct, correct, rules=RULES).set_index("setting")


def test_what_is_far_below_is_out_and_what_is_close_is_in(study):
    results, correct, _ = study()
    table = of(results, correct)
    assert table.index.tolist() == list(SETTINGS["setting"])
    assert table.loc[["s1", "s2", "s3"], "in_set"].tolist() == [1, 1, 0]
    assert (table["simultaneous_low"] <= 0).all()
    assert table.loc["s3", "simultaneous_high"] == 0


def test_the_set_is_over_new_images_too(study):
    """Every seed gains the same two images: sure over seeds, not on new images."""
    results, _, right = study()
    base = np.tile(right["s1"][:1], (8, 1))
    more = base.copy()
    more[:, np.flatnonzero(~base[0])[:2]] = True
    matrix = np.concatenate([base, more])
    results = results[results["setting"].isin(["s1", "s2"])].copy()
    results["valid_accuracy"] = matrix.mean(axis=1)
    table = of(results, Correctness(matrix, tuple(results["run"])))
    assert table["in_set"].tolist() == [1, 1]


def test_test_accuracy_stands_against_the_selected_setting(study):
    results, correct, right = study()
    table = of(results, correct)
    assert np.isnan(table.loc["s1", "test_diff"])
    assert table.loc["s2", "test_diff"] == pytest.approx(right["s2"].mean() - right["s1"].mean())
    ends = table.loc["s2", ["test_diff_ci_low", "test_diff_ci_high"]].tolist()
    assert ends == pytest.approx(crossed_difference(right["s2"], right["s1"], alpha=0.05))


def test_a_replicate_that_a_setting_lacks_is_left_out_and_order_does_not_matter(study):
    results, correct, _ = study()
    fewer = results[~((results["setting"] == "s2") & (results["replicate"] == 3))]
    table = of(fewer, correct)
    assert table["n"].tolist() == [7, 7, 7, 7]
    shuffled = of(fewer.sample(frac=1, random_state=2), correct)
    pd.testing.assert_frame_equal(table, shuffled, check_exact=True)


def test_one_replicate_rules_nothing_out_and_one_setting_has_no_row(study):
    results, correct, _ = study(n=1)
    table = of(results, correct)
    assert table["in_set"].tolist() == [1, 1, 1, 1]
    assert table[["simultaneous_low", "simultaneous_high"]].isna().all(axis=None)
    assert of(results[results["setting"] == "s1"], correct).empty
