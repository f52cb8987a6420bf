"""Weights of soft voting."""

from __future__ import annotations

import numpy as np

from study.ensembles.members import Floats, Labels, Probabilities, known

MAX_STEPS = 10_000
TOLERANCE = 1e-9
FLOOR = 1e-12


def fit_weights(probs: Probabilities, labels: Labels) -> Floats:
    """Weights (n_members,), not negative and adding to one, of least log loss of the weighted mean.

    The members are the components of a mixture with fixed densities, whose weights the EM algorithm finds
    (Dempster, Laird and Rubin 1977): each step multiplies a weight by the member's mean share of the
    mixture's probability of the label. The loss is convex in the weights and falls at every step; it starts
    from equal weights.

    Parameters
    ----------
    probs, labels
        Of the validation split: (n_members, n, n_classes) and (n,).

    Raises
    ------
    ValueError
        There are no examples.
    """
    if not len(labels):
        raise ValueError("weighted soft voting: expected validation examples, received none")
    of_label = np.maximum(known(probs)[:, np.arange(len(labels)), labels], FLOOR)
    weights = np.full(len(probs), 1.0 / len(probs))
    for _ in range(MAX_STEPS):
        shares = weights[:, None] * of_label
        new = (shares / shares.sum(axis=0)).mean(axis=1)
        moved = float(np.abs(new - weights).max())
        weights = new
        if moved < TOLERANCE:
            break
    return np.asarray(weights / weights.sum())


def weighted_mean(probs: Probabilities, weights: Floats) -> Floats:
    """(n, n_classes), the mean of the members' probabilities with these weights."""
    return np.asarray((weights[:, None, None] * known(probs)).sum(axis=0))
