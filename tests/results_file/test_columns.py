"""Columns are found by name and content, can be named, and are asked for where they are not clear."""

import numpy as np
import pandas as pd
import pytest

from study.results_file import Choice, UnclearColumnError
from study.results_file.columns import find


def runs(**columns: object) -> pd.DataFrame:
    """Two methods with three seeds; ``columns`` come on top, none is left out."""
    frame = {
        "algo": ["a", "a", "a", "b", "b", "b"],
        "seed": [0, 1, 2] * 2,
        "test_acc": [0.71, 0.72, 0.74, 0.75, 0.77, 0.79],
        **columns,
    }
    return pd.DataFrame({name: values for name, values in frame.items() if values is not None})


def found(frame, **named):
    return find(frame, Choice(**named), where="r.csv")


def test_usual_names_are_found_and_told():
    told = found(runs(lr=[0.1] * 6, valid_acc=np.linspace(0, 1, 6))).sentence
    assert told == "method: column `algo`; seed: column `seed`; metric: `test_acc` (higher is better)"


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("Dataset", ["x", "y"] * 3, "dataset"),
        ("env_id", ["x", "y"] * 3, "dataset"),
        ("epoch", [1, 2] * 3, "epoch"),
        ("run", [0, 1, 2] * 2, "seed"),
    ],
)
def test_more_columns_have_their_role(name, values, role):
    assert getattr(found(runs(**{role: None, name: values})), role) == name


def test_nested_names_of_trackers():
    frame = runs(
        algo=None, seed=None, **{"config.seed": [0, 1, 2] * 2, "params/model": ["a"] * 3 + ["b"] * 3}
    )
    columns = found(frame)
    assert (columns.seed, columns.method) == ("config.seed", ("params/model",))


def test_a_method_without_a_known_name_is_found_by_content():
    frame = runs(algo=None, recipe=["a"] * 3 + ["b"] * 3)
    assert found(frame).method == ("recipe",)


def test_a_metric_in_rows():
    frame = runs(test_acc=None, metric=["auc"] * 6, value=np.linspace(0, 1, 6))
    columns = found(frame)
    assert (columns.metric, columns.value) == ("auc", "value")


@pytest.mark.parametrize(
    ("metric", "lower"),
    [("test_loss", True), ("eval/perplexity", True), ("testAcc", False), ("return", False)],
)
def test_the_name_says_which_side_is_better(metric, lower):
    assert found(runs(test_acc=None, **{metric: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})).lower_is_better is lower


@pytest.mark.parametrize(
    ("frame", "question"),
    [
        (runs(test_f1=np.linspace(0, 1, 6)), "which metric? columns `test_acc`, `test_f1` fit"),
        (runs(model=["x", "y"] * 3), "which column holds the methods? columns `algo`, `model` fit"),
        (runs(seed=None), "which column holds the seeds? none of algo, test_acc is known as such"),
        (runs(seed=None, fold=[0, 1, 2] * 2), "`fold` is no seed: folds and episodes of one run share it"),
        (runs(task=["x", "y"] * 3, env=["u", "v"] * 3), "holds the data sets? columns `task`, `env`"),
        (runs(test_acc=None, quux=np.linspace(0, 1, 6)), "is a lower or a higher `quux` better?"),
        (runs(test_acc=[0.5] * 6), "expected a metric that varies, received column `test_acc`"),
        (runs(seed=None, run=range(6)), "which column holds the seeds?"),
        (
            runs(test_acc=None, accuracy=np.linspace(0, 1, 6), val_accuracy=np.linspace(0, 1, 6)),
            "which metric? columns `accuracy`, `val_accuracy` fit",
        ),
        (runs(algo=None), "which column holds the methods?"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_asked(frame, question):
    with pytest.raises(UnclearColumnError) as asked:
        found(frame)
    assert question in str(asked.value)
    assert str(asked.value).startswith("r.csv: ")


def test_named_columns_answer_every_question():
    frame = runs(
        algo=None, seed=None, test_acc=None, lr=[1, 1, 1, 2, 2, 2], wd=[0.1] * 6, fold=[0, 1, 2] * 2,
        quux=np.linspace(0, 1, 6), other=np.linspace(0, 1, 6), task=["x", "y"] * 3, env=["u", "v"] * 3,
    )  # fmt: skip
    columns = found(
        frame, method=("lr", "wd"), seed="fold", metric="quux", dataset="env", lower_is_better=True
    )
    assert columns.method == ("lr", "wd")
    assert (columns.seed, columns.metric, columns.dataset) == ("fold", "quux", "env")
    assert columns.lower_is_better


def test_a_named_column_that_is_not_there():
    with pytest.raises(UnclearColumnError, match="expected one of algo, seed, test_acc, received sead"):
        found(runs(), seed="sead")
