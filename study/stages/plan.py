"""What the study will do, counted before anything runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import design
from study.backbones.table import backbone as row_of
from study.params import Params
from study.stages import files, paths
from study.stages.recorded import run_of
from study.tables import SPLITS
from study.training.runs import augmented_images, head_steps


def costs(params: Params) -> list[dict[str, Any]]:
    """One row a backbone and phase, and one for all: runs, optimiser steps of heads, images through the
    backbone, images that keras ``fit`` a run would push through it, megabytes of features on disk.

    The confirmed setting is not known before exploring; its cost is that of the dearest setting. Counts are
    of a study that starts with an empty run store.
    """
    labels = {split: _labels(split) for split in SPLITS}
    train = labels["train"]
    laid = design.settings(params, images_per_class=int(np.bincount(train).min()))
    n_images = sum(len(values) for values in labels.values())
    rows = []
    for name in params.backbones:
        explore = design.explore_runs(params, laid, name)
        rows.append(_row(params, laid, name, "explore", explore, train, n_images))
        dearest = max(
            laid.by_name,
            key=lambda setting: _row(
                params, laid, name, "confirm", design.confirm_runs(params, name, setting), train, 0
            )["images"],
        )
        confirm = design.confirm_runs(params, name, dearest)
        rows.append(_row(params, laid, name, "confirm", confirm, train, 0))
    total = {key: sum(row[key] for row in rows) for key in rows[0] if key not in ("backbone", "phase")}
    return [*rows, {"backbone": "all", "phase": "", **total}]


def _row(
    params: Params,
    laid: design.Design,
    name: str,
    phase: str,
    table: pd.DataFrame,
    train: NDArray[Any],
    n_images: int,
) -> dict[str, Any]:
    runs = [run_of(row, laid.by_name[str(row.setting)]) for row in table.itertuples()]
    n_views = None if params.augment.views == "fresh" else int(params.augment.views)
    augmented = augmented_images(runs, train, epochs=params.epochs, n_views=n_views)
    return {
        "backbone": name,
        "phase": phase,
        "runs": len(runs),
        "steps": head_steps(runs, train, epochs=params.epochs),
        "images": n_images + augmented,
        "naive": len(runs) * params.epochs * len(train),
        "MB": round(n_images * row_of(name).n_features * 4 / 1e6),
    }


def _labels(split: str) -> NDArray[Any]:
    path = paths.DATASET / f"{split}_labels.npy"
    if not path.exists():
        raise files.FileError(f"{path}: expected the packed dataset, received none; run dvc repro data first")
    return files.read_array(path)
