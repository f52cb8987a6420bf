"""Greedy selection of runs from a library by their votes.

Caruana et al. (2004), "Ensemble Selection from Libraries of Models": forward, with replacement, on
validation. The library is every explored run, of which classes are kept and not probabilities, so that the
ensemble is a vote.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.ensembles.members import Labels

STEPS = 25


def select(classes: NDArray[np.integer[Any]], labels: Labels, *, n_classes: int) -> list[int]:
    """Rows of the library in the order chosen, one perhaps several times.

    Each step adds the run that gives the vote the highest validation accuracy; among equal ones the run with
    the most votes for labels the vote misses, then the first of the library. The first run is so the best
    single one. Of the ``STEPS`` ensembles met, the smallest of the highest accuracy is returned.

    Parameters
    ----------
    classes
        Of the validation split, (n_runs, n).
    labels
        (n,).
    n_classes
        Number of classes.

    Raises
    ------
    ValueError
        The library or the split is empty, or the shapes do not fit.
    """
    if classes.ndim != 2 or not classes.size or labels.shape != classes.shape[1:]:
        raise ValueError(
            f"greedy selection: expected classes (runs, n) and labels (n,), "
            f"received {classes.shape} and {labels.shape}"
        )
    right = classes == labels
    rows = np.arange(len(labels))
    votes = np.zeros((len(labels), n_classes), np.int32)
    chosen: list[int] = []
    accuracies: list[float] = []
    for _ in range(STEPS):
        missed = winner(votes) != labels if chosen else np.ones(len(labels), np.bool_)
        ranked = [
            (_hits(votes, rows, one, labels), int(np.count_nonzero(right[row] & missed)), -row)
            for row, one in enumerate(classes)
        ]
        hits, _, best = max(ranked)
        chosen.append(-best)
        votes[rows, classes[-best]] += 1
        accuracies.append(hits / len(labels))
    return chosen[: 1 + int(np.argmax(accuracies))]


def vote(classes: NDArray[np.integer[Any]], chosen: list[int], *, n_classes: int) -> NDArray[np.int64]:
    """(n,) classes with the most votes of the chosen rows of ``classes`` (n_runs, n); the lowest on a tie."""
    votes = np.zeros((classes.shape[1], n_classes), np.int32)
    rows = np.arange(classes.shape[1])
    for row in chosen:
        votes[rows, classes[row]] += 1
    return winner(votes)


def winner(votes: NDArray[np.int32]) -> NDArray[np.int64]:
    """The class of most votes, the lowest on a tie: (n,) of (n, n_classes)."""
    return np.asarray(votes.argmax(axis=1))


def _hits(votes: NDArray[np.int32], rows: NDArray[Any], one: NDArray[Any], labels: Labels) -> int:
    votes[rows, one] += 1
    hits = int(np.count_nonzero(winner(votes) == labels))
    votes[rows, one] -= 1
    return hits
