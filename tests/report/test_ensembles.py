"""Ensembles in the report: what is said in every case, and what tables and figures hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from built_report import Built, given, inputs
from synthetic_study import small, study

from study.report import Tables
from study.report.sections import calibration, ensembles, members, report
from study.tables.schema import Table

NAN = float("nan")
INPUTS = given()
FALL = {"n": 10, "diff": -0.2, "diff_ci_low": -0.25, "diff_ci_high": -0.15, "wins": 0.9}


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            FALL,
            "Log loss of a is 0.200 lower than that of b (95\u00a0% CI 0.150 to 0.250; lower in 9 of 10 "
            "seeds).",
        ),
        (
            {**FALL, "diff": 0.2, "diff_ci_low": 0.15, "diff_ci_high": 0.25, "wins": 0.1},
            "Log loss of a is 0.200 higher than that of b (95\u00a0% CI 0.150 to 0.250; lower in 1 of 10 "
            "seeds).",
        ),
        (
            {**FALL, "diff_ci_high": 0.01},
            "Whether log loss of a is lower or higher than that of b is inconclusive: the mean difference is "
            "−0.200 (95\u00a0% CI −0.250 to +0.010).",
        ),
        (
            {**FALL, "n": 1, "diff_ci_low": NAN, "diff_ci_high": NAN},
            "Log loss of a minus that of b is −0.200 over 1 replicate; there is no interval, so the order "
            "is inconclusive.",
        ),
        (
            {**FALL, "diff": 0.0, "diff_ci_low": 0.0, "diff_ci_high": 0.0},
            "Log loss of a equals that of b in every one of 10 replicates.",
        ),
    ],
)
def test_a_score_of_which_less_is_better(row: dict[str, Any], expected: str) -> None:
    assert ensembles.below("Log loss of a", "that of b", row, INPUTS) == expected


def test_temperature_names_what_falls_what_rises_and_what_is_open() -> None:
    row = {"metric": "log_loss", "method": "a", "diff": -0.2, "diff_ci_low": -0.3, "diff_ci_high": -0.1}
    rows = frame(
        row,
        {**row, "method": "soft voting", "diff": 0.2, "diff_ci_low": 0.1, "diff_ci_high": 0.3},
        {**row, "method": "b", "diff_ci_high": 0.1},
    )
    assert calibration.temperature(rows, INPUTS) == (
        "Log loss after scaling: lower for a −0.200 (95\u00a0% CI −0.300 to −0.100); higher for soft voting "
        "+0.200 (95\u00a0% CI +0.100 to +0.300); inconclusive for b −0.200 (95\u00a0% CI −0.300 to +0.100).",
    )
    alone = frame({**row, "diff_ci_low": NAN, "diff_ci_high": NAN})
    assert "one replicate gives no interval" in calibration.temperature(alone, INPUTS)[0]


def test_diversity_is_not_said_to_explain_what_it_may_not() -> None:
    row = {"metric": "disagreement", "n_pairs": 3, "n": 10, "mean": 0.4, "ci_low": -0.1, "ci_high": 0.9}
    opened, caveat = members.explained(frame(row), INPUTS)
    assert opened.endswith("+0.40 (95\u00a0% CI −0.10 to +0.90, 10 replicates); its sign is inconclusive.")
    assert "over 3 pairs in each replicate" in caveat
    assert "says nothing about other" in caveat
    (shown, _) = members.explained(frame({**row, "ci_low": 0.1}), INPUTS)
    assert "inconclusive" not in shown
    (once, _) = members.explained(frame({**row, "n": 1, "ci_low": NAN, "ci_high": NAN}), INPUTS)
    assert once.endswith("+0.40 in 1 replicate, without an interval.")
    (same, _) = members.explained(frame({**row, "ci_low": 0.4, "ci_high": 0.4}), INPUTS)
    assert same.endswith("+0.40 in every one of 10 replicates.")
    (unknown,) = members.explained(frame({**row, "mean": NAN}), INPUTS)
    assert "needs three pairs" in unknown


def test_pairs_that_differ_most_and_least() -> None:
    row = {"model_a": "a", "model_b": "b", "metric": "disagreement", "mean": 0.2}
    one = members.diversity(frame(row))
    assert one == "a and b disagree on 20.0\u00a0% of the images."
    rows = frame(row, {**row, "model_b": "c", "mean": 0.3}, {**row, "model_b": "a", "mean": 0.1})
    assert members.diversity(rows) == (
        "Of two backbones, a and c disagree most (30.0\u00a0% of the images) and a and b least "
        "(20.0\u00a0%). Two replicates of one backbone disagree on 10.0\u00a0% of the images."
    )
    assert "not known" in members.diversity(rows[:0])


def test_votes_of_greedy_selection_are_counted() -> None:
    results = frame(
        *({"run": f"a/{s}/explore/{r}", "model": "a", "setting": s} for s in ("x", "y") for r in (0, 1))
    )
    rows = frame(
        {"replicate": 0, "members": "a/x/explore/0; a/x/explore/0; a/y/explore/0"},
        {"replicate": 1, "members": "a/x/explore/1"},
    )
    votes = members.picked(rows, results)
    assert votes.to_dict("records") == [
        {"model": "a", "setting": "x", "votes": 1.5, "share": 0.75, "replicates": 2},
        {"model": "a", "setting": "y", "votes": 0.5, "share": 0.25, "replicates": 1},
    ]


def test_the_size_table_names_the_largest_size_and_gives_it_no_interval(plain: Built) -> None:
    (table,) = (table for table in plain.model.tables if table.slug == "ensemble-sizes-shown")
    heads = [column.title for column in table.columns]
    last = [row for row in table.rows if row[heads.index("Replicates")].text == "4"]
    assert len(last) == 3
    assert {row[heads.index("95\u00a0% jackknife CI, %")].text for row in last} == {"–"}
    assert "by jackknife" in table.caption


def test_too_many_pairs_have_no_picture() -> None:
    values = small(backbones=list("abcde"), seeds=2, confirm_seeds=2, epochs=1)
    made, values_given = study(values, seed=1).tables, given(values)
    runs, means = made["diversity_runs"], made["diversity"]
    assert members.diversity_picture(runs, means, values_given) is None
    few = runs[runs["model_a"] == "a"]
    assert members.diversity_picture(few, means[means["model_a"] == "a"], values_given) is not None


class Watched(Tables):
    """Tables that remember which of them were read."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        super().__init__(tables)
        self.unread = set(tables)

    def __getitem__(self, table: Table) -> pd.DataFrame:
        self.unread.discard(table.name)
        return super().__getitem__(table)


def test_no_table_of_the_analysis_stays_unread(plain: Built) -> None:
    watched = Watched(plain.study.tables)
    report(inputs(plain.study).model_copy(update={"tables": watched}))
    assert watched.unread == set()
