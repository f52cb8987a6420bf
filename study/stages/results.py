"""What the training stages recorded, cut to the planned runs and held to the code that made it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import design
from study.params import Params
from study.stages import files, paths, provenance
from study.stages.recorded import SCORES
from study.tables import HISTORY, RESULTS


def laid_out(params: Params) -> design.Design:
    """The settings that the recorded dataset can give."""
    counts = files.read_json(paths.DATASET_JSON)["dataset"][0]["counts"]["train"]
    smallest = min(sum(origins.values()) for origins in counts.values())
    return design.settings(params, images_per_class=smallest)


def record(phase: str, backbone: str) -> dict[str, Any]:
    """What a training stage wrote of one phase of one backbone."""
    path = paths.RESULTS / phase / f"{backbone}.json"
    found: dict[str, Any] = files.read_json(path)["record"][0]
    return found


def results(params: Params, phase: str, planned: pd.DataFrame) -> pd.DataFrame:
    """Table ``results`` of the planned runs of one phase, in the plan's order.

    Raises
    ------
    FileError
        A planned run has no result, or results come from another state of the training code.
    """
    now = provenance.training_source_sha256()
    frames = []
    for backbone in params.backbones:
        found = record(phase, backbone)
        path = paths.RESULTS / phase / f"{backbone}.json"
        if found["source_sha256"] != now:
            raise files.FileError(
                f"{path}: expected results of the training code {now[:12]}, received those of "
                f"{found['source_sha256'][:12]}; run dvc repro"
            )
        rows = pd.DataFrame(found["results"], columns=list(RESULTS.columns))
        frames.append(RESULTS.conform(rows.astype(dict.fromkeys(SCORES, float))))
    table = pd.concat(frames, ignore_index=True).set_index("run", drop=False)
    missing = [run for run in planned["run"] if run not in table.index]
    if missing:
        raise files.FileError(
            f"{paths.RESULTS / phase}: expected a result of {len(planned)} planned runs, received none of "
            f"{len(missing)}, such as {missing[0]}; run dvc repro"
        )
    return table.loc[planned["run"]].reset_index(drop=True)


def planned(params: Params, phase: str) -> pd.DataFrame:
    """Table ``runs`` of one phase over all backbones."""
    laid = laid_out(params)
    if phase == "explore":
        tables = [design.explore_runs(params, laid, backbone) for backbone in params.backbones]
    elif phase == design.VARIANCE:
        tables = [design.variance_runs(params, laid, backbone)[0] for backbone in params.backbones]
    else:
        chosen = selected()
        tables = [design.confirm_runs(params, backbone, chosen[backbone]) for backbone in params.backbones]
    return pd.concat(tables, ignore_index=True)


def selected() -> dict[str, str]:
    """The selected setting of each backbone."""
    return {row["model"]: row["setting"] for row in files.read_json(paths.SELECTION_JSON)["selection"]}


def history(params: Params, phase: str) -> pd.DataFrame:
    """Table ``history`` of one phase over all backbones."""
    folders = [paths.RUNS / phase / backbone for backbone in params.backbones]
    return pd.concat(
        [HISTORY.from_parquet(folder / "history.parquet") for folder in folders], ignore_index=True
    )


def predictions(params: Params, phase: str, name: str) -> NDArray[Any]:
    """Predictions of one phase over all backbones, rows in the order of ``planned``.

    Parameters
    ----------
    name
        ``valid_class``, ``test_class``, ``valid_probs`` or ``test_probs``.
    """
    return np.concatenate(
        [files.read_array(paths.RUNS / phase / backbone / f"{name}.npy") for backbone in params.backbones]
    )


def labels(split: str) -> NDArray[Any]:
    """The classes of a split's images."""
    return files.read_array(paths.DATASET / f"{split}_labels.npy")
