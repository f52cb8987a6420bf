"""Combine the predictions of several models of one replicate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from study.ensembles.folds import FOLDS, held_out
from study.ensembles.members import Floats, Labels, Probabilities, majority
from study.ensembles.stacking import Stacker, fit_stacker, stacked_held_out
from study.ensembles.weighting import fit_weights, weighted_mean

Method = Literal["hard voting", "soft voting", "weighted soft voting", "stacking"]
METHODS: tuple[Method, ...] = ("hard voting", "soft voting", "weighted soft voting", "stacking")

Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Ensemble:
    """A fitted way to combine members.

    Attributes
    ----------
    method
        One of ``METHODS``.
    valid
        What it says of the validation split, cross-fitted: classes (n,) of hard voting, else
        probabilities (n, n_classes), each example judged by a fit without it.
    weights
        (n_members,), of soft voting, weighted or not.
    stacker
        Of stacking.
    """

    method: Method
    valid: Classes | Floats
    weights: Floats | None = None
    stacker: Stacker | None = None

    def __call__(self, probs: Probabilities) -> Classes | Floats:
        """Classes (n,) of hard voting, else probabilities (n, n_classes)."""
        if self.stacker is not None:
            return self.stacker(probs)
        return majority(probs) if self.weights is None else weighted_mean(probs, self.weights)


def possible(labels: Labels, *, n_classes: int) -> tuple[Method, ...]:
    """The methods that so many validation labels (n,) allow: fitted ones need 5 examples of every class."""
    enough = np.bincount(labels, minlength=n_classes).min() >= FOLDS
    return METHODS if enough else ("hard voting", "soft voting")


def fit(method: Method, probs: Probabilities, labels: Labels, *, seed: int) -> Ensemble:
    """Fit an ensemble to its members' predictions of the validation split.

    Hard voting takes the class that most members choose; among classes of equally many votes the one with
    the highest sum of probabilities, then the lowest. Soft voting takes the mean probability; weighted soft
    voting the mean with the weights of least log loss (``weighting.fit_weights``). Stacking fits a
    multinomial logistic regression to the logarithms of the members' probabilities, standardised, with an
    L2 penalty chosen from ``stacking.PENALTIES`` by the log loss of a stratified 5-fold cross-validation
    within the validation split. The number of threads changes no number.

    A member that diverged, and so gives no finite probabilities of an example, casts no vote on it and
    counts as equal probabilities elsewhere.

    Parameters
    ----------
    method
        One of ``METHODS``.
    probs, labels
        Of the validation split: (n_members, n, n_classes), and (n,) classes from 0.
    seed
        Of the folds. The penalty of stacking is chosen once, over the same folds as its cross-fit.

    Raises
    ------
    ValueError
        The method is unknown, the shapes do not fit, a label is no class, or, for the fitted methods, a
        class has fewer than 5 examples.
    """
    _check(method, probs, labels)
    if method == "hard voting":
        return Ensemble(method, majority(probs))
    if method == "soft voting":
        equal = np.full(len(probs), 1.0 / len(probs))
        return Ensemble(method, weighted_mean(probs, equal), equal)
    _check_classes(method, probs, labels)
    if method == "weighted soft voting":
        valid = held_out(probs, labels, _weighted, seed=seed)
        return Ensemble(method, valid, fit_weights(probs, labels))
    stacker = fit_stacker(probs, labels, seed=seed)
    valid = stacked_held_out(probs, labels, penalty=stacker.penalty, seed=seed)
    return Ensemble(method, valid, stacker=stacker)


def _weighted(probs: Probabilities, labels: Labels) -> Callable[[Probabilities], Floats]:
    weights = fit_weights(probs, labels)
    return lambda held: weighted_mean(held, weights)


def _check(method: str, probs: Probabilities, labels: Labels) -> None:
    if method not in METHODS:
        raise ValueError(f"ensemble: expected one of {', '.join(METHODS)}, received {method!r}")
    if probs.ndim != 3 or not len(probs) or labels.shape != probs.shape[1:2]:
        raise ValueError(
            f"ensemble: expected shapes (members, n_valid, classes) and (n_valid,), "
            f"received {probs.shape} and {labels.shape}"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < probs.shape[2]:
        raise ValueError(
            f"ensemble: expected labels from 0 to {probs.shape[2] - 1}, "
            f"received {labels.min()} to {labels.max()}"
        )


def _check_classes(method: str, probs: Probabilities, labels: Labels) -> None:
    counts = np.bincount(labels, minlength=probs.shape[2])
    if counts.min() < FOLDS:
        raise ValueError(
            f"{method}: expected at least {FOLDS} validation examples of every class, "
            f"received {counts.min()} of class {counts.argmin()}"
        )
