"""JSON files of the pipeline, held to their form when they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from study import files
from study.errors import shown
from study.tables.schema import Table, TableError


def part(path: Path, key: str) -> Any:
    """What a file holds under ``key``.

    Raises
    ------
    FileError
        The file is missing, is not JSON, or holds nothing of that name.
    """
    found = files.read_json(path)
    if not isinstance(found, dict) or key not in found:
        raise files.FileError(f"{path}: expected {key}, received other JSON; run dvc repro")
    return found[key]


def one(path: Path, key: str) -> dict[str, Any]:
    """The single record that a file holds under ``key``.

    Raises
    ------
    FileError
        As ``part``, or there is not one record.
    """
    found = part(path, key)
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], dict):
        raise files.FileError(f"{path}: {key}: expected a list of one record, received {shown(found)}")
    record: dict[str, Any] = found[0]
    return record


def texts(path: Path, record: dict[str, Any], *names: str) -> None:
    """Hold fields of a record to be text.

    Raises
    ------
    FileError
        One is missing or is something else.
    """
    for name in names:
        if not isinstance(record.get(name), str):
            received = shown(record[name]) if name in record else "nothing"
            raise files.FileError(f"{path}: {name}: expected text, received {received}")


def table(path: Path, rows: Any, schema: Table) -> pd.DataFrame:
    """A table as ``files.rows`` gave it to JSON, where a missing number is null.

    Raises
    ------
    FileError
        The rows have other columns or values than the table's schema says, or a key stands twice.
    """
    if not isinstance(rows, list):
        raise files.FileError(f"{path}: table {schema.name}: expected a list of rows, received {shown(rows)}")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or set(row) != set(schema.columns):
            raise files.FileError(f"{path}: table {schema.name}, row {number}: {_columns(row, schema)}")
    frame = pd.DataFrame(
        {column: pd.Series([row[column] for row in rows], dtype=object) for column in schema.columns}
    )
    try:
        return schema.conform(frame)
    except TableError as error:
        raise files.FileError(f"{path}: {error}") from None


def _columns(row: Any, schema: Table) -> str:
    if not isinstance(row, dict):
        return f"expected a mapping of columns, received {shown(row)}"
    missing = [column for column in schema.columns if column not in row]
    if missing:
        return f"expected the column {missing[0]}, received none"
    unknown = sorted(set(row) - set(schema.columns))
    return f"expected no column but its own, received {shown(unknown[0])}"
