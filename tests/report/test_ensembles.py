"""Ensembles in the report: what is said in every case, and what the exhibits hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import pytest
from built_report import Built
from synthetic_study import params, small, study

from study.report import Facts, ensemble_pictures, ensemble_remarks, ensemble_tables
from study.report.conventions import Conventions
from study.report.outline import report

NAN = float("nan")
CONVENTIONS = Conventions.of(params().model_dump())
FALL = {"n": 10, "diff": -0.2, "diff_ci_low": -0.25, "diff_ci_high": -0.15, "wins": 0.9}


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            FALL,
            "Log loss of a is 0.200 below that of b, 95\u00a0% interval 0.150 to 0.250, lower in 9 of 10 "
            "replicates.",
        ),
        (
            {**FALL, "diff": 0.2, "diff_ci_low": 0.15, "diff_ci_high": 0.25, "wins": 0.1},
            "Log loss of a is 0.200 above that of b, 95\u00a0% interval 0.150 to 0.250, lower in 1 of 10 "
            "replicates.",
        ),
        (
            {**FALL, "diff_ci_high": 0.01},
            "Whether log loss of a is above or below that of b stays open: the mean difference is −0.200, "
            "95\u00a0% interval −0.250 to +0.010.",
        ),
        (
            {**FALL, "n": 1, "diff_ci_low": NAN, "diff_ci_high": NAN},
            "Log loss of a minus that of b is −0.200 over one replicate; there is no interval, so the order "
            "stays open.",
        ),
        (
            {**FALL, "diff": 0.0, "diff_ci_low": 0.0, "diff_ci_high": 0.0},
            "Log loss of a equals that of b in every one of 10 replicates.",
        ),
    ],
)
def test_a_score_of_which_less_is_better(row: dict[str, Any], expected: str) -> None:
    assert ensemble_remarks.below("Log loss of a", "that of b", row, CONVENTIONS) == expected


def test_temperature_names_what_falls_what_rises_and_what_is_open() -> None:
    row = {"metric": "log_loss", "method": "a", "diff": -0.2, "diff_ci_low": -0.3, "diff_ci_high": -0.1}
    rows = frame(
        row,
        {**row, "method": "soft voting", "diff": 0.2, "diff_ci_low": 0.1, "diff_ci_high": 0.3},
        {**row, "method": "b", "diff_ci_high": 0.1},
    )
    assert ensemble_remarks.temperature(rows, CONVENTIONS) == (
        "Log loss after scaling: lower for a (−0.200, 95\u00a0% interval −0.300 to −0.100); higher for soft "
        "voting (+0.200, 95\u00a0% interval +0.100 to +0.300); open for b (−0.200, 95\u00a0% interval −0.300 "
        "to +0.100).",
    )
    alone = frame({**row, "diff_ci_low": NAN, "diff_ci_high": NAN})
    assert "one replicate gives no interval" in ensemble_remarks.temperature(alone, CONVENTIONS)[0]


def test_diversity_is_not_said_to_explain_what_it_may_not() -> None:
    row = {"metric": "disagreement", "n_pairs": 3, "n": 10, "mean": 0.4, "ci_low": -0.1, "ci_high": 0.9}
    opened, caveat = ensemble_remarks.explained(frame(row), CONVENTIONS)
    assert opened.endswith("95\u00a0% interval −0.10 to +0.90, so its sign stays open.")
    assert "over 3 pairs in each replicate" in caveat
    assert "say nothing on other" in caveat
    (shown, _) = ensemble_remarks.explained(frame({**row, "ci_low": 0.1}), CONVENTIONS)
    assert "stays open" not in shown
    (once, _) = ensemble_remarks.explained(frame({**row, "n": 1, "ci_low": NAN, "ci_high": NAN}), CONVENTIONS)
    assert once.endswith("+0.40 in one replicate, without an interval.")
    (same, _) = ensemble_remarks.explained(frame({**row, "ci_low": 0.4, "ci_high": 0.4}), CONVENTIONS)
    assert same.endswith("+0.40 in every one of 10 replicates.")
    (unknown,) = ensemble_remarks.explained(frame({**row, "mean": NAN}), CONVENTIONS)
    assert "needs three pairs" in unknown


def test_pairs_that_differ_most_and_least() -> None:
    row = {"model_a": "a", "model_b": "b", "metric": "disagreement", "mean": 0.2}
    one = ensemble_remarks.diversity(frame(row))
    assert one == "a and b class 20.0\u00a0% of the images differently."
    rows = frame(row, {**row, "model_b": "c", "mean": 0.3}, {**row, "model_b": "a", "mean": 0.1})
    assert ensemble_remarks.diversity(rows) == (
        "Of two backbones, a and c class most images differently, 30.0\u00a0%, and a and b fewest, "
        "20.0\u00a0%. Two replicates of one backbone class 10.0\u00a0% of the images differently."
    )
    assert "not known" in ensemble_remarks.diversity(rows[:0])


def test_votes_of_greedy_selection_are_counted() -> None:
    results = frame(
        *({"run": f"a/{s}/explore/{r}", "model": "a", "setting": s} for s in ("x", "y") for r in (0, 1))
    )
    rows = frame(
        {"replicate": 0, "members": "a/x/explore/0; a/x/explore/0; a/y/explore/0"},
        {"replicate": 1, "members": "a/x/explore/1"},
    )
    votes = ensemble_tables.picked(rows, results)
    assert votes.to_dict("records") == [
        {"model": "a", "setting": "x", "votes": 1.5, "share": 0.75, "replicates": 2},
        {"model": "a", "setting": "y", "votes": 0.5, "share": 0.25, "replicates": 1},
    ]


def test_the_size_table_names_the_largest_size_and_gives_it_no_interval(plain: Built) -> None:
    (table,) = (table for table in plain.model.tables if table.slug == "ensemble-sizes-shown")
    heads = [column.title for column in table.columns]
    last = [row for row in table.rows if row[heads.index("Replicates")].text == "4"]
    assert len(last) == 3
    assert {row[heads.index("95\u00a0% interval, %")].text for row in last} == {"–"}
    assert "jackknife" in table.caption


def test_too_many_pairs_have_no_picture() -> None:
    values = small(backbones=list("abcde"), seeds=2, confirm_seeds=2, epochs=1)
    made, conventions = study(values, seed=1).tables, Conventions.of(values.model_dump())
    runs, means = made["diversity_runs"], made["diversity"]
    assert ensemble_pictures.diversity(runs, means, conventions) is None
    few = runs[runs["model_a"] == "a"]
    assert ensemble_pictures.diversity(few, means[means["model_a"] == "a"], conventions) is not None


class Watched(Mapping[str, pd.DataFrame]):
    """Tables that remember which of them were read."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.tables = tables
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.read.add(name)
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


def test_no_table_of_the_analysis_stays_unread(plain: Built) -> None:
    watched = Watched(plain.study.tables)
    report(watched, Facts.of(plain.study.facts))
    assert set(watched) - watched.read == set()
