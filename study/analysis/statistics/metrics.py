"""Scores of predicted probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CLIP = 1e-7
"""Smallest probability that the log loss sees: one confident error costs at most 16.1."""

Probabilities = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]


def accuracy(probabilities: Probabilities, labels: Labels) -> float:
    """Share of examples whose most probable class is the label; the lowest class wins a tie.

    Parameters
    ----------
    probabilities
        (n_examples, n_classes), rows adding to one.
    labels
        (n_examples,), classes from 0.

    Raises
    ------
    ValueError
        The shapes do not fit, or there are no examples.
    """
    _check(probabilities, labels)
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def log_loss(probabilities: Probabilities, labels: Labels, *, clip: float = CLIP) -> float:
    """Mean of -ln(probability of the label), in nats, the probability being at least ``clip``.

    NaN where a label's probability is NaN. Shapes and errors as in ``accuracy``.
    """
    _check(probabilities, labels)
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(of_label, clip, 1.0)).mean())


def calibration_error(probabilities: Probabilities, labels: Labels, *, bins: int) -> float:
    """Expected calibration error: mean over examples of the gap of their bin, |accuracy - confidence|.

    Confidence is the highest probability. The ``bins`` cut (0, 1] into equal widths, each closed above
    (Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3). NaN where a confidence is NaN.
    Shapes and errors as in ``accuracy``.
    """
    _check(probabilities, labels)
    if bins < 1:
        raise ValueError(f"bins of the calibration error: expected at least 1, received {bins}")
    confidence = probabilities.max(axis=1).astype(np.float64)
    if np.isnan(confidence).any():
        return float("nan")
    correct = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0.0, 1.0, bins + 1)
    which = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    gaps = np.bincount(which, weights=correct, minlength=bins) - np.bincount(
        which, weights=confidence, minlength=bins
    )
    return float(np.abs(gaps).sum() / len(labels))


def _check(probabilities: Probabilities, labels: Labels) -> None:
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or len(labels) == 0:
        raise ValueError(
            f"probabilities and labels: expected shapes (n, n_classes) and (n,) with n of at least 1, "
            f"received {probabilities.shape} and {labels.shape}"
        )
