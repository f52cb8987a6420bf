"""Voting by hand, stacking by what it must and must not see."""

import inspect
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from study.ensembles.combine import METHODS, fit, possible
from study.ensembles.stacking import PENALTIES

NO_PROBS, NO_LABELS = np.zeros((3, 0, 3)), np.zeros(0, dtype=int)


def combine(method, valid_probs, valid_labels, test_probs, *, seed):
    return fit(method, valid_probs, valid_labels, seed=seed)(test_probs)


@pytest.fixture
def rng():
    return np.random.default_rng(20251)


def vote(test_probs, method="hard voting"):
    probs = np.array(test_probs, dtype=np.float32)
    empty = np.zeros((probs.shape[0], 0, probs.shape[2]))
    return combine(method, empty, NO_LABELS, probs, seed=0)


def members(rng, n, skill=(1.0, 1.5, 2.0), n_classes=4):
    """Probabilities (3, n, n_classes) of members whose skill differs, and labels."""
    labels = rng.integers(0, n_classes, n)
    logits = np.array(skill)[:, None, None] * np.eye(n_classes)[labels] + rng.normal(size=(3, n, n_classes))
    probs = np.exp(logits)
    return (probs / probs.sum(axis=2, keepdims=True)).astype(np.float32), labels


def loss(probs, labels):
    return -np.log(probs[np.arange(len(labels)), labels]).mean()


def test_the_majority_wins_against_higher_probabilities():
    assert vote([[[0.4, 0.3, 0.3]], [[0.4, 0.3, 0.3]], [[0.0, 0.0, 1.0]]]).tolist() == [0]


def test_equal_votes_go_to_the_highest_sum_among_them():
    # One vote each for 0 and 1, none for 2, whose sum is the highest of all.
    tied = [[[0.5, 0.05, 0.45]], [[0.0, 0.52, 0.48]]]
    assert vote(tied).tolist() == [1]
    assert vote(tied[::-1]).tolist() == [1]


def test_equal_votes_and_sums_go_to_the_lowest_class():
    tied = [[[0.0, 0.75, 0.25]], [[0.0, 0.25, 0.75]]]
    assert vote(tied).tolist() == vote(tied[::-1]).tolist() == [1]


def test_soft_voting_is_the_mean():
    probs = np.array([[[0.2, 0.8], [0.6, 0.4]], [[0.9, 0.1], [0.5, 0.5]]], dtype=np.float32)
    combined = vote(probs, "soft voting")
    assert combined.dtype == np.float64
    assert combined == pytest.approx(np.array([[0.55, 0.45], [0.55, 0.45]]))


def test_a_member_without_finite_probabilities_is_silent():
    nothing = [[np.nan, np.nan, np.nan]]
    assert vote([nothing, [[0.1, 0.2, 0.7]], nothing]).tolist() == [2]
    assert vote([nothing, nothing]).tolist() == [0]
    mean = vote([nothing, [[0.1, 0.2, 0.7]]], "soft voting")
    assert mean == pytest.approx(np.array([[1 / 3 + 0.1, 1 / 3 + 0.2, 1 / 3 + 0.7]]) / 2)


def test_stacking_survives_a_diverged_member(rng):
    probs, labels = members(rng, 600)
    probs[0] = np.nan
    stacked = combine("stacking", probs[:, :300], labels[:300], probs[:, 300:], seed=0)
    two = combine("stacking", probs[1:, :300], labels[:300], probs[1:, 300:], seed=0)
    assert stacked == pytest.approx(two, abs=1e-3)


def test_stacking_trusts_the_skilled_and_beats_voting(rng):
    probs, labels = members(rng, 4_000, skill=(0.0, 0.2, 3.0))
    valid, test = slice(0, 2_000), slice(2_000, 4_000)
    stacked = combine("stacking", probs[:, valid], labels[valid], probs[:, test], seed=0)
    voted = combine("soft voting", probs[:, valid], labels[valid], probs[:, test], seed=0)
    assert stacked.shape == (2_000, 4)
    assert stacked.sum(axis=1) == pytest.approx(np.ones(2_000))
    assert loss(stacked, labels[test]) < loss(voted, labels[test]) - 0.05
    assert np.mean(stacked.argmax(1) == labels[test]) > np.mean(voted.argmax(1) == labels[test])


def fitted(penalty, features, labels):
    return make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=10_000)).fit(
        features, labels
    )


def test_stacking_takes_the_penalty_of_least_log_loss_over_the_folds(rng):
    probs, labels = members(rng, 900)
    labels, valid, test = (
        labels[:500],
        *(np.hstack(list(np.log(part.astype(float)))) for part in (probs[:, :500], probs[:, 500:])),
    )
    stacked = combine("stacking", probs[:, :500], labels, probs[:, 500:], seed=3)
    candidates = [fitted(penalty, valid, labels).predict_proba(test) for penalty in PENALTIES]
    distances = [np.abs(candidate - stacked).max() for candidate in candidates]
    losses, accuracies = np.zeros(len(PENALTIES)), np.zeros(len(PENALTIES))
    for others, held in StratifiedKFold(5, shuffle=True, random_state=3).split(valid, labels):
        for index, penalty in enumerate(PENALTIES):
            judged = fitted(penalty, valid[others], labels[others]).predict_proba(valid[held])
            losses[index] += loss(judged, labels[held])
            accuracies[index] += np.mean(judged.argmax(1) == labels[held])
    assert min(distances) < 1e-6
    assert np.argmin(distances) == np.argmin(losses)
    assert np.argmin(losses) != np.argmax(accuracies)


def test_stacking_learns_from_validation_labels_alone(rng):
    probs, labels = members(rng, 900)
    valid, test = probs[:, :500], probs[:, 500:]
    whole = combine("stacking", valid, labels[:500], test, seed=0)
    assert list(inspect.signature(fit).parameters) == ["method", "probs", "labels", "seed"]
    # Each test example is judged alone, so the other test examples cannot matter.
    assert combine("stacking", valid, labels[:500], test[:, 7:8], seed=0) == pytest.approx(
        whole[7:8], abs=1e-12
    )
    turned = combine("stacking", valid, (labels[:500] + 1) % 4, test, seed=0)
    assert turned[:, [1, 2, 3, 0]] == pytest.approx(whole, abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_call_gives_the_same_bytes_with_any_number_of_threads(rng, method):
    probs, labels = members(rng, 3_000)
    outcomes = set()
    for threads in (1, 2, 2):
        with threadpool_limits(limits=threads):
            combined = combine(method, probs[:, :1500], labels[:1500], probs[:, 1500:], seed=5)
        outcomes.add(combined.tobytes())
    assert len(outcomes) == 1


def test_no_warning_escapes_from_confident_members():
    labels = np.arange(100) % 4
    certain = np.tile(np.eye(4, dtype=np.float32)[labels], (3, 1, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stacked = combine("stacking", certain, labels, certain, seed=0)
    assert (stacked.argmax(1) == labels).all()


@pytest.mark.parametrize("method", ["weighted soft voting", "stacking"])
def test_what_is_said_of_validation_is_said_by_a_fit_without_it(rng, method):
    probs, labels = members(rng, 600)
    whole = fit(method, probs, labels, seed=2)
    for others, held in StratifiedKFold(5, shuffle=True, random_state=2).split(labels, labels):
        if method == "stacking":
            logs = np.hstack(list(np.log(probs.astype(float))))
            expected = fitted(whole.stacker.penalty, logs[others], labels[others]).predict_proba(logs[held])
        else:
            expected = fit(method, probs[:, others], labels[others], seed=0)(probs[:, held])
        assert whole.valid[held] == pytest.approx(expected, abs=1e-6)
    assert np.abs(whole.valid - whole(probs)).max() > 1e-4


@pytest.mark.parametrize("method", ["hard voting", "soft voting"])
def test_what_is_not_fitted_says_of_validation_what_it_says_of_test(rng, method):
    probs, labels = members(rng, 50)
    made = fit(method, probs, labels, seed=2)
    assert made.valid.tolist() == made(probs).tolist()


def test_two_classes_stack_as_scikit_learn_predicts(rng):
    probs, labels = members(rng, 400, n_classes=2)
    made = fit("stacking", probs, labels, seed=0)
    logs = np.hstack(list(np.log(probs.astype(float))))
    assert made(probs) == pytest.approx(
        fitted(made.stacker.penalty, logs, labels).predict_proba(logs), abs=1e-6
    )


def test_few_validation_images_of_a_class_leave_the_votes():
    assert possible(np.arange(20) % 4, n_classes=4) == METHODS
    assert possible(np.arange(19) % 4, n_classes=4) == ("hard voting", "soft voting")
    assert possible(np.arange(20) % 4, n_classes=5) == ("hard voting", "soft voting")


def test_too_few_examples_of_a_class_are_named(rng):
    probs, labels = members(rng, 60)
    labels[labels == 2] = 1
    labels[:4] = 2
    with pytest.raises(
        ValueError, match="at least 5 validation examples of every class, received 4 of class 2"
    ):
        combine("stacking", probs, labels, probs, seed=0)


@pytest.mark.parametrize(
    ("method", "valid", "labels", "test", "message"),
    [
        (
            "bagging",
            NO_PROBS,
            NO_LABELS,
            NO_PROBS,
            "one of hard voting, soft voting, weighted soft voting, stacking, received 'bagging'",
        ),
        ("soft voting", NO_PROBS, np.zeros(1, dtype=int), NO_PROBS, "expected shapes"),
        ("soft voting", NO_PROBS[0], NO_LABELS, NO_PROBS[0], "expected shapes"),
        ("soft voting", NO_PROBS[:0], NO_LABELS, NO_PROBS[:0], "expected shapes"),
        ("stacking", np.zeros((3, 2, 3)), np.array([0, 3]), NO_PROBS, "from 0 to 2, received 0 to 3"),
    ],
)
def test_wrong_arguments_are_named(method, valid, labels, test, message):
    with pytest.raises(ValueError, match=message):
        combine(method, valid, labels, test, seed=0)


def test_a_seed_is_asked_for():
    with pytest.raises(TypeError, match="seed"):
        fit("soft voting", NO_PROBS, NO_LABELS)


votes = st.integers(2, 5).flatmap(
    lambda n_members: st.lists(
        st.lists(st.integers(1, 100), min_size=3, max_size=3), min_size=n_members, max_size=n_members
    )
)


@settings(deadline=None, max_examples=80)
@given(votes, st.randoms(use_true_random=False))
def test_the_order_of_members_does_not_matter(weights, random):
    probs = np.array(weights, dtype=np.float64)[:, None, :]
    probs /= probs.sum(axis=2, keepdims=True)
    order = random.sample(range(len(weights)), len(weights))
    assert vote(probs).tolist() == vote(probs[order]).tolist()
    assert vote(probs, "soft voting") == pytest.approx(vote(probs[order], "soft voting"), abs=1e-12)


@settings(deadline=None, max_examples=80)
@given(votes)
def test_hard_voting_takes_a_class_of_most_votes(weights):
    probs = np.array(weights, dtype=np.float64)[:, None, :]
    counts = np.bincount(probs.astype(np.float32).argmax(axis=2)[:, 0], minlength=3)
    assert counts[vote(probs)[0]] == counts.max()
