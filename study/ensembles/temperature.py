"""Temperature scaling."""

from __future__ import annotations

import numpy as np
from scipy import optimize
from scipy.special import log_softmax

from study.ensembles.members import Floats, Labels, Probabilities, known

CLIP = 1e-7
LIMITS = (0.05, 20.0)
"""The coldest and the hottest temperature tried."""


def fit_temperature(probs: Probabilities, labels: Labels) -> float:
    """The temperature T of least log loss of softmax(log p / T) (Guo et al. 2017, section 4.2).

    Above 1 it makes a model less sure. The loss is convex in 1/T, so that the search in ``LIMITS`` finds the
    best one.

    Parameters
    ----------
    probs, labels
        Of the validation split: (n, n_classes) and (n,).

    Raises
    ------
    ValueError
        There are no examples.
    """
    if not len(labels):
        raise ValueError("temperature: expected validation examples, received none")
    logits = _logits(probs)
    rows = np.arange(len(labels))

    def loss(inverse: float) -> float:
        return float(-log_softmax(logits * inverse, axis=1)[rows, labels].mean())

    found = optimize.minimize_scalar(
        loss, bounds=(1 / LIMITS[1], 1 / LIMITS[0]), method="bounded", options={"xatol": 1e-6}
    )
    return float(1 / found.x)


def scale(probs: Probabilities, temperature: float) -> Floats:
    """softmax(log p / T), (n, n_classes); the order of classes stays."""
    return np.asarray(np.exp(log_softmax(_logits(probs) / temperature, axis=1)))


def _logits(probs: Probabilities) -> Floats:
    return np.asarray(np.log(np.clip(known(probs[None])[0], CLIP, 1.0)))
