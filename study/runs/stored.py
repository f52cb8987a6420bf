"""The run store, listed, checked and pruned."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from study import design
from study.params import Params
from study.pipeline import paths, provenance, results
from study.runs.phase import Bench
from study.training.store import Entry, RunStore, key_of

DAMAGED = "damaged"
OTHER_CODE = "other code"
PLANNED = "planned"
UNPLANNED = "not planned"
UNREAD = "cannot be read"
_SHOWN = 12


@dataclass(frozen=True)
class Kept:
    """An entry, and what the present code and parameters make of it.

    Attributes
    ----------
    state
        One of the states above; "present code" where it is not known what is planned.
    why
        What differs from the present code, or why the file cannot be read.
    """

    entry: Entry
    state: str
    why: str = ""


def kept(planned: Collection[str] | None) -> list[Kept]:
    """Every file of the run store and its state.

    Parameters
    ----------
    planned
        Keys of the runs that the present parameters ask for; None where that is not known.
    """
    now = {"source_sha256": provenance.training_source_sha256(), **provenance.backend()}
    return [_judged(entry, planned, now) for entry in RunStore(paths.store()).entries()]


def _judged(entry: Entry, planned: Collection[str] | None, now: dict[str, str]) -> Kept:
    if entry.unread:
        return Kept(entry, UNREAD, entry.unread)
    if entry.inputs is None:
        return Kept(entry, DAMAGED, "it does not agree with its hashes")
    then = {name: entry.inputs.get(name) for name in now}
    differing = [
        f"{name} {_cut(then[name])}, now {_cut(now[name])}" for name in now if then[name] != now[name]
    ]
    if differing:
        return Kept(entry, OTHER_CODE, "; ".join(differing))
    if planned is None:
        return Kept(entry, "present code")
    if entry.path.stem in planned:
        return Kept(entry, PLANNED)
    return Kept(entry, UNPLANNED, "params.yaml does not ask for it")


def _cut(value: Any) -> str:
    return str(value or "none")[:_SHOWN]


def listing(found: Iterable[Kept]) -> list[dict[str, Any]]:
    """One row a backbone and state, and one for all."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in found:
        backbone = str((one.entry.inputs or {}).get("backbone", ""))
        for row in ((backbone, one.state), ("all", "")):
            counts[row][0] += 1
            counts[row][1] += one.entry.n_bytes
    counts.setdefault(("all", ""), [0, 0])
    return [
        {"backbone": backbone, "state": state, "runs": n, "MB": round(n_bytes / 1e6, 1)}
        for (backbone, state), (n, n_bytes) in sorted(
            counts.items(), key=lambda row: (row[0][0] == "all", row[0])
        )
    ]


def planned_keys(params: Params) -> set[str]:
    """Keys of the runs that the present parameters ask for.

    Raises
    ------
    DataError, FileError
        Data, features, weights or the selection are missing or wrong, so that the keys are not known.
    """
    selected = results.selected(params)
    keys = set()
    for backbone in params.backbones:
        bench = Bench.read(params, backbone)
        tables = {
            "explore": design.explore_runs(params, bench.design, backbone),
            design.VARIANCE: design.variance_runs(params, bench.design, backbone)[0],
            "confirm": design.confirm_runs(params, backbone, selected[backbone]),
        }
        for phase, table in tables.items():
            probabilities = phase == "confirm"
            keys |= {key_of(bench.inputs(run, probabilities=probabilities)) for run in bench.runs(table)}
    return keys


def remove(found: Iterable[Entry]) -> Path:
    """Move entries out of the store; gives the folder where they are."""
    folder = paths.removed() / f"{datetime.now():%Y-%m-%d_%H%M%S}"
    for entry in found:
        _move(entry.path, folder / entry.path.relative_to(paths.store()))
    return folder


def removed() -> list[Entry]:
    """Every entry that was moved out of the store."""
    return [entry for folder in sorted(paths.removed().glob("*")) for entry in RunStore(folder).entries()]


def restore(found: Iterable[Entry]) -> int:
    """Move removed entries back that are whole and not there again; gives how many."""
    n = 0
    for entry in found:
        target = paths.store() / entry.path.parent.name / entry.path.name
        if entry.inputs is not None and not target.exists():
            _move(entry.path, target)
            n += 1
    return n


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)
