"""The tables of the report computed again and compared, cell by cell."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from study import files
from study.analysis.selection.choosing import select
from study.audit import without_images
from study.audit.verdict import Verdict, Verdicts, judged
from study.errors import StudyError, counted, cut
from study.params import Params
from study.pipeline import environment, paths, provenance, results
from study.stages import analyse
from study.tables.definitions import LOOKS, REPORT_TABLES, SELECTION, report_tables
from study.tables.schema import Table

_WITHIN = 1e-9
"""Relative, where versions or instruction sets are not those of the record: what rounding alone does."""
_BY_NAME = {table.name: table for table in (*REPORT_TABLES, LOOKS)}
Frames = dict[str, pd.DataFrame]


def check(chosen: Params, found: Frames) -> Verdicts:
    """Compare every table that can be computed from what is here.

    Parameters
    ----------
    found
        Gets the tables that were computed whole, by name; all of them or none.
    """
    exact = not elsewhere(chosen)
    try:
        found |= analyse.computed(chosen)
    except (StudyError, ModuleNotFoundError) as error:
        yield from _partly(chosen, error, exact=exact)
        return
    faults: list[str] = []
    n_cells = 0
    for name, frame in found.items():
        n_cells += frame.size
        faults += differing(_BY_NAME[name], frame, exact=exact)
    yield from judged(
        "tables",
        faults,
        f"{counted(len(found), 'table')} with {counted(n_cells, 'cell')} come out of predictions and "
        f"histories again{'' if exact else f', within {_WITHIN:g}: other versions or another processor'}",
    )
    yield from _headline(found)


def _partly(chosen: Params, error: Exception, *, exact: bool) -> Verdicts:
    """What follows from reports/ alone."""
    absent = not (paths.RUNS.is_dir() and paths.DATASET.is_dir())
    why = "their predictions and histories (data/) are not here" if absent else str(error)
    there = report_tables(chosen.analysis.looks)
    named = {table.name for table in there}
    faults: list[str] = []
    whole: set[str] = set()
    n_cells = n_columns = 0
    for name, frame in without_images.tables(chosen).items():
        table = _BY_NAME[name]
        some = without_images.columns(table, list(frame.columns))
        whole |= {name} if len(some) == len(frame.columns) else set()
        n_columns += len(some)
        n_cells += len(frame) * len(some)
        faults += differing(table, frame, exact=exact, only=some)
    yield from judged(
        "tables",
        faults,
        f"{counted(n_cells, 'cell')} in {counted(n_columns, 'column')} come out of reports/results again, "
        f"{counted(len(whole), 'table')} of {len(named)} whole",
    )
    rest = sorted(named - whole)
    text = f"all or some columns of {', '.join(rest)}: {why}"
    yield Verdict(
        "tables", "not checked" if absent or isinstance(error, ModuleNotFoundError) else "fails", text
    )
    yield from _headline(results.tables(there))


def selection(chosen: Params) -> Verdicts:
    """The selected settings are those that the recorded validation accuracies select."""
    explored = results.results(chosen, "explore", results.planned(chosen, "explore"))
    expected = SELECTION.conform(select(explored, results.laid_out(chosen).settings, rules=chosen.rules))
    faults = [
        f"{paths.SELECTION_JSON}: {where}"
        for where in _cells(
            SELECTION,
            SELECTION.to_csv(expected),
            SELECTION.to_csv(results.selection(chosen)),
            exact=not elsewhere(chosen),
        )
    ]
    yield from judged(
        "selection", faults, f"{counted(len(expected), 'setting')} follow from the explored runs"
    )


def ensembles(chosen: Params) -> Verdicts:
    """reports/ensembles.json made again from the confirmed probabilities, where scikit-learn is here."""
    if not (paths.RUNS.is_dir() and paths.DATASET.is_dir()):
        yield Verdict("ensembles", "not checked", f"{paths.ENSEMBLES_JSON}: probabilities are not here")
        return
    from study.audit import combined

    exact = not elsewhere(chosen)
    faults, n_rows = [], 0
    for table, expected, received in combined.tables(chosen):
        n_rows += len(expected)
        lines = _cells(table, table.to_csv(expected), table.to_csv(received), exact=exact)
        faults += [f"{paths.ENSEMBLES_JSON}: {table.name}, {where}" for where in lines]
    yield from judged("ensembles", faults, f"{counted(n_rows, 'row')} come out of the probabilities again")


def elsewhere(chosen: Params) -> list[str]:
    """Of the libraries that make numbers and pictures, those whose version is not the recorded one.

    Each as ``name then, now``; first the instruction sets, where they differ.
    """
    record = results.record(results.RECORDED[0], chosen.backbones[0])
    here = provenance.versions()
    here_sets = environment.instructions()
    apart = (
        []
        if here_sets == record["instructions"]
        else [f"processor {record['instructions']}, now {here_sets}"]
    )
    return apart + [
        f"{name} {record['versions'].get(name)}, now {here[name]}"
        for name in ("numpy", "pandas", "scipy", "matplotlib")
        if record["versions"].get(name) != here[name]
    ]


def differing(
    table: Table, frame: pd.DataFrame, *, exact: bool, only: Iterable[str] | None = None
) -> Iterator[str]:
    """Each cell of a written table that is not that of ``frame``: table, row, column, expected, received."""
    path = paths.TABLES / f"{table.name}.csv"
    try:
        received = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        yield f"{path}: expected this table, received no readable file"
        return
    for where in _cells(table, table.to_csv(frame), received, exact=exact, only=only):
        yield f"{path}: {where}"


def _cells(
    table: Table, expected: str, received: str, *, exact: bool, only: Iterable[str] | None = None
) -> Iterator[str]:
    rows = _rows(table, expected), _rows(table, received)
    for key in sorted(rows[0].keys() - rows[1].keys()):
        yield f"expected the row {_named(key)}, received none"
    for key in sorted(rows[1].keys() - rows[0].keys()):
        yield f"expected no row {_named(key)}, received one"
    for key, row in rows[0].items():
        if (other := rows[1].get(key)) is None:
            continue
        for column in row if only is None else only:
            if not _same(row.get(column), other.get(column), exact=exact):
                yield (
                    f"row {_named(key)}, column {column}: expected {cut(str(row.get(column)), 200)}, "
                    f"received {cut(str(other.get(column)), 200)}"
                )
    if list(rows[0]) != list(rows[1]) and rows[0].keys() == rows[1].keys():
        yield "expected its rows in their order, received another order"


def _rows(table: Table, text: str) -> dict[tuple[str, ...], Mapping[str, str]]:
    found: dict[tuple[str, ...], Mapping[str, str]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        key = tuple(str(row.get(column)) for column in table.key)
        found[key if key not in found else (*key, f"again, line {len(found) + 2}")] = row
    return found


def _named(key: tuple[str, ...]) -> str:
    return " ".join(key)


def _same(expected: str | None, received: str | None, *, exact: bool) -> bool:
    if expected == received or exact or not expected or not received:
        return expected == received
    try:
        return math.isclose(float(expected), float(received), rel_tol=_WITHIN, abs_tol=_WITHIN)
    except ValueError:
        return False


def _headline(tables: Mapping[str, pd.DataFrame]) -> Verdicts:
    expected = analyse.headlines(dict(tables))
    received = files.read_json(paths.METRICS_JSON)
    faults = [
        f"{paths.METRICS_JSON}: {name}: expected {expected.get(name)}, received {received.get(name)}"
        for name in sorted(expected.keys() | received.keys())
        if expected.get(name) != received.get(name)
    ]
    yield from judged(
        "metrics", faults, f"{counted(len(expected), 'headline number')} follow from the tables"
    )
