"""Every planned run: its predictions held to its hash and scores, its history to both."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import design, files
from study.analysis.statistics import metrics
from study.audit.verdict import Verdict, Verdicts, judged
from study.errors import counted
from study.params import Params
from study.pipeline import artifacts, paths, predictions, results
from study.runs.phase import PREDICTIONS, PROBABILITIES, predictions_sha256
from study.tables.definitions import HISTORY, ORIGINS, RESULTS

_ROUNDING = 1e-6
"""Accuracies of a history are kept in single precision."""
Arrays = dict[str, NDArray[Any]]


def check(chosen: Params) -> Verdicts:
    """Results of every planned run and no other, with what is kept of each."""
    faults: list[str] = []
    absent: list[str] = []
    n_runs = n_images = 0
    for phase in results.RECORDED:
        planned = results.planned(chosen, phase)
        for backbone in chosen.backbones:
            plan = [str(run) for run in planned.loc[planned["model"] == backbone, "run"]]
            rows = _rows(phase, backbone)
            faults += _apart(paths.RESULTS / phase / f"{backbone}.json", plan, list(rows))
            n_runs += len(plan)
            folder = paths.RUNS / phase / backbone
            if not folder.is_dir():
                absent.append(str(folder))
                continue
            arrays, wrong = _arrays(folder, len(plan), expected=phase == "confirm" and bool(plan))
            faults += wrong
            for number, run in enumerate(plan):
                if run in rows and not wrong:
                    mine = {name: array[number] for name, array in arrays.items()}
                    n_images += sum(len(one) for name, one in mine.items() if name.endswith("class"))
                    faults += _run(f"{folder}: {run}", mine, rows[run], chosen)
    held = f", {counted(n_images, 'prediction')} have the recorded hashes and scores" if n_images else ""
    yield from judged("runs", faults, f"{counted(n_runs, 'planned run')} are recorded, and no other{held}")
    yield Verdict(
        "runs",
        "not checked",
        "log losses and calibration errors of training images, and of runs whose probabilities are not kept "
        f"(explore, {design.VARIANCE}): only training again finds them made up",
    )
    if absent:
        yield Verdict(
            "runs",
            "not checked",
            f"predictions and histories of {counted(len(absent), 'folder')} such as {absent[0]}, "
            "which are not here: dvc pull, or an archive that holds them",
        )


def histories(chosen: Params) -> Verdicts:
    """Each history has its epochs, ends where its run's scores are, and tells whether it diverged."""
    faults: list[str] = []
    n_values = 0
    counts = results.dataset()["counts"]["train"].values()
    n_train = sum(sum(origins.values()) for origins in counts)
    splits = ("train", "valid") if n_train <= chosen.train_eval_images else ("valid",)
    for phase in results.RECORDED:
        for backbone in chosen.backbones:
            path = paths.RUNS / phase / backbone / "history.parquet"
            if not path.parent.is_dir():
                continue
            rows = _rows(phase, backbone)
            for run, history in HISTORY.from_parquet(path).groupby("run", sort=False):
                n_values += history.size
                if str(run) in rows:
                    faults += _history(f"{path}: {run}", history, rows[str(run)], chosen.epochs, splits)
                else:
                    faults.append(f"{path}: expected histories of recorded runs, received one of {run}")
    if n_values:
        yield from judged(
            "histories",
            faults,
            f"{counted(n_values, 'value')}: epochs, last accuracies and divergence fit the results",
        )


def ensembles(chosen: Params) -> Verdicts:
    """Each ensemble's test classes have the hash and the accuracy that stand in reports/ensembles.json."""
    if not paths.ENSEMBLES.is_dir():
        yield Verdict("ensembles", "not checked", f"{paths.ENSEMBLES} is not here")
        return
    labels = predictions.labels("test")
    table = artifacts.read(paths.ENSEMBLES_JSON, artifacts.EnsemblesFile).ensembles
    faults = []
    for row in table:
        path = paths.ENSEMBLES / f"{str(row['method']).replace(' ', '-')}.npy"
        where = f"{paths.ENSEMBLES_JSON}: {row['method']}, replicate {row['replicate']}"
        of_method = files.read_array(path)
        if len(of_method) != chosen.confirm_seeds or of_method.shape[1:] != labels.shape:
            faults.append(
                f"{path}: expected classes of {chosen.confirm_seeds} replicates, received another array"
            )
            continue
        mine = {"test_class": of_method[int(row["replicate"])]}
        faults += _differ(where, "predictions_sha256", row["predictions_sha256"], predictions_sha256(mine))
        accuracy = float((mine["test_class"] == labels).mean())
        faults += _differ(where, "test_accuracy", row["test_accuracy"], accuracy)
    yield from judged(
        "ensembles", faults, f"{counted(len(table), 'row')} have the classes that are kept of them"
    )


def _rows(phase: str, backbone: str) -> dict[str, dict[str, Any]]:
    path = paths.RESULTS / phase / f"{backbone}.json"
    table = artifacts.table(path, results.record(phase, backbone)["results"], RESULTS)
    return {str(row["run"]): {str(key): one for key, one in row.items()} for row in table.to_dict("records")}


def _apart(path: Path, plan: list[str], found: list[str]) -> Iterator[str]:
    for run in plan:
        if run not in found:
            yield f"{path}: expected a result of the planned run {run}, received none"
    for run in found:
        if run not in plan:
            yield f"{path}: expected results of planned runs, received one of {run}"


def _arrays(folder: Path, n_runs: int, *, expected: bool) -> tuple[Arrays, list[str]]:
    kinds = (*PREDICTIONS, *(PROBABILITIES if expected else ())) if n_runs else ()
    arrays, wrong = {}, []
    for name in kinds:
        found = files.read_array(folder / f"{name}.npy")
        n_images = len(predictions.labels(name.partition("_")[0]))
        if found.shape[:2] != (n_runs, n_images):
            wrong.append(
                f"{folder / name}.npy: expected predictions of {n_runs} planned runs on {n_images} "
                f"images, received an array of shape {found.shape}"
            )
        arrays[name] = found
    return arrays, wrong


def _run(where: str, mine: Arrays, row: dict[str, Any], chosen: Params) -> Iterator[str]:
    yield from _differ(where, "predictions_sha256", row["predictions_sha256"], predictions_sha256(mine))
    for name, value in scores(mine, bins=chosen.analysis.calibration_bins).items():
        if row["status"] == "ok":
            yield from _differ(where, name, row[name], value)


def scores(mine: Arrays, *, bins: int) -> dict[str, float]:
    """The scores of one run that its kept classes and probabilities give, by their columns in ``results``."""
    found: dict[str, float] = {}
    for split in ("valid", "test"):
        labels = predictions.labels(split)
        right = mine[f"{split}_class"] == labels
        found[f"{split}_accuracy"] = float(np.mean(right))
        if (probs := mine.get(f"{split}_probs")) is not None:
            found[f"{split}_log_loss"] = metrics.log_loss(probs, labels)
            found[f"{split}_calibration_error"] = metrics.calibration_error(probs, labels, bins=bins)
    origins = predictions.origins("test")
    for code, origin in enumerate(ORIGINS):
        here = origins == code
        found[f"test_accuracy_{origin}"] = float(np.mean(right[here])) if here.any() else math.nan
    return found


def _history(
    where: str, history: pd.DataFrame, row: dict[str, Any], epochs: int, splits: tuple[str, ...]
) -> Iterator[str]:
    if history["epoch"].tolist() != list(range(1, epochs + 1)):
        yield f"{where}: expected the epochs 1 to {epochs}, received {len(history)} others"
        return
    finite = bool(np.isfinite(history.drop(columns=["run", "epoch"]).to_numpy(np.float64)).all())
    status = "ok" if finite else "diverged"
    if row["status"] != status:
        yield f"{where}: expected status {status}, as its history says, received {row['status']}"
    if finite:
        for name in (f"{split}_accuracy" for split in splits):
            last = float(history[name].iloc[-1])
            yield from _differ(f"{where}, last epoch", name, row[name], last, within=_ROUNDING)


def _differ(where: str, name: str, expected: Any, received: Any, *, within: float = 1e-12) -> Iterator[str]:
    if isinstance(expected, float):
        same = abs(expected - received) <= within or (math.isnan(expected) and math.isnan(received))
    else:
        same = expected == received
    if not same:
        yield f"{where}: {name}: expected {_said(expected)}, as recorded, received {_said(received)}"


def _said(value: Any) -> str:
    return value[:12] if isinstance(value, str) else f"{value:.10g}"
