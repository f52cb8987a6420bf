"""Folds of the validation split, and what a fit to the others says of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from study.ensembles.members import Floats, Labels, Probabilities

FOLDS = 5


def folds(labels: Labels, *, seed: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Stratified folds: rows to fit to and rows held out."""
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    yield from splitter.split(np.zeros(len(labels)), labels)


def held_out(
    probs: Probabilities,
    labels: Labels,
    fit: Callable[[Probabilities, Labels], Callable[[Probabilities], Floats]],
    *,
    seed: int,
) -> Floats:
    """(n, n_classes): each example judged by what was fitted to the folds without it.

    Parameters
    ----------
    probs, labels
        (n_members, n, n_classes) and (n,).
    fit
        From probabilities and labels to a function of probabilities.
    """
    judged = np.empty(probs.shape[1:], np.float64)
    for others, held in folds(labels, seed=seed):
        judged[held] = fit(probs[:, others], labels[others])(probs[:, held])
    return judged
