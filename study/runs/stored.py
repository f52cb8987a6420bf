"""The run store, listed, checked and pruned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from study import design, files
from study.data.dataset import DataError
from study.params import Params
from study.pipeline import paths, provenance, results
from study.runs.phase import Bench
from study.training.store import Entry, RunStore, key_of


def entries() -> list[Entry]:
    """Every file of the run store."""
    return list(RunStore(paths.store()).entries())


def listing(found: Iterable[Entry], planned: set[str]) -> list[dict[str, Any]]:
    """One row a backbone, kind of entry and state of the training code, and one for all.

    Parameters
    ----------
    found
        The store's entries.
    planned
        Keys of the runs that the present parameters ask for.
    """
    now = {"source_sha256": provenance.training_source_sha256(), **provenance.backend()}
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for entry in found:
        backbone = "" if entry.inputs is None else str(entry.inputs.get("backbone", ""))
        for row in ((backbone, _state(entry, planned, now)), ("all", "")):
            counts[row][0] += 1
            counts[row][1] += entry.n_bytes
    counts.setdefault(("all", ""), [0, 0])
    return [
        {"backbone": backbone, "state": state, "runs": n, "MB": round(n_bytes / 1e6, 1)}
        for (backbone, state), (n, n_bytes) in sorted(
            counts.items(), key=lambda row: (row[0][0] == "all", row[0])
        )
    ]


def prunable(found: Iterable[Entry], planned: set[str], *, unplanned: bool) -> list[Entry]:
    """Entries that nothing can ask for: damaged, or of other code, libraries or device.

    Parameters
    ----------
    unplanned
        Whether runs that the present parameters do not ask for go too.
    """
    now = {"source_sha256": provenance.training_source_sha256(), **provenance.backend()}
    gone = {"damaged", "other code"} | ({"not planned"} if unplanned else set())
    return [entry for entry in found if _state(entry, planned, now) in gone]


def planned_keys(params: Params) -> set[str]:
    """Keys of the runs that the present parameters ask for, as far as data and features are there."""
    keys = set()
    for backbone in params.backbones:
        try:
            bench = Bench.read(params, backbone)
        except (DataError, files.FileError):
            continue
        tables = {
            "explore": design.explore_runs(params, bench.design, backbone),
            design.VARIANCE: design.variance_runs(params, bench.design, backbone)[0],
        }
        with suppress(files.FileError):
            tables["confirm"] = design.confirm_runs(params, backbone, results.selected(params)[backbone])
        for phase, table in tables.items():
            probabilities = phase == "confirm"
            keys |= {key_of(bench.inputs(run, probabilities=probabilities)) for run in bench.runs(table)}
    return keys


def remove(found: Iterable[Entry]) -> int:
    """Delete entries; gives the bytes freed."""
    freed = 0
    for entry in found:
        entry.path.unlink()
        freed += entry.n_bytes
    return freed


def _state(entry: Entry, planned: set[str], now: dict[str, str]) -> str:
    if entry.inputs is None:
        return "damaged"
    if any(entry.inputs.get(name) != value for name, value in now.items()):
        return "other code"
    return "planned" if entry.path.stem in planned else "not planned"
