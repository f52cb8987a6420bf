"""Predictions that the training stages wrote, held to the planned runs, beside the labels of their images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from study import files
from study.data import dataset as datasets
from study.params import Params
from study.pipeline import paths, results


def predicted(params: Params, phase: str, name: str) -> NDArray[Any]:
    """Predictions of one phase over all backbones, rows in the order of ``planned``.

    Parameters
    ----------
    name
        ``valid_class``, ``test_class``, ``valid_probs`` or ``test_probs``.

    Raises
    ------
    FileError, DataError
        A file is missing, or has not a row for each planned run or not a column for each image.
    """
    table = results.planned(params, phase)
    of_backbone = table.groupby("model", sort=False).size()
    return np.concatenate(
        [_of_backbone(phase, backbone, name, int(of_backbone[backbone])) for backbone in params.backbones]
    )


def _of_backbone(phase: str, backbone: str, name: str, n_runs: int) -> NDArray[Any]:
    split, _, kind = name.partition("_")
    classes = results.dataset()["classes"]
    shape = (n_runs, len(labels(split)), *((len(classes),) if kind == "probs" else ()))
    path = paths.RUNS / phase / backbone / f"{name}.npy"
    found = array(
        path, shape, dtype=np.float32 if kind == "probs" else np.uint8, stage=results.stage(phase, backbone)
    )
    if kind == "class" and found.max(initial=0) >= len(classes):
        raise files.FileError(f"{path}: expected classes below {len(classes)}, received {found.max()}")
    return found


def array(path: Path, shape: tuple[int, ...], *, dtype: type[np.generic], stage: str) -> NDArray[Any]:
    """An array that an earlier stage wrote, mapped into memory to be read.

    Parameters
    ----------
    stage
        As DVC names it.

    Raises
    ------
    FileError
        The file is missing, holds an array of another shape or type, or has not the bytes of its hash.
    """
    found = files.read_array(path)
    if found.shape != shape or found.dtype != dtype:
        raise files.FileError(
            f"{path}: expected {np.dtype(dtype)} of shape {shape}, received {found.dtype} of shape "
            f"{found.shape}; run dvc repro"
        )
    files.check_sum(path, stage=stage)
    return found


def by_replicate(params: Params, name: str) -> NDArray[np.float32]:
    """Probabilities of the confirmed runs, shape (n_replicates, n_backbones, n_examples, n_classes).

    Parameters
    ----------
    name
        ``valid_probs`` or ``test_probs``.

    Raises
    ------
    FileError, DataError
        As ``predicted``.
    """
    probs = [_of_backbone("confirm", backbone, name, params.confirm_seeds) for backbone in params.backbones]
    return np.stack(probs, axis=1)


def labels(split: str) -> NDArray[Any]:
    """The classes of a split's images.

    Raises
    ------
    DataError
        The file is missing or is not the one that was packed.
    """
    return datasets.column(paths.DATASET, "labels", split)


def origins(split: str) -> NDArray[Any]:
    """Where a split's images come from, as positions in ``study.tables.ORIGINS``.

    Raises
    ------
    DataError
        The file is missing or is not the one that was packed.
    """
    return datasets.column(paths.DATASET, "origins", split)
