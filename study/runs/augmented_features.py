"""Augmented images through a backbone, as the trainer asks for them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from study import augment
from study.backbones.forward.device import device
from study.backbones.forward.extract import Extractor
from study.backbones.forward.resident import Resident
from study.params import Augment, Augmentation
from study.training.mapped import give_back

Floats = NDArray[np.float32]
Features = NDArray[np.float16]
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
        How strong each augmentation is, and how many views of an image a replicate sees.
    scratch
        A folder on a disk with room for the features of a pool, or of one epoch of a group of runs. They are
        mapped from a file without a name, which is gone when it is no longer used or the process ends.
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
        scratch: Path,
        say: Callable[[str], None],
    ) -> None:
        self.n_views = None if strengths.views == "fresh" else int(strengths.views)
        self._images = images
        self._labels = labels
        self._n_classes = n_classes
        self._make = extractor
        self._place: Resident | Mapped | None = None
        self._amounts = augment.Strengths(**strengths.model_dump(exclude={"views"}))
        self._scratch = scratch
        self._say = say

    def pools(
        self, augmentation: str, rows: NDArray[np.int32], *, seeds: Sequence[int]
    ) -> tuple[Features, Floats]:
        """All views of the given rows, pool by pool and in each view by view: features and targets."""
        n_views = self.n_views or 0
        sequences = [
            np.random.SeedSequence(seed, spawn_key=(view,)) for seed in seeds for view in range(n_views)
        ]
        self._say(f"{augmentation}: {len(sequences) * len(rows)} augmented images through the backbone")
        return self._views(augmentation, [rows] * len(sequences), sequences)

    def fresh(
        self, augmentation: str, rows: Sequence[NDArray[np.int32]], *, seeds: Sequence[int], epoch: int
    ) -> tuple[Features, Floats]:
        """One new view of each row for one epoch of several runs, run by run: features and targets."""
        return self._views(
            augmentation, rows, [np.random.SeedSequence(seed, spawn_key=(epoch,)) for seed in seeds]
        )

    def _views(
        self,
        augmentation: str,
        rows: Sequence[NDArray[np.int32]],
        sequences: Sequence[np.random.SeedSequence],
    ) -> tuple[Features, Floats]:
        place = self._place = self._place or self._made()
        features = place.room(sum(map(len, rows)))
        targets = []
        start = 0
        for own, sequence in zip(rows, sequences, strict=True):
            view = self._view(augmentation, own, sequence)
            features = place.add(features, start, own, view)
            targets.append(view.targets(self._labels[own], self._n_classes))
            start += len(own)
        return features, np.concatenate(targets)

    def _made(self) -> Resident | Mapped:
        extractor = self._make()
        return Mapped(extractor, self._scratch) if device() == "cpu" else Resident(extractor, self._images)

    def _view(
        self, augmentation: str, rows: NDArray[np.int32], sequence: np.random.SeedSequence
    ) -> augment.View:
        key = (*sequence.spawn_key, _KINDS.index(augmentation))
        rng = np.random.default_rng(np.random.SeedSequence(sequence.entropy, spawn_key=key))
        drawn = augment.draw(augmentation, len(rows), rng=rng, strengths=self._amounts)
        every = len(rows) == len(self._images)
        return augment.View(self._images if every else self._images[rows], drawn)


class Mapped:
    """Features in a file without a name, mapped, of views that are made beside the backbone."""

    def __init__(self, extractor: Extractor, scratch: Path) -> None:
        self._extractor = extractor
        self._scratch = scratch

    def room(self, n_rows: int) -> Features:
        """Where features of ``n_rows`` views will stand, in half precision."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._scratch) as file:
            return np.memmap(file, np.float16, "w+", shape=(n_rows, self._extractor.row.n_features))

    def add(self, room: Features, start: int, rows: NDArray[np.int32], view: augment.View) -> Features:
        """``room`` with the features of a view from row ``start`` on."""
        self._extractor(view, out=room[start : start + len(rows)])
        give_back(room)
        return room
