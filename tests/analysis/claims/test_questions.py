"""How an answer is read from an interval."""

import numpy as np
import pytest
from scipy import stats

from study.analysis.claims.questions import INF, Question, answer
from tests.analysis.rules import RULES

VALUES = np.array([0.8, 1.0, 1.2, 0.9, 1.1])


def ask(low, high, values=VALUES, questions=1, **kind):
    return answer(
        Question("x", np.array(values, dtype=float), low, high, **kind), rules=RULES, questions=questions
    )


def t_interval(confidence):
    return tuple(stats.ttest_1samp(VALUES, 0).confidence_interval(confidence))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, INF, "holds"),
        (0.9, INF, "open"),
        (2, INF, "contradicts"),
        (-INF, 2, "holds"),
        (-INF, 0.5, "contradicts"),
        (0.5, 1.5, "holds"),
        (0.95, 1.05, "open"),
        (2, 3, "contradicts"),
        (-1, 0, "contradicts"),
    ],
)
def test_three_answers(low, high, expected):
    assert ask(low, high).answer == expected


def test_every_bound_is_asked_at_one_level():
    for bounds in ((0, INF), (-INF, 2), (0, 2)):
        found = ask(*bounds)
        assert (found.low, found.high, found.confidence) == pytest.approx((*t_interval(0.95), 0.95))


def test_a_stricter_claim_never_holds_where_a_weaker_one_is_open(rng):
    for values in rng.normal(0.9, 1.0, size=(400, 5)):
        weak, strict = ask(0, INF, values), ask(0, 3, values)
        assert strict.answer != "holds" or weak.answer == "holds"


def test_contradictions_share_alpha_among_the_questions():
    edge = t_interval(0.95)[1] + 1e-6
    assert ask(edge, INF).answer == "contradicts"
    assert ask(edge, INF, questions=10).answer == "open"
    far = ask(3, INF, questions=10)
    assert (far.low, far.high) == pytest.approx(t_interval(0.995))


def test_support_shares_nothing():
    assert ask(t_interval(0.95)[0] - 1e-6, INF, questions=10).answer == "holds"


def test_clearance_is_the_distance_to_the_nearest_bound():
    low, high = t_interval(0.95)
    assert ask(0, 1.5).clearance == pytest.approx(1.5 - high)
    assert ask(0.5, 3).clearance == pytest.approx(low - 0.5)
    assert ask(2, INF).clearance == pytest.approx(t_interval(0.95)[1] - 2)


@pytest.mark.parametrize("values", [[1.0], [], [1.0, np.nan], [1.0, np.inf]])
def test_without_an_interval_a_question_stays_open(values):
    for kind in ({}, {"next_run": True}):
        finding = ask(0.0, 0.0 if kind else INF, values, **kind)
        assert finding.answer == "open"
        assert np.isnan(finding.clearance)


def test_equal_values_on_the_bound_stay_open():
    assert ask(0, INF, np.zeros(5)).answer == "open"
    assert ask(-1, 1, np.zeros(6)).answer == "holds"
    assert ask(-1, 1, np.zeros(5)).answer == "open"


@pytest.mark.parametrize(("published", "expected"), [(1.4, "holds"), (0.55, "holds"), (1.6, "contradicts")])
def test_a_published_value_is_judged_by_the_interval_of_one_more_run(published, expected):
    finding = ask(published, published, next_run=True)
    half = stats.t.ppf(0.975, 4) * VALUES.std(ddof=1) * np.sqrt(1.2)
    assert (finding.low, finding.high) == pytest.approx((1 - half, 1 + half))
    assert finding.answer == expected


def test_false_answers_are_rare(rng):
    """On the bound itself support is wrong at most half of alpha, and refutation too."""
    answers = [ask(0, INF, values).answer for values in rng.normal(size=(3_000, 6))]
    assert answers.count("holds") / len(answers) == pytest.approx(0.025, abs=0.01)
    assert answers.count("contradicts") / len(answers) == pytest.approx(0.025, abs=0.01)
