"""The study's accuracies against those of Keras' ``fit`` on the same features, run by run.

A run has the same initial weights, rows, order and augmented views on both sides; only what dropout drops
differs. Both sides run in one process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import naive
from benchmarks.equivalence import Mean
from benchmarks.row import Row
from benchmarks.sides import Context
from benchmarks.small import Small, accuracies, halves, lite, trained, views_of
from study.training.runs import Run

_NAMES = {"none": "the same accuracies", "rotation": "the same accuracies, rotation"}


def measure(context: Context) -> list[Row]:
    """A row for unaugmented runs and one for augmented ones."""
    small = lite(
        context.archive,
        context.pick(smoke=(6, 2, 4), quick=(50, 20, 50), full=(59, 59, 59)),
        f"epochs={context.pick(smoke=2, quick=4, full=10)}",
        f"seeds={context.pick(smoke=2, quick=200, full=200)}",
        "lr=0.001",
        "augment.views=fresh",
        "sweep={batch_size: [128], dropout: [0.5], l1: [0.0], lr: [0.001], "
        "augmentation: [none, rotation], images_per_class: [all]}",
    )
    ours, theirs = context.study(compared, small)
    kinds = np.array([run.setting.augmentation for run in small.runs()])
    rows = []
    for kind, name in _NAMES.items():
        mean = Mean.of((ours - theirs)[kinds == kind])
        rows.append(mean.row(name, f"test accuracy of {mean.n} runs on the same features, study less Keras:"))
    return rows


def compared(small: Small) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Test accuracies of each run on both sides; in the study's process."""
    from benchmarks.extraction import extractor

    backbone, data, runs = (
        extractor(small.backbone, small.weights, image_size=small.image_size),
        small.data,
        small.runs(),
    )
    features = {split: halves(backbone, part) for split, part in data.images.items()}
    with views_of(small.params, data, backbone) as views:
        kept = _Kept(views)
        outcomes = trained(small.params, data, features, kept, runs)
        fitted = [_fitted(run, small, features, kept) for run in runs]
    ours = [outcomes[run.name].test_probs for run in runs]
    return accuracies(ours, data.labels["test"]), accuracies(fitted, data.labels["test"])


def _fitted(run: Run, small: Small, features: dict[str, NDArray[np.float16]], views: _Kept) -> NDArray[Any]:
    """Class probabilities on test of a run that Keras trains."""
    from study.training import batches

    labels, n_features = small.data.labels["train"], features["train"].shape[1]
    one_hot = np.eye(int(labels.max()) + 1, dtype=np.float32)[labels]
    model = naive.head(n_features, one_hot.shape[1], run.setting.dropout)
    naive.restart(model, n_features, one_hot.shape[1], lr=run.setting.lr, init_seed=run.init_seed)
    rows = np.arange(len(labels), dtype=np.int32)
    for epoch, order in enumerate(batches.order(len(rows), small.params.epochs, seed=run.order_seed)):
        shown, targets = features["train"], one_hot
        if run.setting.augmentation != "none":
            shown, targets = views.fresh(
                run.setting.augmentation, [rows], seeds=[run.augmentation_seed], epoch=epoch
            )
        model.fit(
            shown[order].astype(np.float32), targets[order], batch_size=run.setting.batch_size, shuffle=False,
            verbose=0,
        )  # fmt: skip
    return np.asarray(model.predict(features["test"].astype(np.float32), verbose=0))


class _Kept:
    """Views that are kept once they are made, so that both sides train on the same ones."""

    n_views = None

    def __init__(self, views: Any) -> None:
        self._views = views
        self._made: dict[tuple[str, int, int], tuple[NDArray[Any], NDArray[Any]]] = {}

    def fresh(
        self, augmentation: str, rows: Sequence[NDArray[np.int32]], *, seeds: Sequence[int], epoch: int
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        parts = []
        for own, seed in zip(rows, seeds, strict=True):
            key = (augmentation, seed, epoch)
            if key not in self._made:
                features, targets = self._views.fresh(augmentation, [own], seeds=[seed], epoch=epoch)
                self._made[key] = np.array(features), targets
            parts.append(self._made[key])
        features, targets = (np.concatenate(part) for part in zip(*parts, strict=True))
        return features, targets
