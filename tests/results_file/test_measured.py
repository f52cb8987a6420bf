"""Spoilt results are refused in one line, or marked by name."""

import numpy as np
import pandas as pd
import pytest

from study.errors import StudyError
from study.results_file import Choice, ResultsError, measure

CLEAN = pd.DataFrame(
    {
        "method": ["a"] * 4 + ["b"] * 4,
        "seed": [0, 1, 2, 3] * 2,
        "test_acc": [0.7112, 0.7243, 0.7371, 0.7401, 0.7512, 0.7683, 0.7774, 0.7905],
    }
)


def measured(frame=CLEAN, **named):
    return measure(frame, Choice(**named), where="r.csv")


def changed(column, row, value):
    frame = CLEAN.astype({column: object})
    frame.loc[row, column] = value
    return frame


def test_clean_runs_have_no_mark():
    found = measured()
    assert found.marks == ()
    assert found.table["value"].tolist() == CLEAN["test_acc"].tolist()
    assert set(found.table["seed"]) == {"0", "1", "2", "3"}


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (CLEAN[:0], "expected a row for each run, received none"),
        (CLEAN[CLEAN["seed"] == 0], "expected at least two seeds of a method, received one of each"),
        (changed("seed", 1, 0), "received 2 that differ for a, seed 0: are they episodes, folds"),
        (pd.concat([CLEAN, CLEAN[:1]]), "received 2 equal ones for a, seed 0"),
        (CLEAN[:4], "which column holds the methods?"),
        (changed("test_acc", 2, "abc"), "row 3, test_acc: expected a number, or nothing"),
        (changed("seed", 2, None), "expected a seed in each row, received none for a"),
        (changed("method", 5, None), "expected a method in each row, received none for seed 1"),
        (CLEAN.assign(test_acc=0.7), "expected a metric that varies"),
        (CLEAN.assign(method=["a", "a", "b", "b"] * 2, seed=[0, 0, 0, 0, 1, 1, 1, 1]), "are they episodes"),
        (changed("test_acc", slice(0, 6), "nan"), "expected a metric that varies"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused(frame, said):
    with pytest.raises(StudyError) as refused:
        measured(frame.reset_index(drop=True))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_one_method_alone_is_refused():
    with pytest.raises(ResultsError, match="expected at least two methods to compare, received a alone"):
        measured(CLEAN[:4], method=("method",))


@pytest.mark.parametrize(
    ("frame", "mark"),
    [
        (changed("test_acc", 1, "nan"), "a: 1 of 4 runs diverged and are not in its mean."),
        (CLEAN.assign(test_acc=CLEAN["test_acc"].where(CLEAN["seed"] != 2)), "b: 1 of 4 runs diverged"),
        (changed("test_acc", 1, None), "a: 1 of 4 runs diverged"),
        (changed("test_acc", 1, np.inf), "a: 1 of 4 runs diverged"),
        (CLEAN.assign(status=["ok"] * 7 + ["crashed"]), "b: 1 of 4 runs diverged"),
        (CLEAN[3:], "a has one seed: there is no interval"),
        (CLEAN[1:], "Not every method has the same seeds: such pairs are compared by Welch's test."),
        (
            changed("test_acc", slice(0, 1), 0.711234),
            "a has the same value under seeds 0 and 1: are they one run?",
        ),
        (changed("test_acc", slice(0, 3), 0.7), "a has the same value under all of its 4 seeds"),
        (CLEAN.assign(state=["running"] + ["finished"] * 7), "1 runs that have not ended are left out."),
    ],
)
def test_what_may_mislead_is_marked(frame, mark):
    assert any(mark in one for one in measured(frame.reset_index(drop=True)).marks)


def test_shares_of_few_examples_may_be_equal():
    hits = [70, 72, 72, 75, 70, 73, 71, 74]
    assert measured(CLEAN.assign(test_acc=[hit / 599 for hit in hits])).marks == ()


@pytest.mark.parametrize(
    ("frame", "mark"),
    [
        (CLEAN.rename(columns={"test_acc": "best_test_acc"}), "best_test_acc is the best of several epochs"),
        (CLEAN.assign(fold=[0, 1, 2, 3] * 2), "Column fold varies from run to run: folds share"),
    ],
)
def test_what_a_name_gives_away_is_marked(frame, mark):
    assert any(mark in one for one in measured(frame).marks)


def test_a_fold_that_is_the_data_set_is_no_fault():
    frame = CLEAN.assign(fold=["x"] * 2 + ["y"] * 2 + ["x"] * 2 + ["y"] * 2)
    assert not any("fold" in one for one in measured(frame, dataset="fold").marks)


def test_coarse_values_may_be_equal():
    assert measured(changed("test_acc", slice(0, 1), 0.71)).marks == ()


def test_the_last_epoch_of_each_run_counts():
    epochs = pd.concat(
        [CLEAN.assign(epoch=epoch, test_acc=CLEAN["test_acc"] - 0.1 / epoch) for epoch in (2, 1)]
    )
    found = measured(epochs.reset_index(drop=True))
    assert found.table["value"].to_numpy() == pytest.approx(CLEAN["test_acc"].to_numpy() - 0.05)
    assert "last row of each run by column `epoch`" in found.columns.sentence


def test_settings_together_are_a_method():
    frame = CLEAN.assign(lr=[0.1] * 4 + [0.2] * 4, wd=1).drop(columns="method")
    found = measured(frame, method=("lr", "wd"))
    assert list(dict.fromkeys(found.table["method"])) == ["lr=0.1, wd=1", "lr=0.2, wd=1"]
