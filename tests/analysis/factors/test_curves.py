"""Learning curves."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis.factors.curves import curves
from study.tables.definitions import HISTORY
from tests.analysis.rules import RULES

SETTINGS = ("reference", "lr=0.0001", "lr=0.001", "dropout=0.3")


@pytest.fixture
def results(results_of):
    return results_of({("b", name): [0.5] * 4 for name in SETTINGS} | {("a", "reference"): [0.5] * 2})


@pytest.fixture
def history(results, rng):
    rows = [
        {"run": run, "epoch": epoch, **dict.fromkeys(list(HISTORY.columns)[2:], 0.0)}
        for run in results["run"]
        for epoch in (1, 2, 3)
    ]
    frame = HISTORY.conform(pd.DataFrame(rows))
    columns = list(HISTORY.columns)[2:]
    frame[columns] = rng.uniform(size=(len(frame), len(columns)))
    return frame


def test_a_row_for_each_epoch_curve_and_metric(results, history, levels):
    table = curves(results, history, levels, rules=RULES)
    assert len(table) == (5 + 2) * 3 * 6
    of_b = table[table["model"] == "b"]
    assert of_b[["factor", "level"]].drop_duplicates().to_numpy().tolist() == (
        levels[["factor", "level"]].to_numpy().tolist()
    )
    one = of_b[(of_b["factor"] == "lr") & (of_b["level"] == "0.001") & (of_b["epoch"] == 2)]
    assert one[["curve", "metric"]].to_numpy().tolist() == [
        [curve, metric] for curve in ("train", "valid", "fit") for metric in ("accuracy", "loss")
    ]


def test_numbers_of_one_row(results, history, levels):
    table = curves(results, history, levels, rules=replace(RULES, alpha=0.1))
    key = ["model", "factor", "level", "epoch", "curve", "metric"]
    row = table.set_index(key).loc[("b", "dropout", "0.3", 3, "valid", "loss")]
    chosen = history["run"].str.startswith("b/dropout=0.3/") & (history["epoch"] == 3)
    values = history.loc[chosen, "valid_loss"].to_numpy()
    assert (row["n"], row["mean"]) == (4, pytest.approx(values.mean()))
    low, high = stats.t.interval(0.9, 3, values.mean(), stats.sem(values))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))


def test_order_of_rows_does_not_matter(results, history, levels):
    shuffled = [frame.sample(frac=1, random_state=1) for frame in (results, history)]
    pd.testing.assert_frame_equal(
        curves(*shuffled, levels, rules=RULES),
        curves(results, history, levels, rules=RULES),
        check_exact=True,
    )


def test_a_lost_epoch_is_missing_and_later_ones_are_not_mixed(results, history, levels):
    lost = (history["run"] == "b/lr=0.001/explore/1") & (history["epoch"] == 2)
    history.loc[lost, "valid_loss"] = np.nan
    ended = (history["run"] == "b/lr=0.001/explore/0") & (history["epoch"] == 3)
    table = curves(results, history[~ended], levels, rules=RULES)
    at = table[(table["level"] == "0.001") & (table["curve"] == "valid")].set_index(["metric", "epoch"])
    assert at["n"].to_dict() == {(metric, epoch): 4 - (epoch == 3) for metric, epoch in at.index}
    assert np.isnan(at.loc[("loss", 2), "mean"])
    assert np.isfinite(at.loc[("accuracy", 2), "mean"])
    assert np.isfinite(at.loc[("loss", 3), "mean"])


def test_confirm_runs_have_no_curve(results, history, levels):
    assert curves(results.assign(phase="confirm"), history, levels, rules=RULES).empty
