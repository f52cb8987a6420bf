"""Claims are judged for new seeds and new images, where a claim is on shares of images."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from study.analysis.claims.data import TEST, VALID, ClaimData
from study.analysis.claims.hypotheses import difference
from study.analysis.claims.judging import judge_claims
from study.analysis.claims.levels import Above, AtLeast, LargestGain, Trend
from study.analysis.claims.loading import Claim
from study.analysis.claims.models import BestOf, EnsemblesAbove, MostSettings
from study.analysis.claims.questions import answer
from study.analysis.claims.sides import Side
from study.analysis.correctness import Correctness
from study.analysis.statistics.crossed import crossed_contrast_parts
from study.tables.definitions import ENSEMBLE_RUNS, HISTORY, LEVELS
from tests.analysis.rules import RULES

N, IMAGES = 8, 60
LR = {"factor": "lr", "metric": TEST}


def of_images(rng, right, extra=0, noise=1):
    """Correctness (N, IMAGES): the first ``right`` images, ``extra`` fixed ones, and a few by chance."""
    matrix = np.zeros((N, IMAGES), dtype=bool)
    matrix[:, : right + extra] = True
    for row in matrix:
        row[rng.integers(0, IMAGES, size=noise)] ^= True
    return matrix


class Study:
    """Runs of two models at four levels, whose accuracies are those of their images."""

    def __init__(self, results_of, shifts=(0, 0, 0, 0), models=("a", "b"), missing=()):
        rng = np.random.default_rng(3)
        names = ["reference", "lr=2", "lr=3", "lr=4"]
        rows, matrices, runs = [], [], []
        for model in models:
            for phase in ("explore", "confirm"):
                for name, shift in zip(names, shifts, strict=True):
                    if phase == "confirm" and name != "reference":
                        continue
                    matrix = of_images(rng, 30, shift + (3 if (model, phase) == ("b", "confirm") else 0))
                    part = results_of({(model, name): matrix.mean(axis=1)}, phase=phase)
                    keep = ~part["replicate"].isin(missing if name == "lr=2" else ())
                    rows.append(part[keep])
                    matrices.append(matrix[keep])
                    runs += list(part["run"][keep])
        levels = [(f"{k + 1}", k, name, int(k == 0)) for k, name in enumerate(names)]
        self.correct = Correctness(np.concatenate(matrices), tuple(runs))
        methods = {"stacking": of_images(rng, 33), "single": of_images(rng, 30)}
        self.ensembles = methods
        self.data = ClaimData.of(
            pd.concat(rows).sample(frac=1, random_state=1),
            pd.DataFrame(columns=list(HISTORY.columns)),
            pd.DataFrame([("lr", *row) for row in levels], columns=list(LEVELS.columns)),
            pd.DataFrame({"setting": names}),
            pd.DataFrame(
                [
                    {**dict.fromkeys(ENSEMBLE_RUNS.columns), "method": method, "replicate": row, TEST: value}
                    for method, matrix in methods.items()
                    for row, value in enumerate(matrix.mean(axis=1))
                ]
            ),
            dataset="digits",
            margin=RULES.margin,
            correct={TEST: self.correct},
            ensemble_correct=methods,
        )

    def rows(self, model, level):
        setting = "reference" if level == "1" else f"lr={level}"
        return self.correct.of([f"{model}/{setting}/explore/{replicate}" for replicate in range(N)])

    def judge(self, *hypotheses, data=None):
        claim = Claim(id="X", where="1", statement="It does.", hypotheses=list(hypotheses))
        return judge_claims(data or self.data, [claim], rules=RULES).iloc[0]


@pytest.fixture
def study(results_of):
    return lambda **kind: Study(results_of, **kind)


def above(first, second, **kind):
    return Above(kind="above", pairs=[[first, second]], **{**LR, **kind})


def test_three_images_more_in_every_run_are_seen_on_these_images_only(study):
    """Every seed gains the same three images of 60: sure over seeds, not on new images."""
    built = study(shifts=(0, 3, 0, 0))
    row = built.judge(above("2", "1"))
    assert (row["verdict"], row["seeds_only_verdict"]) == ("inconclusive", "supported")
    assert row["evidence"].endswith(" On these images only: supported.")
    assert "95 % CI over seeds and images" in row["evidence"]
    assert ", over seeds alone +" in row["evidence"]


def test_without_the_images_the_seeds_decide_and_the_evidence_says_so(study):
    built = study(shifts=(0, 3, 0, 0))
    row = built.judge(above("2", "1"), data=replace(built.data, correct={}))
    assert row["verdict"] == row["seeds_only_verdict"] == "supported"
    assert "95 % CI over seeds alone" in row["evidence"]
    assert "images" not in row["evidence"]


def test_a_large_difference_holds_on_new_images(study):
    row = study(shifts=(0, 25, 0, 0)).judge(above("2", "1"))
    assert row["verdict"] == row["seeds_only_verdict"] == "supported"
    assert "On these images only" not in row["evidence"]


def test_the_ends_are_those_of_the_crossed_standard_error(study):
    built = study(shifts=(0, 25, 28, 29))
    gain = LargestGain(kind="largest gain", from_to=["1", "2"], other=["3", "4"], **LR)
    asked = gain.questions(built.data)
    for question, model in zip(asked, ("a", "b"), strict=True):
        sides = [built.rows(model, level) for level in "1234"]
        assert question.images == crossed_contrast_parts(sides, [-1, 1, 1, -1]).estimate
        assert np.mean(question.values) == pytest.approx(question.images.mean)
    floor = AtLeast(kind="at least", level="2", value=0.3, **LR).questions(built.data)[0]
    assert floor.images == crossed_contrast_parts([built.rows("a", "2")], [1]).estimate
    low, high = floor.images.interval(alpha=0.05)
    shown = f"{100 * low:.2f} to {100 * high:.2f}, over seeds alone"
    assert shown in built.judge(AtLeast(kind="at least", level="2", value=low, **LR))["evidence"]


def test_models_and_ensembles_are_judged_on_new_images_too(study):
    built = study()
    for hypothesis in (
        BestOf(kind="best of", model="b"),
        EnsemblesAbove(kind="ensembles above", pairs=[["stacking", "single"]]),
    ):
        row = built.judge(hypothesis)
        assert (row["verdict"], row["seeds_only_verdict"]) == ("inconclusive", "supported")


def test_shares_of_settings_and_other_metrics_stay_over_seeds(study):
    built = study(shifts=(0, 25, 0, 0))
    row = built.judge(MostSettings(kind="in most settings", model="a", other="b"))
    assert "over seeds alone" in row["evidence"]
    assert row["verdict"] == row["seeds_only_verdict"]
    mixed = built.judge(above("2", "1"), above("2", "1", metric=VALID))
    assert mixed["evidence"].endswith(" 2 of them over seeds alone.")


def test_a_side_that_lacks_a_replicate_keeps_its_images_with_its_runs(study):
    built = study(shifts=(0, 25, 0, 0), missing=(2,))
    question = above("2", "1").questions(built.data)[0]
    kept = [row for row in range(N) if row != 2]
    names = [[f"a/{setting}/explore/{row}" for row in kept] for setting in ("lr=2", "reference")]
    expected = crossed_contrast_parts([built.correct.of(one) for one in names], [1, -1]).estimate
    assert question.images == expected
    assert question.images.n == N - 1


def test_a_trend_by_steps_is_judged_on_new_images(study):
    row = study(shifts=(0, 3, 28, 29)).judge(
        Trend(kind="trend", levels=["1", "2", "3"], direction="rising", **LR)
    )
    assert (row["verdict"], row["seeds_only_verdict"]) == ("inconclusive", "supported")
    assert "it holds in 0 of 2 models" in row["evidence"]


def test_a_diverged_run_without_accuracy_leaves_the_claim_open(study):
    built = study(shifts=(0, 25, 0, 0))
    explore = built.data.explore.copy()
    explore.loc[explore["setting"] == "lr=2", TEST] = np.nan
    row = built.judge(above("2", "1"), data=replace(built.data, explore=explore))
    assert row["verdict"] == "inconclusive"


@pytest.mark.slow
@pytest.mark.parametrize(("n", "often"), [(5, 0.3), (10, 0.4)])
def test_a_claim_on_new_images_is_rarely_decided_wrongly_where_seeds_alone_often_are(n, often):
    """Two settings equally accurate on all images, each better on some of them: no claim is true."""
    rng, trials = np.random.default_rng(n), 600
    decided, alone = 0, 0
    for _ in range(trials):
        ability = rng.normal(1.0, 1.5, size=400)
        sides = []
        for _ in range(2):
            own = ability + rng.normal(0, 2.0, size=400)
            right = rng.random((n, 400)) < 1 / (1 + np.exp(-2 * own))
            sides.append(Side(pd.Series(right.mean(axis=1)), right))
        found = answer(difference("x", *sides, 0.0, np.inf), rules=RULES, questions=1)
        decided += found.answer != "open"
        alone += found.seeds_only != "open"
    assert decided / trials <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / trials)
    assert alone / trials >= often
