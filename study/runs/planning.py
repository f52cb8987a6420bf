"""What the study will do and what it will cost, before anything runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import design
from study.backbones.catalogue import names
from study.backbones.catalogue.names import backbone as row_of
from study.data import dataset as datasets
from study.data.digits import SPLIT_SEED, digits
from study.errors import public
from study.files import FileError, read_array
from study.params import Params
from study.pipeline import paths
from study.runs import limits
from study.runs.cost_model import Pace
from study.runs.phase import run_of
from study.tables.definitions import SPLITS
from study.training.optimisation import MAX_HEADS
from study.training.runs import Run, augmented_images, groups, head_steps

Labels = dict[str, NDArray[Any]]
_CINIC10_CLASSES, _CINIC10_PER_CLASS = 10, 9_000
_CINIC10_ARCHIVE_BYTES = 687_544_992
_BASE_BYTES = 0.9e9
"""Memory of Python, TensorFlow and a backbone, before any data."""
_STAGE_STARTS = 3
"""Stages of a backbone that build it."""
_FEATURE_BYTES = 2
"""Of an image of CINIC-10; the digits are enlarged to its size."""
_COPIES = 2
"""What DVC tracks stands in the working tree and in its cache."""


@dataclass(frozen=True)
class Cost:
    """What one phase of one backbone takes.

    Attributes
    ----------
    runs, steps
        Runs, and optimiser steps of all their heads together.
    images
        Images through the backbone.
    naive_images
        Images that keras ``fit`` for each run would push through it: the run's training images and the
        validation images in every epoch, the test images once.
    seconds
        On this machine; None where it was not measured.
    """

    backbone: str
    phase: str
    runs: int
    steps: int
    images: int
    naive_images: int
    seconds: float | None


@dataclass(frozen=True)
class Plan:
    """The costs of all phases, and what the machine needs beside time.

    Attributes
    ----------
    memory_bytes
        The largest that a stage takes for itself, beside files mapped into memory.
    mapped_bytes
        The largest set of features that a stage maps; with less free memory than that it reads them again.
    disk_bytes
        What the study leaves on disk, cache included, and at its peak the features of augmented images.
    warnings
        One sentence for each thing that does not fit.
    """

    costs: tuple[Cost, ...]
    memory_bytes: float
    mapped_bytes: float
    disk_bytes: float
    warnings: tuple[str, ...]


def plan(params: Params, pace: Callable[[str], Pace] | None) -> Plan:
    """Count and estimate a study that starts with an empty run store.

    The confirmed setting is not known before exploring; its cost is that of the dearest setting.

    Parameters
    ----------
    pace
        Measures a backbone; None to leave time out.

    Raises
    ------
    FileError
        How many images there are is not known before the data stage has run.
    BackboneError, ParamsError
        The study cannot run as it is; the stages ``inputs`` and ``limits`` say the same.
    """
    names.checked(params.backbones, image_size=params.pixels)
    labels = _labels(params)
    memory = _memory(params, labels)
    counts = np.bincount(labels["train"])
    laid = design.settings(params, images_per_class=int(counts.min()), balanced=counts.min() == counts.max())
    costs: list[Cost] = []
    for name in params.backbones:
        measured = None if pace is None else pace(name)
        explore = design.explore_runs(params, laid, name)
        costs.append(_cost(params, laid, name, "explore", explore, labels, measured))
        dearest = _dearest(params, laid, name, labels, measured)
        confirm = design.confirm_runs(params, name, dearest)
        costs.append(_cost(params, laid, name, "confirm", confirm, labels, measured))
        varied = design.variance_runs(params, laid, name)[0]
        if len(varied):
            costs.append(_cost(params, laid, name, design.VARIANCE, varied, labels, measured))
    mapped, disk = _mapped(params, labels), _disk(params, labels, costs)
    return Plan(tuple(costs), memory, mapped, disk, tuple(_warnings(memory, disk)))


def _dearest(params: Params, laid: design.Design, name: str, labels: Labels, pace: Pace | None) -> str:
    """The setting whose replicate costs most."""
    one = params.model_copy(update={"confirm_seeds": 1})

    def price(setting: str) -> tuple[float, int, int]:
        table = design.confirm_runs(one, name, setting)
        cost = _cost(one, laid, name, "confirm", table, labels, pace)
        return (cost.seconds or 0.0, cost.images, cost.steps)

    return max(laid.by_name, key=price)


def _cost(
    params: Params,
    laid: design.Design,
    name: str,
    phase: str,
    table: pd.DataFrame,
    labels: Labels,
    pace: Pace | None,
) -> Cost:
    runs = [run_of(row, laid.by_name[str(row.setting)]) for row in table.itertuples()]
    train = labels["train"]
    n_views = None if params.augment.views == "fresh" else int(params.augment.views)
    images = augmented_images(runs, train, epochs=params.epochs, n_views=n_views)
    if phase == "explore":
        images += sum(map(len, labels.values()))
    return Cost(
        name,
        phase,
        len(runs),
        head_steps(runs, train, epochs=params.epochs),
        images,
        naive_images(runs, labels, epochs=params.epochs),
        None if pace is None else _seconds(params, runs, labels, images, pace),
    )


def naive_images(runs: Sequence[Run], labels: Labels, *, epochs: int) -> int:
    """Images through the backbone if keras ``fit`` made each run: see ``Cost.naive_images``."""
    return sum(
        epochs * (group.rows.shape[1] + len(labels["valid"])) + len(labels["test"])
        for group in groups(runs, labels["train"], heads_per_group=1)
    )


def _seconds(params: Params, runs: list[Run], labels: Labels, images: int, pace: Pace) -> float:
    seconds = images * pace.image_seconds + _STAGE_STARTS * pace.start_seconds
    n_all = sum(map(len, labels.values()))
    kinds = {
        (len(group.runs), group.augmentation, int(group.rows.shape[1]), group.runs[0].setting.batch_size)
        for group in groups(runs, labels["train"], heads_per_group=MAX_HEADS)
    }
    seconds += pace.compile_seconds * sum(kind[0] for kind in kinds)
    for group in groups(runs, labels["train"], heads_per_group=1):
        n_rows = group.rows.shape[1]
        steps = params.epochs * group.n_batches
        after_each = min(n_rows, params.train_eval_images) + len(labels["valid"])
        seconds += steps * pace.step_seconds[group.runs[0].setting.batch_size]
        seconds += (params.epochs * after_each + n_all) * pace.evaluation_seconds
    return seconds


def _memory(params: Params, labels: Labels) -> float:
    counts = np.bincount(labels["train"])
    sizes = limits.Sizes(
        train=len(labels["train"]),
        judged=len(labels["valid"]) + len(labels["test"]),
        smallest_class=int(counts.min()),
        classes=len(counts),
    )
    parts = limits.memory(params, sizes, n_features=names.widest(params.backbones))
    limits.check(parts, memory_budget_gb=params.execution.memory_budget_gb)
    return _BASE_BYTES + sum(parts.values())


def _mapped(params: Params, labels: Labels) -> float:
    widest = max(row_of(name).n_features for name in params.backbones)
    n_images = sum(map(len, labels.values()))
    return (n_images + _augmented_at_once(params, labels)) * widest * _FEATURE_BYTES


def _augmented_at_once(params: Params, labels: Labels) -> int:
    levels = set(params.levels("augmentation"))
    if levels == {"none"}:
        return 0
    replicates = max(params.seeds, params.confirm_seeds, params.variance_seeds)
    return len(labels["train"]) * (
        MAX_HEADS if params.augment.views == "fresh" else int(params.augment.views) * replicates
    )


def _disk(params: Params, labels: Labels, costs: list[Cost]) -> float:
    n_images = sum(map(len, labels.values()))
    archive = _CINIC10_ARCHIVE_BYTES if params.dataset == "cinic10" else 0
    kept: float = n_images * 3 * params.pixels**2
    for name in params.backbones:
        kept += n_images * row_of(name).n_features * _FEATURE_BYTES
    n_judged = len(labels["valid"]) + len(labels["test"])
    n_classes = len(np.unique(labels["train"]))
    for cost in costs:
        kept += cost.runs * n_judged * (1 + (4 * n_classes if cost.phase == "confirm" else 0)) * 1.5
    widest = max(row_of(name).n_features for name in params.backbones)
    return archive + _COPIES * kept + _augmented_at_once(params, labels) * widest * _FEATURE_BYTES


def _warnings(memory: float, disk: float) -> list[str]:
    free = shutil.disk_usage(".").free
    available = _available_memory()
    said = []
    if memory > available:
        said.append(f"memory: {memory / 1e9:.1f} GB are needed, {available / 1e9:.1f} GB are free")
    if disk > free:
        said.append(f"disk: {disk / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free")
    here = str(Path.cwd())
    if not here.isascii():
        said.append(
            f"dvc exp run --temp fails inside DVC: expected a path of ASCII characters, received {here}; "
            f"move the clone or leave out --temp"
        )
    return said


def _available_memory() -> float:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return float("inf")
    return next(
        (float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), float("inf")
    )


def _labels(params: Params) -> Labels:
    if params.dataset == "digits":
        return dict(digits(seed=SPLIT_SEED).labels)
    if params.dataset == "cinic10":
        one = np.repeat(np.arange(_CINIC10_CLASSES, dtype=np.uint8), _CINIC10_PER_CLASS)
        return dict.fromkeys(SPLITS, one)
    try:
        source = datasets.read_manifest(paths.DATASET)["source"]
    except datasets.DataError:
        source = None
    named = public(params.dataset)
    if source not in (named, Path(named).name):
        raise FileError(
            f"{paths.DATASET}: expected the packed dataset {named}, whose size is not known before, "
            f"received {source or 'none'}; run dvc repro data first"
        )
    return {split: read_array(paths.DATASET / f"{split}_labels.npy") for split in SPLITS}
