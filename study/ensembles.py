"""Combine the predictions of several models of one replicate."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Method = Literal["hard voting", "soft voting", "stacking"]
METHODS: tuple[Method, ...] = ("hard voting", "soft voting", "stacking")

FOLDS = 5
PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Values of C among which stacking chooses, the strongest penalty first."""

CLIP = 1e-7
"""Smallest probability of which stacking takes the logarithm."""

Probabilities = NDArray[np.floating[Any]]
Classes = NDArray[np.int64]


def combine(
    method: Method,
    valid_probs: Probabilities,
    valid_labels: NDArray[np.integer[Any]],
    test_probs: Probabilities,
    *,
    seed: int,
) -> Classes | NDArray[np.float64]:
    """Combine the members' probabilities: classes (n_test,) of hard voting, else probabilities.

    Hard voting takes the class that most members choose; among classes of equally many votes the one with
    the highest sum of probabilities, then the lowest. Soft voting takes the mean probability. Stacking fits
    a multinomial logistic regression to the logarithms of the members' validation probabilities,
    standardised, with an L2 penalty chosen from ``PENALTIES`` by the log loss of a stratified 5-fold
    cross-validation within the validation split. Only stacking looks at the validation split, and nothing
    sees a label of the test split. The number of threads changes no number.

    A member that diverged, and so gives no finite probabilities of an example, casts no vote on it and
    counts as equal probabilities elsewhere.

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

    Returns
    -------
    ndarray
        (n_test,) classes, or (n_test, n_classes) probabilities.

    Raises
    ------
    ValueError
        The method is unknown, the shapes do not fit, a label is no class, or, for stacking, a class has fewer
        than 5 validation examples.
    """
    _check(method, valid_probs, valid_labels, test_probs)
    if method == "hard voting":
        return _majority(test_probs)
    if method == "soft voting":
        return np.asarray(_known(test_probs).mean(axis=0))
    return _stack(valid_probs, valid_labels, test_probs, seed=seed)


def _majority(probs: Probabilities) -> Classes:
    chosen = probs.argmax(axis=2)[:, :, None] == np.arange(probs.shape[2])
    votes = (chosen & ~_silent(probs)).sum(axis=0)
    leading = votes == votes.max(axis=1, keepdims=True)
    return np.asarray(np.where(leading, _known(probs).sum(axis=0), -1.0).argmax(axis=1))


def _silent(probs: Probabilities) -> NDArray[np.bool_]:
    """(n_members, n, 1), whether the member says nothing of the example."""
    return np.asarray(~np.isfinite(probs).all(axis=2, keepdims=True))


def _known(probs: Probabilities) -> NDArray[np.float64]:
    """``probs``, equal ones where a member is silent."""
    return np.where(_silent(probs), 1.0 / probs.shape[2], probs.astype(np.float64))


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
    logs = np.log(np.clip(_known(probs), CLIP, 1.0))
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
    if labels.size and not 0 <= labels.min() <= labels.max() < valid_probs.shape[2]:
        raise ValueError(
            f"ensemble: expected labels from 0 to {valid_probs.shape[2] - 1}, "
            f"received {labels.min()} to {labels.max()}"
        )
