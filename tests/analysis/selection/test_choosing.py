"""Which setting is chosen."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from study.analysis.selection.choosing import best_model, select
from study.tables.definitions import SETTINGS
from tests.analysis.rules import RULES


@pytest.fixture
def settings():
    names = ["reference", "lr=0.001", "dropout=0.3"]
    row = {"lr": 0.1, "batch_size": 1, "dropout": 0.5, "l1": 0.0, "augmentation": "none"}
    return SETTINGS.conform(
        pd.DataFrame(
            [
                {"setting": name, "factor": "lr", "level": "1", **row, "images_per_class": "all"}
                for name in names
            ]
        )
    )


def chosen(results, settings, rule="mean"):
    return select(results, settings, rules=replace(RULES, selection_rule=rule)).set_index("model")


def test_the_highest_mean_of_validation_is_chosen(results_of, settings):
    results = results_of(
        {
            ("a", "reference"): [0.5, 0.6],
            ("a", "lr=0.001"): [0.7, 0.6],
            ("a", "dropout=0.3"): [0.61, 0.61],
            ("b", "reference"): [0.9, 0.8],
            ("b", "lr=0.001"): [0.1, 0.1],
        }
    )
    results["test_accuracy"] = 1 - results["valid_accuracy"]
    table = chosen(results, settings)
    assert list(table["setting"]) == ["lr=0.001", "reference"]
    assert list(table["runner_up"]) == ["dropout=0.3", "lr=0.001"]
    assert list(table["n_settings"]) == [3, 2]
    row = table.loc["a"]
    assert (row["n"], row["valid_mean"], row["valid_sd"]) == (
        2,
        pytest.approx(0.65),
        pytest.approx(np.std([0.7, 0.6], ddof=1)),
    )
    assert row["runner_up_valid_mean"] == pytest.approx(0.61)


def test_the_lower_bound_prefers_what_varies_less(results_of, settings):
    results = results_of(
        {("a", "reference"): [0.60, 0.61, 0.62], ("a", "lr=0.001"): [0.5, 0.65, 0.8]},
    )
    assert chosen(results, settings).loc["a", "setting"] == "lr=0.001"
    assert chosen(results, settings, "lower_bound").loc["a", "setting"] == "reference"


def test_a_tie_goes_to_the_first_in_the_table_of_settings(results_of, settings):
    results = results_of(
        {("a", "dropout=0.3"): [0.5, 0.7], ("a", "lr=0.001"): [0.5, 0.7], ("a", "reference"): [0.5, 0.7]}
    )
    for rule in ("mean", "lower_bound"):
        row = chosen(results, settings, rule).loc["a"]
        assert (row["setting"], row["runner_up"]) == ("reference", "lr=0.001")
    turned = settings.iloc[::-1].reset_index(drop=True)
    assert chosen(results, turned).loc["a", "setting"] == "dropout=0.3"


def test_a_diverged_run_counts_with_its_accuracy(results_of, settings):
    results = results_of({("a", "reference"): [0.6, 0.6], ("a", "lr=0.001"): [0.9, 0.1]})
    results.loc[results["valid_accuracy"] == 0.1, "status"] = "diverged"
    assert chosen(results, settings).loc["a", "setting"] == "reference"
    results.loc[results["valid_accuracy"] == 0.1, "valid_accuracy"] = 0.4
    assert chosen(results, settings).loc["a", "setting"] == "lr=0.001"


def test_one_run_has_no_bound_and_stands_behind(results_of, settings):
    results = results_of(
        {("a", "reference"): [0.2, 0.3], ("a", "lr=0.001"): [0.9], ("a", "dropout=0.3"): [0.8]}
    )
    row = chosen(results, settings, "lower_bound").loc["a"]
    assert (row["setting"], row["runner_up"]) == ("reference", "lr=0.001")
    single = chosen(results[results["replicate"] == 0], settings, "lower_bound").loc["a"]
    assert (single["setting"], single["runner_up"]) == ("lr=0.001", "dropout=0.3")


def test_a_missing_accuracy_stands_last(results_of, settings):
    results = results_of({("a", "reference"): [0.9, np.nan], ("a", "lr=0.001"): [0.1, 0.1]})
    assert chosen(results, settings).loc["a", "setting"] == "lr=0.001"


def test_a_single_setting_has_no_runner_up(results_of, settings):
    row = chosen(results_of({("a", "lr=0.001"): [0.1]}), settings).loc["a"]
    assert row["runner_up"] == ""
    assert np.isnan(row[["valid_sd", "runner_up_valid_mean"]].astype(float)).all()


def test_confirm_runs_do_not_choose(results_of, settings):
    explore = results_of({("a", "reference"): [0.6], ("a", "lr=0.001"): [0.5]})
    confirm = results_of({("a", "lr=0.001"): [0.9]}, phase="confirm")
    assert chosen(pd.concat([confirm, explore]), settings).loc["a", "setting"] == "reference"
    with pytest.raises(ValueError, match="selection of a: expected explore runs"):
        chosen(confirm, settings)


def test_the_best_model_is_that_of_validation(results_of, settings):
    results = results_of({("b", "reference"): [0.6], ("c", "reference"): [0.6], ("a", "reference"): [0.5]})
    table = select(results, settings, rules=RULES)
    assert best_model(table) == "b"
    assert best_model(table.iloc[::-1]) == "b"
    with pytest.raises(ValueError, match="at least one model"):
        best_model(table.iloc[:0])
