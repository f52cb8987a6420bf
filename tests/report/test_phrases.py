"""Findings in words: every kind of outcome says what was shown and no more."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from built_report import given, inputs
from synthetic_study import params, small, study

from study.report import phrases
from study.report.sections import best as best_section
from study.report.sections import claims, data, ensembles, factors, methods, report, summary

NAN = math.nan
RULES = params()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def row(**update: Any) -> dict[str, Any]:
    values = {"n": 10, "diff": 0.094, "ci_low": 0.091, "ci_high": 0.097, "wins": 1.0, "mde": 0.004}
    return {**values, "verdict": "different", "seeds_only_verdict": "inconclusive", **update}


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({}, "X is better than Y by 9.4 points (95 % CI 9.1 to 9.7; better in 10 of 10 seeds)."),
        (
            {"diff": -0.094, "ci_low": -0.097, "ci_high": -0.091, "wins": 0.0},
            "X is worse than Y by 9.4 points (95 % CI 9.1 to 9.7; worse in 10 of 10 seeds).",
        ),
        (
            {"diff": 0.002, "ci_low": 0.0015, "ci_high": 0.0025, "verdict": "different but trivial"},
            "X is better than Y by 0.20 points (95 % CI 0.15 to 0.25; better in 10 of 10 seeds); the "
            "difference is real but lies within the margin of 0.5 points.",
        ),
        (
            {"diff": 0.0005, "ci_low": -0.001, "ci_high": 0.002, "wins": 0.6, "verdict": "equivalent"},
            "X and Y are equivalent within 0.5 points: the mean difference is +0.1 points (95 % CI "
            "−0.1 to +0.2).",
        ),
        (
            {"diff": 0.003, "ci_low": -0.002, "ci_high": 0.008, "verdict": "inconclusive"},
            "Whether X or Y is better is inconclusive: the mean difference is +0.3 points (95 % CI −0.2 to "
            "+0.8); 10 replicates can show 0.40 points with 80 % power after correction.",
        ),
        (
            {
                "diff": 0.003,
                "ci_low": 0.001,
                "ci_high": 0.005,
                "image_ci_low": -0.006,
                "image_ci_high": 0.012,
                "verdict": "inconclusive",
                "seeds_only_verdict": "different",
            },
            "Whether X or Y is better is inconclusive: the mean difference is +0.3 points (95 % CI of seeds "
            "and images −0.6 to +1.2); 10 replicates can show 0.40 points with 80 % power after correction. "
            "On these test images only, X is better (95 % CI of seeds +0.1 to +0.5).",
        ),
        (
            {"image_ci_low": 0.08, "image_ci_high": 0.108, "seeds_only_verdict": "different"},
            "X is better than Y by 9.4 points (95 % CI of seeds and images 8.0 to 10.8; better in 10 of 10 "
            "seeds).",
        ),
        (
            {"diff": 0.0, "ci_low": 0.0, "ci_high": 0.0, "wins": 0.5, "verdict": "equivalent"},
            "X and Y are equally accurate in every one of 10 replicates.",
        ),
        (
            {"n": 1, "ci_low": NAN, "ci_high": NAN, "mde": NAN, "verdict": "inconclusive"},
            "X minus Y is +9.40 points from one replicate; there is no interval, so the order is "
            "inconclusive.",
        ),
        (
            {"n": 1, "diff": 0.0, "ci_low": NAN, "ci_high": NAN, "verdict": "inconclusive"},
            "X minus Y is 0.00 points from one replicate; there is no interval, so the order is "
            "inconclusive.",
        ),
        (
            {"ci_low": NAN, "ci_high": NAN, "verdict": "inconclusive"},
            "X minus Y is +9.40 points over 10 replicates; there is no interval, so the order is "
            "inconclusive.",
        ),
        (
            {"n": 0, "diff": NAN, "verdict": "inconclusive"},
            "X and Y are not compared: no replicate has an accuracy of both.",
        ),
    ],
)
def test_a_comparison(update: dict[str, Any], expected: str) -> None:
    assert plain(phrases.versus("X", "Y", row(**update), RULES)) == expected


@pytest.mark.parametrize("verdict", ["equivalent", "inconclusive"])
def test_never_no_difference(verdict: str) -> None:
    values = row(diff=0.0001, ci_low=-0.01, ci_high=0.01, wins=0.5, verdict=verdict)
    said = phrases.versus("X", "Y", values, RULES)
    assert "no difference" not in said
    assert "same" not in said
    assert ("equivalent" in said) == (verdict == "equivalent")


def best(*means: float, n: int = 10) -> pd.DataFrame:
    half = 0.002 if n > 1 else NAN
    return pd.DataFrame(
        {
            "model": [f"net-{index}" for index in range(len(means))],
            "setting": "lr=0.003",
            "n": n,
            "mean": means,
            "ci_low": [mean - half for mean in means],
            "ci_high": [mean + half for mean in means],
        }
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            best(0.9, 0.95),
            "net-1 at learning rate 0.003 has the highest mean test accuracy of the confirmed settings, "
            "95.0 % (95 % CI 94.8 to 95.2, 10 replicates).",
        ),
        (
            best(0.95, 0.95, 0.9),
            "net-0 and net-1 share the highest mean test accuracy, 95.0 % (95 % CI 94.8 to 95.2, "
            "10 replicates).",
        ),
        (
            best(0.95, n=1),
            "net-0, the only backbone, reaches a test accuracy of 95.00 % (1 replicate, no interval).",
        ),
        (best(NAN, NAN), "No model has a confirmed test accuracy."),
    ],
)
def test_the_leader(rows: pd.DataFrame, expected: str) -> None:
    assert plain(best_section.leader(given(best=rows))) == expected


def test_pairs_name_the_higher_mean_first() -> None:
    pair = {"model_a": "net-0", "model_b": "net-1"}
    rows = pd.DataFrame([{**pair, **row(diff=-0.094, ci_low=-0.097, ci_high=-0.091, wins=0.1)}])
    rows = rows.assign(image_ci_low=-0.102, image_ci_high=-0.086)
    said = best_section.compared(given(best=best(0.85, 0.944), pairs=rows))
    assert [plain(one) for one in said] == [
        "net-1 is better than net-0 by 9.4 points (95 % CI of seeds and images 8.6 to 10.2; better in 9 of "
        "10 seeds)."
    ]


def combined(*methods: str) -> pd.DataFrame:
    rows = [
        {**row(), "method": method, "mean": 0.9 + index / 100, "best_single": "net-0", "diff": index / 100}
        for index, method in enumerate(methods)
    ]
    frame = pd.DataFrame(rows, columns=["method", "mean", "best_single", *row()])
    half = {"low": -0.0012, "high": 0.0012}
    ends = {f"diff_ci_{end}": frame["diff"] + shift for end, shift in half.items()}
    return frame.assign(**ends, diff_image_ci_low=NAN, diff_image_ci_high=NAN)


def test_ensembles_against_the_best_single_model() -> None:
    said = ensembles.compared(given(ensembles=combined("single", "hard voting", "stacking")))
    assert [plain(one) for one in said] == [
        "Stacking is better than the best single model (net-0) by 2.0 points (95 % CI 1.9 to 2.1; better "
        "in 10 of 10 seeds).",
        "Hard voting is better than the best single model (net-0) by 1.0 points (95 % CI 0.9 to 1.1; "
        "better in 10 of 10 seeds).",
    ]


def test_no_ensembles() -> None:
    alone = "There is no ensemble: a single backbone leaves nothing to combine."
    one = params(backbones=["net-0"])
    assert ensembles.compared(given(one, ensembles=combined("single"))) == (alone,)
    assert ensembles.compared(given(ensembles=combined())) == ("The study has no ensembles.",)


def compared(*verdicts: str, n: int = 10) -> pd.DataFrame:
    rows = [
        {"model": f"net-{index}", "level": "0.003", "reference_level": "0.0005"}
        | row(n=n, diff=(index + 1) * (-1) ** index / 100, verdict=verdict)
        for index, verdict in enumerate(verdicts)
    ]
    frame = pd.DataFrame(rows, columns=["model", "level", "reference_level", *row()])
    half = 0.002 if n > 1 else NAN
    return frame.assign(ci_low=frame["diff"] - half, ci_high=frame["diff"] + half)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            compared("different", "different", "equivalent", "inconclusive", "different but trivial"),
            "Learning rate: of 5 comparisons with the reference (0.0005), 3 show a difference (1 of them "
            "within 0.5 points), 1 is equivalent within 0.5 points and 1 is inconclusive. Largest gain: "
            "net-0 at 0.003, +1.0 points (95 % CI +0.8 to +1.2). Largest loss: net-1 at 0.003, −2.0 points "
            "(95 % CI −2.2 to −1.8). The largest of several is flattered by the choice.",
        ),
        (
            compared("different", "inconclusive", "equivalent"),
            "Learning rate: of 3 comparisons with the reference (0.0005), 1 shows a difference, 1 is "
            "equivalent within 0.5 points and 1 is inconclusive. Largest gain: net-0 at 0.003, +1.0 points "
            "(95 % CI +0.8 to +1.2). The largest of several is flattered by the choice.",
        ),
        (
            compared("different"),
            "Learning rate: of 1 comparison with the reference (0.0005), 1 shows a difference. Largest gain: "
            "net-0 at 0.003, +1.0 points (95 % CI +0.8 to +1.2).",
        ),
        (
            compared("inconclusive", "inconclusive"),
            "Learning rate: of 2 comparisons with the reference (0.0005), 2 are inconclusive.",
        ),
        (
            compared("inconclusive", n=1),
            "Learning rate: one replicate gives no verdict on the 1 comparison with the reference (0.0005). "
            "Largest gain: net-0 at 0.003, +1.00 points.",
        ),
        (
            compared("different", "inconclusive", "different"),
            "Learning rate: of 3 comparisons with the reference (0.0005), 2 show a difference and 1 is "
            "inconclusive. Largest gain: net-2 at 0.003, +3.0 points (95 % CI +2.8 to +3.2). The largest of "
            "several is flattered by the choice.",
        ),
        (compared(), "Learning rate: no level beside the reference was compared."),
    ],
)
def test_a_factor(rows: pd.DataFrame, expected: str) -> None:
    assert plain(factors.said("lr", rows, given())) == expected


def test_detectable_difference() -> None:
    rows = compared("different", "different").assign(mde=[0.002, 0.0043])
    assert plain(phrases.detectable(rows, RULES)) == (
        "Minimum detectable difference on new seeds and images at 80 % power, after correction: 0.20 to "
        "0.43 points."
    )
    assert "needs at least two" in phrases.detectable(rows.assign(mde=NAN), RULES)


def test_diverged_runs_are_named() -> None:
    lost = ("efficientnet-lite0/lr=0.003/explore/1", "efficientnet-lite1/reference/explore/0")
    results = study(small(seeds=2, confirm_seeds=2), seed=5, diverged=lost).tables["results"]
    said = methods.diverged(results)
    assert said.startswith(f"2 of {len(results)} runs diverged: ")
    assert "1 of efficientnet-lite0 at learning rate 0.003" in said
    assert "1 of efficientnet-lite1 at the reference setting" in said
    none = results.assign(status="ok")
    assert methods.diverged(none) == f"None of the {len(results)} runs diverged."


def test_claims_are_counted() -> None:
    rows = pd.DataFrame({"verdict": ["refuted", "supported", "supported"]})
    other = rows.assign(seeds_only_verdict=["refuted", "supported", "inconclusive"])
    assert claims.counted(given(claims=other)).endswith(" 1 has another verdict on these images only.")
    rows["seeds_only_verdict"] = rows["verdict"]
    said = claims.counted(given(claims=rows))
    assert said == "Of 3 claims of the original report: 2 supported and 1 refuted."
    none = claims.counted(given(claims=rows.head(0)))
    assert none == "No claim of the original report was judged."


def test_the_front_says_what_a_family_is() -> None:
    row = {"metric": "test_accuracy", "diff": 0.01, "p_holm": 0.5}
    rows = pd.DataFrame([{**row, "model": model} for model in "aabbcc"])
    assert [plain(one) for one in summary.family(given(comparisons=rows))] == [
        "A family is the 2 comparisons of one backbone with the reference. Within it the chance of any false "
        "difference is at most 5 %, and so is that of any false equivalence; over the 3 families together "
        "each may reach 15 %."
    ]
    assert summary.family(given(comparisons=rows.assign(p_holm=NAN))) == ()


def test_what_the_comparisons_could_tell() -> None:
    def compared(
        verdict: str, n: int = 10, mde: float = 0.01, alone: str = "inconclusive"
    ) -> dict[str, object]:
        row = {"metric": "test_accuracy", "diff": 0.01, "n": n, "verdict": verdict, "mde": mde}
        return {**row, "seeds_only_verdict": alone}

    rows = pd.DataFrame(
        [
            compared("different", alone="different"),
            compared("inconclusive", mde=0.02),
            compared("inconclusive", mde=0.02, alone="different but trivial"),
            compared("equivalent", mde=0.03, alone="different"),
        ]
    )
    assert factors.certainty(given(comparisons=rows)) == (
        "Of 4 comparisons with the reference over all factors, 1 shows a difference, 1 is equivalent within "
        "0.5 points and 2 are inconclusive (1 of them different on these test images only). Half of them "
        "could show 2.00 points or less on new seeds and images with 80\u00a0% power after correction."
    )
    frame = pd.DataFrame([compared("different", mde=float("nan"))])
    sure = factors.certainty(given(comparisons=frame))
    assert sure == "Of 1 comparison with the reference over all factors, 1 shows a difference."
    once = factors.certainty(given(comparisons=pd.DataFrame([compared("inconclusive", n=1)])))
    assert once.startswith("One replicate per setting gives no interval, no test and no verdict")
    none = factors.certainty(given(comparisons=rows[:0]))
    assert none == "No setting was compared with the reference."


@pytest.mark.parametrize(
    ("n_constant", "expected"),
    [
        (0, ()),
        (639, ()),
        (
            640,
            (
                "At 32 pixels per side 640 of the 1,280 features of a are the same for all 1,797 images; its "
                "heads learn from at most the other 640.",
            ),
        ),
        (
            1280,
            (
                "At 32 pixels per side 1,280 of the 1,280 features of a are the same for all 1,797 images; "
                "its heads can learn nothing.",
            ),
        ),
    ],
)
def test_a_backbone_of_which_little_is_left_is_named(n_constant, expected):
    rows = pd.DataFrame([{"model": "a", "n_images": 1797, "n_features": 1280, "n_constant": n_constant}])
    assert data.constant_features(given(params(image_size=32), features=rows)) == expected


def test_a_dead_backbone_is_named_once_and_does_not_lead():
    model = report(inputs(study(small(), seed=1)))
    texts = [(section.slug, item) for section in model.sections for block in section.blocks
             for item in getattr(block, "items", ())]  # fmt: skip
    named = [slug for slug, item in texts if "1,127 of the 1,280 features of efficientnet-lite1" in item]
    assert named == ["data"]
    assert not any("features of efficientnet-lite0" in item for _, item in texts)


@pytest.mark.parametrize(("margin", "said"), [(0.01, "1 point"), (0.005, "0.5 points"), (0.02, "2 points")])
def test_one_point_is_no_points(margin, said):
    analysis = params().analysis.model_copy(update={"equivalence_margin": margin})
    values = row(diff=0.0005, ci_low=-0.001, ci_high=0.002, verdict="equivalent")
    text = phrases.versus("X", "Y", values, params(analysis=analysis))
    assert text.startswith(f"X and Y are equivalent within {said}: ")


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 run"), (2, "2 runs"), (0, "0 runs"), ("+1", "+1 run"), ("1.00", "1.00 runs")]
)
def test_one_thing_is_no_things(n, said):
    assert phrases.many(n, "run") == said


def test_the_rule_of_selection_is_said_wherever_it_matters():
    def texts(rule: str) -> str:
        values = small()
        analysis = values.analysis.model_copy(update={"selection_rule": rule})
        model = report(inputs(study(values.model_copy(update={"analysis": analysis}), seed=1)))
        told: list[str] = []
        model.retold(lambda text, _: told.append(text) or text)
        return " ".join(told)

    mean, bound = "highest mean validation accuracy", "highest lower end of the 95\u00a0% CI of validation"
    assert texts("mean").count(mean) == 4
    assert bound not in texts("mean")
    assert texts("lower_bound").count(bound) == 4
    assert mean not in texts("lower_bound")


def test_methods_that_are_missing_are_said_to_be():
    made = study(small(), seed=1)
    assert "stacking [@wolpert] fits" in str(ensembles.section(inputs(made)))
    frame = made.tables["ensembles"]
    fewer = {**made.tables, "ensembles": frame[~frame["method"].isin(["stacking", "weighted soft voting"])]}
    text = str(ensembles.section(given(made.params, **fewer)))
    assert "Weighted soft voting and stacking [@wolpert] are missing" in text
    assert "at least five of every class" in text
