"""Combine the predictions of several models of one replicate."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

Method = Literal["hard voting", "soft voting", "stacking"]
METHODS: tuple[Method, ...] = ("hard voting", "soft voting", "stacking")

FOLDS = 5
PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Values of C among which stacking chooses, the strongest penalty first."""

CLIP = 1e-7
"""Smallest probability of which stacking takes the logarithm."""

Probabilities = NDArray[np.floating[Any]]
Classes = NDArray[np.int64]


class Combined(NamedTuple):
    """What an ensemble says of each test example.

    Attributes
    ----------
    classes
        (n_test,), the class chosen.
    probabilities
        (n_test, n_classes), or None for hard voting, which gives none.
    """

    classes: Classes
    probabilities: NDArray[np.float64] | None


def combine(
    method: Method,
    valid_probs: Probabilities,
    valid_labels: NDArray[np.integer[Any]],
    test_probs: Probabilities,
    *,
    seed: int,
) -> Combined:
    """Combine the members' probabilities into one prediction a test example.

    Hard voting takes the class that most members choose; among classes of equally many votes the one with
    the highest sum of probabilities, then the lowest. Soft voting takes the mean probability. Stacking fits
    a multinomial logistic regression to the logarithms of the members' validation probabilities,
    standardised, with an L2 penalty chosen from ``PENALTIES`` by the log loss of a stratified 5-fold
    cross-validation within the validation split. Only stacking looks at the validation split. Labels of the
    test split are not an argument, and no computation depends on the number of threads.

    Parameters
    ----------
    method
        One of ``METHODS``.
    valid_probs, test_probs
        (n_members, n_valid, n_classes) and (n_members, n_test, n_classes), members in one order.
    valid_labels
        (n_valid,), classes from 0.
    seed
        Of the folds.

    Raises
    ------
    ValueError
        The method is unknown, the shapes do not fit, a probability is not finite, or, for stacking, a class
        has fewer than 5 validation examples.
    """
    _check(method, valid_probs, valid_labels, test_probs)
    if method == "hard voting":
        return Combined(_majority(test_probs), None)
    if method == "soft voting":
        probabilities = test_probs.mean(axis=0, dtype=np.float64)
    else:
        probabilities = _stack(valid_probs, valid_labels, test_probs, seed=seed)
    return Combined(probabilities.argmax(axis=1), probabilities)


def _majority(probs: Probabilities) -> Classes:
    n_classes = probs.shape[2]
    votes = (probs.argmax(axis=2)[:, :, None] == np.arange(n_classes)).sum(axis=0)
    leading = votes == votes.max(axis=1, keepdims=True)
    return np.where(leading, probs.sum(axis=0, dtype=np.float64), -1.0).argmax(axis=1)


def _stack(
    valid_probs: Probabilities, labels: NDArray[np.integer[Any]], test_probs: Probabilities, *, seed: int
) -> NDArray[np.float64]:
    n_classes = valid_probs.shape[2]
    counts = np.bincount(labels, minlength=n_classes)
    if counts.min() < FOLDS:
        raise ValueError(
            f"stacking: expected at least {FOLDS} validation examples of every class, "
            f"received {counts.min()} of class {counts.argmin()}"
        )
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000)),
        {"logisticregression__C": PENALTIES},
        scoring="neg_log_loss",
        cv=StratifiedKFold(FOLDS, shuffle=True, random_state=seed),
    )
    with threadpool_limits(limits=1):
        search.fit(_features(valid_probs), labels)
        return np.asarray(search.predict_proba(_features(test_probs)), dtype=np.float64)


def _features(probs: Probabilities) -> NDArray[np.float64]:
    """(n, n_members * n_classes), logarithms of the probabilities."""
    logs = np.log(np.clip(probs.astype(np.float64), CLIP, 1.0))
    return logs.transpose(1, 0, 2).reshape(probs.shape[1], -1)


def _check(
    method: str, valid_probs: Probabilities, labels: NDArray[np.integer[Any]], test_probs: Probabilities
) -> None:
    if method not in METHODS:
        raise ValueError(f"ensemble: expected one of {', '.join(METHODS)}, received {method!r}")
    fits = (
        valid_probs.ndim == test_probs.ndim == 3
        and valid_probs.shape[::2] == test_probs.shape[::2]
        and labels.shape == valid_probs.shape[1:2]
    )
    if not fits or not valid_probs.shape[0]:
        raise ValueError(
            f"ensemble: expected shapes (members, n_valid, classes), (n_valid,) "
            f"and (members, n_test, classes), "
            f"received {valid_probs.shape}, {labels.shape} and {test_probs.shape}"
        )
    if not (np.isfinite(valid_probs).all() and np.isfinite(test_probs).all()):
        raise ValueError("ensemble: expected finite probabilities, received others")
    if labels.size and not 0 <= labels.min() <= labels.max() < valid_probs.shape[2]:
        raise ValueError(
            f"ensemble: expected labels from 0 to {valid_probs.shape[2] - 1}, "
            f"received {labels.min()} to {labels.max()}"
        )
