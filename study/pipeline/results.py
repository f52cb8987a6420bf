"""What the training stages recorded, cut to the planned runs and held to the code that made it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from study import design, files
from study.data.native import KNOWN
from study.errors import shown
from study.params import Params
from study.pipeline import artifacts, paths, provenance
from study.tables.definitions import FEATURES, HISTORY, PHASES, RESULTS, SELECTION, SPLITS, STATUSES
from study.tables.schema import Table

_FRACTIONS = ("train_accuracy", "valid_accuracy", "test_accuracy")
RECORDED = (*PHASES, design.VARIANCE)
"""Phases whose runs are recorded."""
_IDENTITY = ("model", "setting", "phase", "replicate")


def dataset() -> dict[str, Any]:
    """What the data stage wrote of the data: see ``artifacts.Dataset``.

    Raises
    ------
    FileError
        The file is missing or is not of that form, or a split lacks a class.
    """
    path = paths.DATASET_JSON
    found = artifacts.read(path, artifacts.DatasetFile).dataset[0]
    for split in SPLITS:
        received = sorted(found.counts.get(split, ()))
        if received != sorted(found.classes):
            raise files.FileError(
                f"{path}: counts of {split}: expected those of {len(found.classes)} classes, "
                f"received {shown(received)}"
            )
    return found.model_dump()


def sized(params: Params) -> Params:
    """The parameters, with the size of the images in pixels where they say native.

    Raises
    ------
    FileError
        They say native, the size of such data is not known beforehand, and none have been read yet.
    """
    if params.image_size != "native":
        return params
    if params.dataset in KNOWN:
        return params.sized(KNOWN[params.dataset])
    if not paths.DATASET_JSON.exists():
        raise files.FileError(
            f"image_size: expected a number of pixels before the data of {params.dataset} are read, received "
            "native; run dvc repro data, or give a number"
        )
    shape = dataset().get("image_shape")
    if not isinstance(shape, list) or [type(one) for one in shape] != [int] * 3:
        raise files.FileError(
            f"{paths.DATASET_JSON}: image_shape: expected three whole numbers, received {shown(shape)}"
        )
    return params.sized(shape)


def features(params: Params) -> pd.DataFrame:
    """Table ``features`` of all backbones.

    Raises
    ------
    FileError
        A file is missing, is not this table, is another backbone's, or has counts that cannot be.
    """
    frames = []
    for backbone in params.backbones:
        path = paths.FEATURES_JSON / f"{backbone}.json"
        frame = artifacts.table(path, artifacts.read(path, artifacts.FeaturesFile).features, FEATURES)
        if list(frame["model"]) != [backbone]:
            received = ", ".join(frame["model"]) or "none"
            raise files.FileError(
                f"{path}: expected features of {backbone}, received those of {received}; run dvc repro"
            )
        for column, largest in (("n_constant", frame["n_features"].iloc[0]), ("zero_share", 1)):
            value = frame[column].iloc[0]
            if not 0 <= value <= largest:
                raise files.FileError(f"{path}: expected {column} from 0 to {largest}, received {value}")
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def laid_out(params: Params) -> design.Design:
    """The settings that the recorded dataset can give."""
    counts = dataset()["counts"]["train"]
    sizes = [sum(origins.values()) for origins in counts.values()]
    return design.settings(params, images_per_class=min(sizes), balanced=min(sizes) == max(sizes))


def tables(which: Sequence[Table]) -> dict[str, pd.DataFrame]:
    """Tables of the report by name, as the analysis wrote them.

    Raises
    ------
    FileError, TableError
        A file is missing, is not the table, or has not the bytes of its hash.
    """
    found = {}
    for table in which:
        path = paths.TABLES / f"{table.name}.csv"
        found[table.name] = table.read_csv(path)
        files.check_sum(path, stage="analyse")
    return found


def record(phase: str, backbone: str) -> dict[str, Any]:
    """What a training stage wrote of one phase of one backbone: see ``artifacts.Record``.

    Raises
    ------
    FileError
        The file is missing or lacks a part.
    """
    return artifacts.read(_path(phase, backbone), artifacts.RecordFile).record[0].model_dump()


def records(params: Params) -> dict[tuple[str, str], dict[str, Any]]:
    """What the training stages wrote of every phase and backbone.

    Raises
    ------
    FileError
        As ``record``, or two are of other data or of other weights of the same backbone.
    """
    found = {
        (phase, backbone): record(phase, backbone) for phase in RECORDED for backbone in params.backbones
    }
    first = found[RECORDED[0], params.backbones[0]]
    for (phase, backbone), one in found.items():
        for name, of in (("data", first), ("weights", found[RECORDED[0], backbone])):
            expected, received = of[f"{name}_sha256"], one[f"{name}_sha256"]
            if received != expected:
                raise files.FileError(
                    f"{_path(phase, backbone)}: expected results on {name} {expected[:12]}, as the others, "
                    f"received those on {received[:12]}; run dvc repro"
                )
    return found


def _path(phase: str, backbone: str) -> Path:
    return paths.RESULTS / phase / f"{backbone}.json"


def results(params: Params, phase: str, planned: pd.DataFrame) -> pd.DataFrame:
    """Table ``results`` of the planned runs of one phase, in the plan's order.

    Raises
    ------
    FileError
        A planned run has no result, or one that cannot be its own, or results come from another state of
        the training code.
    """
    now = provenance.training_source_sha256()
    frames = []
    for backbone in params.backbones:
        found = record(phase, backbone)
        path = _path(phase, backbone)
        if found["source_sha256"] != now:
            raise files.FileError(
                f"{path}: expected results of the training code {now[:12]}, received those of "
                f"{found['source_sha256'][:12]}; run dvc repro"
            )
        frame = artifacts.table(path, found["results"], RESULTS)
        _check_results(path, frame, planned)
        frames.append(frame)
    table = pd.concat(frames, ignore_index=True).set_index("run", drop=False)
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise files.FileError(
            f"{paths.RESULTS / phase}: expected each run once, received {twice[0]} of two backbones"
        )
    missing = [run for run in planned["run"] if run not in table.index]
    if missing:
        raise files.FileError(
            f"{paths.RESULTS / phase}: expected a result of {len(planned)} planned runs, received none of "
            f"{len(missing)}, such as {missing[0]}; run dvc repro"
        )
    return table.loc[planned["run"]].reset_index(drop=True)


def _check_results(path: Path, frame: pd.DataFrame, planned: pd.DataFrame) -> None:
    """Hold results to what a planned run can give."""
    plan = planned.set_index("run")
    for row in frame[frame["run"].isin(plan.index)].to_dict("records"):
        where = f"{path}: {row['run']}"
        for name in _IDENTITY:
            expected = plan.loc[row["run"], name]
            if row[name] != expected:
                raise files.FileError(f"{where}: expected {name} {expected}, received {row[name]}")
        if row["status"] not in STATUSES:
            raise files.FileError(
                f"{where}: expected status {' or '.join(STATUSES)}, received {row['status']}"
            )
        for name in _FRACTIONS:
            if not 0 <= row[name] <= 1:
                raise files.FileError(f"{where}: expected {name} from 0 to 1, received {row[name]}")


def planned(params: Params, phase: str) -> pd.DataFrame:
    """Table ``runs`` of one phase over all backbones."""
    laid = laid_out(params)
    if phase == "explore":
        tables = [
            design.explore_runs(params, laid, backbone, replicates=_explored(params, laid, backbone))
            for backbone in params.backbones
        ]
    elif phase == design.VARIANCE:
        tables = [design.variance_runs(params, laid, backbone)[0] for backbone in params.backbones]
    else:
        chosen = selected(params)
        tables = [design.confirm_runs(params, backbone, chosen[backbone]) for backbone in params.backbones]
    return pd.concat(tables, ignore_index=True)


def _explored(params: Params, laid: design.Design, backbone: str) -> dict[str, int] | None:
    """Setting to the replicates after which it stopped, as recorded; None where none stops before the last.

    Raises
    ------
    FileError
        A setting stopped where nothing was looked at, or the record is missing.
    """
    looks = params.analysis.looks
    if not looks:
        return None
    path = _path("explore", backbone)
    found = artifacts.table(path, record("explore", backbone)["results"], RESULTS)
    counted = found["setting"].value_counts()
    replicates = {name: int(counted.get(name, 0)) for name in laid.settings["setting"]}
    for name, n in replicates.items():
        if n not in looks:
            raise files.FileError(
                f"{path}: {name}: expected replicates of a look, {', '.join(map(str, looks))}, received {n}; "
                "run dvc repro"
            )
    return replicates


def selection(params: Params) -> pd.DataFrame:
    """Table ``selection``: the selected setting of each backbone.

    Raises
    ------
    FileError
        The file is missing, is not this table, or names other backbones or settings than ``params``.
    """
    path = paths.SELECTION_JSON
    table = artifacts.table(path, artifacts.read(path, artifacts.SelectionFile).selection, SELECTION)
    if sorted(table["model"]) != sorted(params.backbones):
        raise files.FileError(
            f"{path}: expected a setting of {', '.join(sorted(params.backbones))}, received those of "
            f"{', '.join(sorted(table['model'])) or 'none'}; run dvc repro"
        )
    known = laid_out(params).by_name
    for model, setting in zip(table["model"], table["setting"], strict=True):
        if setting not in known:
            raise files.FileError(
                f"{path}: {model}: expected a setting of params.yaml, received {setting}; run dvc repro"
            )
    return table


def selected(params: Params) -> dict[str, str]:
    """The selected setting of each backbone.

    Raises
    ------
    FileError
        As ``selection``.
    """
    table = selection(params)
    return dict(zip(table["model"], table["setting"], strict=True))


def stage(phase: str, backbone: str) -> str:
    """The stage that trains one phase of a backbone, as DVC names it."""
    return f"{'train' if phase == 'explore' else phase}@{backbone}"


def history(params: Params, phase: str) -> pd.DataFrame:
    """Table ``history`` of one phase over all backbones.

    Raises
    ------
    FileError, TableError
        A file is missing or is not this table, or a planned run lacks epochs.
    """
    table = planned(params, phase)
    frames = []
    for backbone, runs in table.groupby("model", sort=False):
        path = paths.RUNS / phase / str(backbone) / "history.parquet"
        frame = HISTORY.from_parquet(path)
        n_epochs = frame.groupby("run").size()
        for run in runs["run"]:
            if n_epochs.get(run, 0) != params.epochs:
                raise files.FileError(
                    f"{path}: expected {params.epochs} epochs of {run}, received {n_epochs.get(run, 0)}; "
                    "run dvc repro"
                )
        files.check_sum(path, stage=stage(phase, str(backbone)))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
