"""Augmented images through a backbone, as the trainer asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from study import augment
from study.backbones.extract import Extractor
from study.params import Augment, Augmentation

Floats = NDArray[np.float32]
_KINDS = get_args(Augmentation)


class BackboneViews:
    """Draws augmented views of training images and gives their features; the trainer's ``Views``.

    Parameters
    ----------
    images, labels
        The training split: shapes (n, height, width, 3) and (n,).
    n_classes
        Number of classes.
    extractor
        Makes the backbone; called when the first view is asked for.
    strengths
        How strong each augmentation is, and how views are shared.
    pool_seed
        Seed of the shared pool.
    say
        Told what is being done.
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.integer[Any]],
        *,
        n_classes: int,
        extractor: Callable[[], Extractor],
        strengths: Augment,
        pool_seed: int,
        say: Callable[[str], None],
    ) -> None:
        self.n_views = None if strengths.views == "fresh" else int(strengths.views)
        self._images = images
        self._labels = labels
        self._n_classes = n_classes
        self._make = extractor
        self._extractor: Extractor | None = None
        self._amounts = augment.Strengths(**strengths.model_dump(exclude={"views"}))
        self._pool_seed = pool_seed
        self._say = say

    def pool(self, augmentation: str, rows: NDArray[np.int32]) -> tuple[Floats, Floats]:
        """All views of the given rows, view by view: features and targets."""
        n_views = self.n_views or 0
        self._say(f"{augmentation}: {n_views * len(rows)} augmented images through the backbone")
        made = [
            self._view(augmentation, rows, np.random.SeedSequence(self._pool_seed, spawn_key=(view,)))
            for view in range(n_views)
        ]
        return np.concatenate([one for one, _ in made]), np.concatenate([one for _, one in made])

    def fresh(
        self, augmentation: str, rows: NDArray[np.int32], *, seed: int, epoch: int
    ) -> tuple[Floats, Floats]:
        """One new view of each row, for one run and epoch: features and targets."""
        return self._view(augmentation, rows, np.random.SeedSequence(seed, spawn_key=(epoch,)))

    def _view(
        self, augmentation: str, rows: NDArray[np.int32], sequence: np.random.SeedSequence
    ) -> tuple[Floats, Floats]:
        if self._extractor is None:
            self._extractor = self._make()
        key = (*sequence.spawn_key, _KINDS.index(augmentation))
        rng = np.random.default_rng(np.random.SeedSequence(sequence.entropy, spawn_key=key))
        drawn = augment.draw(augmentation, len(rows), rng=rng, strengths=self._amounts)
        images, targets = augment.apply(self._images[rows], self._labels[rows], self._n_classes, drawn)
        return self._extractor(images), targets
