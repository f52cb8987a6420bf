"""Sentences on variation, choice, classes and published numbers, in every case."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from synthetic_study import params, small, study

from study.report import remarks
from study.report.conventions import Conventions

NAN = float("nan")
CONVENTIONS = Conventions.of(params().model_dump())


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (
            ["inside", "inside", "outside", "not testable on this data"],
            "Of 4 published accuracies, 2 lie inside the interval in which one more run would fall, 1 lies "
            "outside of it and 1 cannot be tested on this data.",
        ),
        (["outside"], "Of 1 published accuracy, 1 lies outside of it."),
        (["inconclusive"], "Of 1 published accuracy, 1 has no such interval beside it."),
    ],
)
def test_published(verdicts: list[str], expected: str) -> None:
    assert remarks.published(frame(*({"verdict": verdict} for verdict in verdicts))) == expected


RATIO = {"model": "a", "other": "b", "ratio": 2.0, "ratio_ci_low": 1.2, "ratio_ci_high": 3.4}


def test_spread_is_never_called_equal() -> None:
    shown = remarks.spread_of_models(frame({**RATIO, "p_holm": 0.01}))
    assert shown == "a varies 2.00 times as much as b (interval 1.20 to 3.40)."
    still = remarks.spread_of_models(frame({**RATIO, "p_holm": 0.4}))
    assert still.startswith("No pair of backbones was shown to differ in spread (ratios of SD 2.00 to 2.00)")
    assert "no sign that they are equally steady" in still
    alone = remarks.spread_of_models(frame({**RATIO, "p_holm": NAN}))
    assert alone.startswith("Spreads of backbones are not compared")
    level = {"factor": "lr", "level": "1e-05", **RATIO}
    assert remarks.spread_of_levels(frame({**level, "p_holm": 0.3})).endswith("none was shown to differ.")
    said = remarks.spread_of_levels(frame({**level, "p_holm": 0.01}, {**level, "ratio": 0.5, "p_holm": 1.0}))
    assert said == (
        "Of 2 comparisons of a level's spread with the reference's, 1 was shown to differ. The largest ratio "
        "of SD is 2.00 (a, learning rate 0.00001), the smallest 0.50 (a, learning rate 0.00001)."
    )


def test_sources_of_the_spread() -> None:
    assert "variance_seeds: 0" in remarks.sources(pd.DataFrame(columns=["model", "source", "sd"]))
    rows = frame(
        {"model": "a", "source": "all", "sd": 0.02},
        {"model": "a", "source": "init", "sd": 0.004},
        {"model": "a", "source": "order", "sd": 0.006},
        {"model": "b", "source": "init", "sd": NAN},
    )
    assert remarks.sources(rows) == (
        "The single source with the largest standard deviation: a: order of the images (0.60 points)."
    )


def test_seeds_and_images() -> None:
    assert "not known" in remarks.seeds_and_images(frame({"share_images": NAN}))
    assert "makes 90\u00a0% of the variance" in remarks.seeds_and_images(frame({"share_images": 0.9}))
    both = remarks.seeds_and_images(frame({"share_images": 0.9}, {"share_images": 0.4}))
    assert "makes 40 to 90\u00a0%" in both


def test_interaction() -> None:
    assert "needs two backbones" in remarks.interaction(pd.DataFrame(columns=["factor", "p_holm"]), 0.05)
    rows = frame(
        {"factor": "lr", "p_holm": 0.01},
        {"factor": "l1", "p_holm": 0.2},
        {"factor": "dropout", "p_holm": NAN},
    )
    assert remarks.interaction(rows, 0.05) == (
        "The effect of learning rate depends on the backbone. For L1 penalty and dropout that was not shown."
    )


def test_ranks() -> None:
    omnibus = frame({"n": 10, "k": 2, "f": 5.0, "p": 0.0001})
    row = {"model": "b", "mean_rank": 1.5, "critical_difference": 1.05, "reason": ""}
    both = frame(row, {**row, "model": "a"})
    assert remarks.ranks(both, omnibus) == (
        "Mean rank over replicates, 1 the best: a 1.50 and b 1.50. That all are equal has p <0.001 "
        "(permutations within replicates). Ranks that differ by 1.05 or more differ by Nemenyi's test."
    )
    reason = frame({**row, "critical_difference": NAN, "reason": "there are 2"})
    assert remarks.ranks(reason, omnibus[:0]) == (
        "Mean rank over replicates, 1 the best: b 1.50. There is no critical difference of ranks: there "
        "are 2."
    )
    assert remarks.ranks(both[:0], omnibus[:0]) == "Ranks need two backbones."


def test_seeds_needed() -> None:
    def row(kind: str, needed: float, effect: float = 0.005) -> dict[str, Any]:
        return {"kind": kind, "effect": effect, "n_needed": needed, "image_floor": 0.012}

    rows = frame(row("models", 8), row("models", 1300), row("levels", 5), row("models", 900, 0.001))
    assert remarks.seeds_needed(rows, CONVENTIONS) == (
        "To find a difference of 0.50 points with 80\u00a0% power after correction it takes 8 to 1,300 "
        "replicates for a pair of backbones and 5 replicates for a level against the reference. On new test "
        "images no number of seeds finds less than 1.20 points, because the test split is finite."
    )
    unknown = remarks.seeds_needed(frame(row("models", NAN)), CONVENTIONS)
    assert unknown == "How many seeds are enough is not known from one replicate."


def test_optimism_and_choices() -> None:
    best = frame(
        {"model": "a", "explore_valid_mean": 0.9, "confirm_valid_mean": 0.89},
        {"model": "b", "explore_valid_mean": 0.9, "confirm_valid_mean": NAN},
    )
    assert remarks.optimism(best).endswith("points: a +1.00.")
    assert remarks.optimism(best[1:]) == "Selection optimism is not known."

    def row(model: str, rule: str, setting: str) -> dict[str, str]:
        return {"model": model, "rule": rule, "setting": setting}

    rows = frame(
        row("a", "mean", "lr=0.003"), row("a", "lower_bound", "reference"), row("a", "front", "lr=0.003"),
        row("a", "front", "reference"), row("b", "mean", "lr=0.003"), row("b", "lower_bound", "lr=0.003"),
        row("c", "mean", "reference"),
    )  # fmt: skip
    assert remarks.choices(rows) == (
        "a: learning rate 0.003 by mean, the reference setting by lower bound; 2 settings on the front of "
        "mean and SD. b: learning rate 0.003 by mean and by lower bound; 0 settings on the front of mean "
        "and SD. c: the reference setting by mean; the other rules need two replicates; 0 settings on the "
        "front of mean and SD."
    )


def test_expected_best() -> None:
    rows = frame({"model": "a", "n_settings": 1, "mean": 0.8}, {"model": "a", "n_settings": 19, "mean": 0.85})
    assert remarks.expected_best(rows).endswith("a: 80.0\u00a0% from one setting, 85.0\u00a0% from 19.")


def test_classes_confusion_and_calibration() -> None:
    classes = frame({"model": "a", "class": "cat", "mean": 0.6}, {"model": "a", "class": "ship", "mean": 0.9})
    assert remarks.classes(classes) == "a: hardest cat (60.0\u00a0%), easiest ship (90.0\u00a0%)."
    grid = [
        {"model": "a", "true": "cat", "predicted": "cat", "share": 0.9},
        {"model": "a", "true": "cat", "predicted": "dog", "share": 0.1},
    ]
    assert remarks.confusion(frame(*grid)).endswith("a: cat taken for dog (10.0\u00a0% of its images).")
    assert remarks.confusion(frame(grid[0])) == "No test image was taken for another class."
    bins = {"model": "a", "share": 0.5, "confidence": 0.8}
    sure = remarks.calibration(frame({**bins, "accuracy": 0.7}, {**bins, "accuracy": 0.8}))
    assert sure == "On the whole, a is too sure by 5.0 points."
    assert "not sure enough by 2.0 points" in remarks.calibration(frame({**bins, "accuracy": 0.82}))
    assert "as sure as it is right" in remarks.calibration(frame({**bins, "accuracy": 0.8}))


def test_what_the_spread_contains() -> None:
    assert "pool of 10 views" in remarks.pool({"views": 10})
    assert "pool of 1 view of" in remarks.pool({"views": 1})
    fresh = remarks.pool({"views": "fresh"})
    assert "draw their views anew" in fresh
    assert "pool" not in fresh


@pytest.mark.parametrize("seeds", [1, 2, 4])
@pytest.mark.parametrize("backbones", [1, 2])
def test_no_sentence_says_nan(seeds: int, backbones: int) -> None:
    values = small(backbones=["a", "b"][:backbones], seeds=seeds, confirm_seeds=seeds, epochs=1)
    made = study(values, seed=5).tables
    said = [
        remarks.published(made["published"]),
        remarks.spread_of_models(made["steadiness_models"]),
        remarks.spread_of_levels(made["steadiness_levels"]),
        remarks.sources(made["variance_sources"]),
        remarks.seeds_and_images(made["seeds_images"]),
        remarks.interaction(made["interaction"], 0.05),
        remarks.ranks(made["ranks"], made["models_omnibus"]),
        remarks.seeds_needed(made["seeds_needed"], CONVENTIONS),
        remarks.optimism(made["best"]),
        remarks.choices(made["choices"]),
        remarks.expected_best(made["expected_best"]),
        remarks.classes(made["per_class"]),
        remarks.confusion(made["confusion"]),
        remarks.calibration(made["reliability"]),
    ]
    assert all(text and "nan" not in text and "–" not in text for text in said), said
