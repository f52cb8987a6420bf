"""A small study that both sides run from the same images, settings and seeds."""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import images, naive
from study import design, params
from study.data.native import KNOWN
from study.params import Params
from study.runs.phase import run_of
from study.training.runs import Run

PARAMS = Path(__file__).parents[1] / "params.yaml"


@dataclass(frozen=True)
class Small:
    """What is studied.

    Attributes
    ----------
    backbone, weights
        As in params.yaml.
    repaired
        Whether the naive side has the study's layers too.
    per_class
        Images a class of train, valid and test.
    changes
        To params.yaml, beside backbone and weights.
    archive
        Where the images come from; None for the digits.
    """

    backbone: str
    weights: str
    repaired: bool
    per_class: tuple[int, int, int]
    changes: tuple[str, ...]
    archive: Path | None = None

    @property
    def params(self) -> Params:
        """The study's parameters with the changes."""
        own = (f"backbones=[{self.backbone}]", f"weights={self.weights}", f"image_size={self.image_size}")
        return params.load(PARAMS, changes=(*own, *self.changes))

    @property
    def image_size(self) -> int:
        """Pixels a side: those of the digits, or of an archive laid out like CINIC-10."""
        return KNOWN["digits" if self.archive is None else "cinic10"][0]

    @property
    def data(self) -> images.Images:
        """The images of all splits."""
        return images.take(self.archive, dict(zip(("train", "valid", "test"), self.per_class, strict=True)))

    def runs(self) -> list[Run]:
        """The runs of the explore phase."""
        chosen = self.params
        smallest = int(np.bincount(self.data.labels["train"]).min())
        laid = design.settings(chosen, images_per_class=smallest)
        table = design.explore_runs(chosen, laid, self.backbone)
        return [run_of(row, laid.by_name[str(row.setting)]) for row in table.itertuples()]


def lite(archive: Path | None, per_class: tuple[int, int, int], *changes: str) -> Small:
    """A study of EfficientNet-Lite0 with its real weights."""
    return Small("efficientnet-lite0", "imagenet", False, per_class, changes, archive)


@dataclass(frozen=True)
class Ran:
    """What one side did.

    Attributes
    ----------
    seconds
        Without building the backbone. The study's: with compiling its heads; Keras': without compiling.
    n_images
        Through the backbone.
    accuracies
        On test, in the order of ``Small.runs``.
    """

    seconds: float
    n_images: int
    accuracies: NDArray[np.float64]


def study(small: Small) -> Ran:
    """The study's side, as its stages do it."""
    from benchmarks.extraction import extractor

    chosen, data, runs = small.params, small.data, small.runs()
    backbone = extractor(small.backbone, small.weights, image_size=small.image_size)
    backbone(data.images["train"][:1])
    before = backbone.n_images
    began = time.perf_counter()
    outcomes = train(chosen, data, backbone, runs)
    seconds = time.perf_counter() - began
    probabilities = [outcomes[run.name].test_probs for run in runs]
    return Ran(seconds, backbone.n_images - before, accuracies(probabilities, data.labels["test"]))


def train(
    chosen: Params,
    data: images.Images,
    backbone: Any,
    runs: list[Run],
    done: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Outcomes by name of runs on images, features and views included; in the study's process.

    ``done`` is told how many runs there are each time that some are.
    """
    features = {split: halves(backbone, part) for split, part in data.images.items()}
    with views_of(chosen, data, backbone) as views:
        return trained(chosen, data, features, views, runs, done)


@contextmanager
def views_of(chosen: Params, data: images.Images, backbone: Any) -> Iterator[Any]:
    """Augmented views of the training images, as the stages make them."""
    from study.runs.augmented_features import BackboneViews

    labels = data.labels["train"]
    with tempfile.TemporaryDirectory() as scratch:
        yield BackboneViews(
            data.images["train"],
            labels,
            n_classes=int(labels.max()) + 1,
            extractor=lambda: backbone,
            strengths=chosen.augment,
            scratch=Path(scratch),
            say=lambda _: None,
        )


def trained(
    chosen: Params,
    data: images.Images,
    features: dict[str, NDArray[Any]],
    views: Any,
    runs: list[Run],
    done: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Outcomes by name of runs on features."""
    from study.training.runs import Features
    from study.training.train import train as train_runs

    labels = data.labels["train"]
    groups = train_runs(
        runs,
        Features(
            **features,
            train_labels=labels,
            valid_labels=data.labels["valid"],
            n_classes=int(labels.max()) + 1,
        ),
        views,
        epochs=chosen.epochs,
        train_eval_images=chosen.train_eval_images,
        memory_bytes=chosen.execution.memory_budget_gb * 1e9 / 4,
        advance=lambda _: None,
    )
    outcomes = {}
    for group in groups:
        outcomes |= {outcome.run.name: outcome for outcome in group}
        done(len(outcomes))
    return outcomes


def halves(backbone: Any, part: NDArray[np.uint8]) -> NDArray[np.float16]:
    """Features in half precision, as the features stage keeps them."""
    out = np.empty((len(part), backbone.row.n_features), np.float16)
    backbone(part, out=out)
    return out


def keras(small: Small) -> Ran:
    """Keras' side: ``fit`` for each run."""
    fitted = _fitted(small)
    before, seconds, probabilities = fitted.n_images, 0.0, []
    for run in small.runs():
        took, own = fitted.run(run)
        seconds += took
        probabilities.append(own)
    return Ran(seconds, fitted.n_images - before, accuracies(probabilities, small.data.labels["test"]))


@functools.cache
def _fitted(small: Small) -> naive.Study:
    """The compiled model; its programs are made by one run of few images."""
    from study import augment

    chosen = small.params
    strengths = augment.Strengths(**chosen.augment.model_dump(exclude={"views"}))
    fitted = naive.Study(
        naive.network(small.backbone, small.weights, small.image_size, repaired=small.repaired),
        *small.data,
        epochs=chosen.epochs,
        dropout=chosen.dropout,
        strengths=strengths,
    )
    fitted.run(
        min(small.runs(), key=lambda run: float(str(run.setting.images_per_class).replace("all", "inf")))
    )
    return fitted


def accuracies(probabilities: list[NDArray[Any]], labels: NDArray[Any]) -> NDArray[np.float64]:
    """Of each run's class probabilities."""
    return np.array([np.mean(own.argmax(1) == labels) for own in probabilities])
