"""Stacking: a penalised multinomial regression on the members' log probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from study.ensembles.folds import folds, held_out
from study.ensembles.members import Floats, Labels, Probabilities, known

PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Values of C among which stacking chooses, the strongest penalty first."""

CLIP = 1e-7
"""Smallest probability of which stacking takes the logarithm."""


@dataclass(frozen=True)
class Stacker:
    """A fitted regression; input j * n_classes + c is the log probability of class c by member j.

    Attributes
    ----------
    centre, scale
        (n_inputs,), what standardises the inputs.
    kernel, bias
        (n_inputs, n_classes) and (n_classes,), from standardised inputs to logits.
    penalty
        C, chosen by cross-validation.
    """

    centre: Floats
    scale: Floats
    kernel: Floats
    bias: Floats
    penalty: float

    def __call__(self, probs: Probabilities) -> Floats:
        """(n, n_classes) from the members' (n_members, n, n_classes)."""
        with threadpool_limits(limits=1):
            logits = (inputs(probs) - self.centre) / self.scale @ self.kernel + self.bias
        return np.asarray(softmax(logits, axis=1))


def fit_stacker(probs: Probabilities, labels: Labels, *, seed: int) -> Stacker:
    """Fit with the penalty of ``PENALTIES`` that has the least log loss over stratified folds.

    Parameters
    ----------
    probs, labels
        Of the validation split: (n_members, n, n_classes) and (n,), at least 5 examples of every class.
    seed
        Of the folds.
    """
    search = GridSearchCV(
        _regression(1.0),
        {"logisticregression__C": PENALTIES},
        scoring="neg_log_loss",
        cv=list(folds(labels, seed=seed)),
        refit=False,
    )
    with threadpool_limits(limits=1):
        search.fit(inputs(probs), labels)
    return _fit(probs, labels, float(search.best_params_["logisticregression__C"]))


def stacked_held_out(probs: Probabilities, labels: Labels, *, penalty: float, seed: int) -> Floats:
    """Cross-fitted probabilities (n, n_classes) of the validation split at a penalty already chosen."""
    return held_out(probs, labels, lambda some, truth: _fit(some, truth, penalty), seed=seed)


def inputs(probs: Probabilities) -> Floats:
    """(n, n_members * n_classes), logarithms of the probabilities."""
    logs = np.log(np.clip(known(probs), CLIP, 1.0))
    return np.asarray(logs.transpose(1, 0, 2).reshape(probs.shape[1], -1))


def _regression(penalty: float) -> object:
    return make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=10_000))


def _fit(probs: Probabilities, labels: Labels, penalty: float) -> Stacker:
    scaler, regression = StandardScaler(), LogisticRegression(C=penalty, max_iter=10_000)
    with threadpool_limits(limits=1):
        regression.fit(scaler.fit_transform(inputs(probs)), labels)
    kernel, bias = regression.coef_.T, regression.intercept_
    if len(regression.classes_) == 2:
        kernel, bias = np.hstack([np.zeros_like(kernel), kernel]), np.array([0.0, bias[0]])
    return Stacker(scaler.mean_, scaler.scale_, kernel, bias, penalty)
