"""Sentences on variability, selection, classes and published numbers, in every case."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from built_report import given, inputs
from synthetic_study import params, small, study

from study.report.sections import best, calibration, claims, factors, report, selection, variability

NAN = float("nan")
INPUTS = given()


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
    assert claims.published(frame(*({"verdict": verdict} for verdict in verdicts))) == expected


RATIO = {"model": "a", "other": "b", "ratio": 2.0, "ratio_ci_low": 1.2, "ratio_ci_high": 3.4}


def test_spread_is_never_called_equal() -> None:
    shown = variability.spread_of_models(frame({**RATIO, "p_holm": 0.01}), INPUTS)
    assert shown == "a varies 2.00 times as much as b (95\u00a0% CI 1.20 to 3.40)."
    still = variability.spread_of_models(frame({**RATIO, "p_holm": 0.4}), INPUTS)
    assert still.startswith("No pair of backbones was shown to differ in spread (ratios of SD: 2.00)")
    assert "no sign that they vary equally" in still
    alone = variability.spread_of_models(frame({**RATIO, "p_holm": NAN}), INPUTS)
    assert alone.startswith("Spreads of backbones are not compared")
    level = {"factor": "lr", "level": "1e-05", **RATIO}
    none = variability.spread_of_levels(frame({**level, "p_holm": 0.3}), INPUTS)
    assert none.endswith("none was shown to differ.")
    rows = frame({**level, "p_holm": 0.01}, {**level, "ratio": 0.5, "p_holm": 1.0})
    said = variability.spread_of_levels(rows, INPUTS)
    assert said == (
        "Of 2 comparisons of a level's spread with the reference's, 1 was shown to differ. The largest ratio "
        "of SD is 2.00 (a, learning rate 0.00001), the smallest 0.50 (a, learning rate 0.00001)."
    )


def test_sources_of_the_spread() -> None:
    assert "variance_seeds: 0" in variability.sources(pd.DataFrame(columns=["model", "source", "sd"]))
    rows = frame(
        {"model": "a", "source": "all", "sd": 0.02},
        {"model": "a", "source": "init", "sd": 0.004},
        {"model": "a", "source": "order", "sd": 0.006},
        {"model": "b", "source": "init", "sd": NAN},
    )
    assert variability.sources(rows) == (
        "The single source with the largest SD: a: order of the images (0.60 points)."
    )


def test_seeds_and_images_and_their_interaction() -> None:
    def shares(images: float, seeds: float) -> dict[str, float]:
        interaction = 1 - images - seeds
        return {"share_images": images, "share_seeds": seeds, "share_interaction": interaction}

    assert "not known" in variability.seeds_and_images(frame(shares(NAN, NAN)))
    said = variability.seeds_and_images(frame(shares(0.92, 0.04), shares(0.93, 0.05)))
    assert said.replace("\u00a0", " ") == (
        "The choice of test images makes 92 to 93 % of the variance of a confirmed mean, the choice of seeds "
        "4 to 5 %, and their interaction 2 to 4 %. More seeds remove the second and the third part, not the "
        "first."
    )


def test_interaction() -> None:
    assert "needs two backbones" in factors.interaction(pd.DataFrame(columns=["factor", "p_holm"]), INPUTS)
    rows = frame(
        {"factor": "lr", "n": 10, "p_holm": 0.01},
        {"factor": "l1", "n": 10, "p_holm": 0.2},
        {"factor": "dropout", "n": 10, "p_holm": NAN},
    )
    assert factors.interaction(rows, INPUTS) == (
        "On these images the effect of learning rate depends on the backbone. For L1 penalty and dropout "
        "that was not shown."
    )


@pytest.mark.parametrize(("n", "least"), [(5, "0.375"), (7, "0.094")])
def test_an_interaction_that_cannot_be_shown_is_not_called_not_shown(n: int, least: str) -> None:
    rows = frame(*({"factor": factor, "n": n, "p_holm": 1.0} for factor in ("lr", "l1", "dropout") * 2))
    said = factors.interaction(rows, INPUTS)
    assert said == (
        f"Whether effects depend on the backbone cannot be shown with {n} replicates: the smallest corrected "
        f"p that the test can reach is {least}."
    )
    assert "was not shown" in factors.interaction(rows.assign(n=8), INPUTS)


def test_ranks() -> None:
    omnibus = frame({"n": 10, "k": 2, "f": 5.0, "p": 0.0001})
    both = frame({"model": "b", "mean_rank": 1.5}, {"model": "a", "mean_rank": 1.5})
    assert best.ranks(both, omnibus) == (
        "Mean rank over replicates, 1 the best: a 1.50 and b 1.50. A sign-flip test over seeds, on these "
        "images only, that all are equal gives p <0.001. Ranks describe these test images; the pairs above "
        "have the tests."
    )
    assert "sign-flip" not in best.ranks(both, omnibus[:0])


def test_seeds_needed() -> None:
    def row(kind: str, needed: float, effect: float = 0.005) -> dict[str, Any]:
        return {"kind": kind, "effect": effect, "n_needed": needed, "image_floor": 0.012}

    rows = frame(row("models", 8), row("models", 1300), row("levels", 5), row("models", 900, 0.001))
    assert variability.seeds_needed(rows, INPUTS) == (
        "To find a difference of 0.50 points with 80\u00a0% power after correction it takes 8 to 1,300 "
        "replicates for a pair of backbones and 5 replicates for a level against the reference. On new test "
        "images no number of seeds finds less than 1.20 points, because the test split is finite."
    )
    unknown = variability.seeds_needed(frame(row("models", NAN)), INPUTS)
    assert unknown == "How many seeds are enough is not known from one replicate."


def test_optimism_and_choices() -> None:
    best = frame(
        {"model": "a", "explore_valid_mean": 0.9, "confirm_valid_mean": 0.89},
        {"model": "b", "explore_valid_mean": 0.9, "confirm_valid_mean": NAN},
    )
    said = selection.optimism(best)
    assert "points: a +1.00." in said
    assert "The confirmed validation accuracy is flattered still" in said
    assert selection.optimism(best[1:]) == "Selection optimism is not known."

    def row(model: str, rule: str, setting: str) -> dict[str, str]:
        return {"model": model, "rule": rule, "setting": setting}

    rows = frame(
        row("a", "mean", "lr=0.003"), row("a", "lower_bound", "reference"), row("a", "front", "lr=0.003"),
        row("a", "front", "reference"), row("b", "mean", "lr=0.003"), row("b", "lower_bound", "lr=0.003"),
        row("c", "mean", "reference"),
    )  # fmt: skip
    assert selection.choices(rows) == (
        "a: learning rate 0.003 by mean, the reference setting by lower bound; 2 settings on the front of "
        "mean and SD. b: learning rate 0.003 by mean and by lower bound; 0 settings on the front of mean "
        "and SD. c: the reference setting by mean; the other rules need two replicates; 0 settings on the "
        "front of mean and SD."
    )


def test_expected_best() -> None:
    rows = frame({"model": "a", "n_settings": 1, "mean": 0.8}, {"model": "a", "n_settings": 19, "mean": 0.85})
    assert selection.expected_best(rows).endswith("a: 80.0\u00a0% from one setting, 85.0\u00a0% from 19.")


def test_classes_confusion_and_calibration() -> None:
    ends = {"model": "a", "image_ci_low": 0.48, "image_ci_high": 1.02}
    classes = frame(
        {**ends, "class": "cat", "mean": 0.6}, {**ends, "class": "ship", "mean": 0.9, "image_ci_low": NAN}
    )
    assert calibration.classes(classes) == (
        "Accuracy by class, with the CI of seeds and images: a: lowest cat (60.0\u00a0%, 48 to 100), highest "
        "ship (90.0\u00a0%). The extremes of many classes are flattered by the choice, and no order of "
        "classes is tested."
    )
    grid = [
        {"model": "a", "true": "cat", "predicted": "cat", "share": 0.9},
        {"model": "a", "true": "cat", "predicted": "dog", "share": 0.1},
    ]
    assert calibration.confusion(frame(*grid)).endswith(
        "a: cat predicted as dog (10.0\u00a0% of its images)."
    )
    assert calibration.confusion(frame(grid[0])) == "No test image was predicted as another class."
    bins = {"model": "a", "share": 0.5, "confidence": 0.8}
    sure = calibration.calibration(frame({**bins, "accuracy": 0.7}, {**bins, "accuracy": 0.8}))
    assert sure == "On the whole, a is overconfident by 5.0 points."
    assert "underconfident by 2.0 points" in calibration.calibration(frame({**bins, "accuracy": 0.82}))
    assert "as confident as it is accurate" in calibration.calibration(frame({**bins, "accuracy": 0.8}))


def test_what_the_spread_contains() -> None:
    def pool(views: object) -> str:
        augment = params().augment.model_copy(update={"views": views})
        return variability.pool(given(params(augment=augment)))

    assert "pool of 10 views" in pool(10)
    assert "pool of 1 view of" in pool(1)
    assert "draw their views anew" in pool("fresh")
    assert "pool" not in pool("fresh")


def test_how_often_a_setting_is_on_top() -> None:
    row = {"model": "a", "setting": "lr=0.003", "n": 10, "times_top": 7, "ci_low": 0.35, "ci_high": 0.93}
    rest = {"setting": "reference", "times_top": 3, "ci_low": 0.07, "ci_high": 0.65}
    never = {**row, "setting": "lr=0.001", "times_top": 0}
    said = selection.on_top(frame({**row, **rest}, row, never), INPUTS)
    assert said == (
        "Most often on top on validation images: a: learning rate 0.003 in 7 of 10 replicates (95\u00a0% CI "
        "35 to 93\u00a0%); 1 other setting on top at least once."
    )


def test_which_settings_may_be_best_and_what_they_may_cost() -> None:
    row = {"model": "a", "setting": "lr=0.003", "n": 10, "in_set": 1, "simultaneous_low": -0.001}
    other = {**row, "setting": "reference", "simultaneous_low": -0.0125}
    out = {**row, "setting": "lr=0.001", "in_set": 0, "simultaneous_low": -0.2}
    said = selection.may_be_best(frame(row, other, out), INPUTS)
    assert said.endswith(
        "that the best is among them: a: 2 of 3 settings; the one that may cost most, the reference setting, "
        "costs at most 1.25 points against the best."
    )
    alone = selection.may_be_best(frame(row, out), INPUTS)
    assert alone.endswith("a: learning rate 0.003 alone.")
    few = selection.may_be_best(frame({**row, "n": 1, "simultaneous_low": NAN}), INPUTS)
    assert few.endswith("a: not known from 1 replicate.")


def test_verdicts_on_spread_keep_the_level_of_the_study() -> None:
    strict = params(analysis=params().analysis.model_copy(update={"alpha": 0.01}))
    rows = frame({**RATIO, "factor": "lr", "level": "0.001", "p_holm": 0.03})
    assert variability.spread_of_models(rows, INPUTS).startswith("a varies 2.00 times")
    assert variability.spread_of_models(rows, given(strict)).startswith("No pair")
    assert "1 was shown" in variability.spread_of_levels(rows, INPUTS)
    assert "none was shown" in variability.spread_of_levels(rows, given(strict))


@pytest.mark.parametrize("seeds", [1, 2, 4])
@pytest.mark.parametrize("backbones", [1, 2])
def test_no_sentence_says_nan(seeds: int, backbones: int) -> None:
    values = small(backbones=["a", "b"][:backbones], seeds=seeds, confirm_seeds=seeds, epochs=1)
    made, told = inputs(study(values, seed=5)), []
    report(made).retold(lambda text, _: told.append(text) or text)
    assert len(told) > 50
    assert [text for text in told if "nan" in text.split() or "–" in text.split()] == []


def test_the_floor_of_the_calibration_error_is_said() -> None:
    rows = frame({"model": "a", "calibration_error": 0.0371, "floor": 0.0338})
    assert calibration.floor(rows) == (
        "Calibration error has a floor, since bins hold few images: a 0.037, of which 0.034 would be "
        "measured of a perfectly calibrated model too."
    )
