"""A table with a fixed schema: checked, written whole, read back unchanged."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from study.errors import StudyError, cut, reason
from study.files import replace_file

_DTYPES = {"text": "str", "int": "int64", "float": "float64"}
_WORDS = {"text": "text", "int": "a whole number", "float": "a number"}
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?(e[+-]?[0-9]+)?|inf)")
_UNSAFE = re.compile("[\x00\r\ud800-\udfff]")
"""What CSV or UTF-8 cannot carry."""
_FORMULA = re.compile(r"['\s]*[=+\-@\t\n＝＋－＠]")
"""How a text begins that a spreadsheet would run, or that has such a text's apostrophe."""
_EXACT_IN_FLOAT = 2**53


class TableError(StudyError):
    """A table whose columns, types or keys are not those of its schema, or that cannot be read or written."""


@dataclass(frozen=True)
class Table:
    """Schema of one table: tidy, one row a thing, keys first, fractions rather than percent.

    Attributes
    ----------
    name
        File name without its suffix.
    key
        Columns that together name a row.
    columns
        Each column's kind: "text", "int" or "float" (which alone may be missing, as NaN).
    optional
        Columns that a table may lack.
    """

    name: str
    key: tuple[str, ...]
    columns: dict[str, str]
    optional: frozenset[str] = frozenset()

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return ``frame`` with this schema's columns, types and order of columns; rows keep their order.

        No value changes: 3.0 may stand for 3 in an int column, but neither 1.5 nor "3" nor True.

        Raises
        ------
        TableError
            Columns are missing, unknown or stand twice, a value has another type, or a key stands twice.
        """
        own = self._own(list(frame.columns))
        frame = pd.DataFrame({column: self._column(frame[column], column) for column in own})
        repeated = frame.duplicated(list(self.key))
        if repeated.any():
            first = int(repeated.to_numpy().argmax())
            row = ", ".join(f"{column} {frame[column].tolist()[first]!r}" for column in self.key)
            raise TableError(f"table {self.name}: expected one row a key, received {row} again")
        return frame

    def to_csv(self, frame: pd.DataFrame) -> str:
        """The table as CSV text with shortest exact decimals, so that reading it gives the same floats.

        A text that a spreadsheet would run as a formula has an apostrophe before it, which ``read_csv`` takes
        away.
        """
        frame = self.conform(frame)
        texts = [column for column, kind in self.columns.items() if kind == "text"]
        frame[texts] = frame[texts].map(as_text)
        return str(frame.to_csv(index=False, lineterminator="\n"))

    def write_csv(self, frame: pd.DataFrame, path: Path) -> None:
        """Write ``to_csv`` to ``path``; after a failure the file is what it was before.

        Raises
        ------
        TableError
            ``frame`` is not this table, or the file cannot be written.
        """
        self._write(path, self.to_csv(frame).encode("utf-8"))

    def read_csv(self, path: Path) -> pd.DataFrame:
        """Read a CSV file written from ``to_csv``.

        Raises
        ------
        TableError
            The file is missing or is not this table.
        """
        try:
            with path.open(encoding="utf-8", newline="") as file:
                return self.conform(self._parse(file))
        except TableError as error:
            raise TableError(f"{path}: {error}") from None
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise TableError(f"{path}: expected the table {self.name}, received {reason(error)}") from None

    def to_parquet(self, frame: pd.DataFrame, path: Path) -> None:
        """Write a Parquet file, equal bytes for equal tables; after a failure it is what it was before.

        Raises
        ------
        TableError
            ``frame`` is not this table, or the file cannot be written.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        frame = self.conform(frame)
        kinds = {"text": pa.string(), "int": pa.int64(), "float": pa.float64()}
        schema = pa.schema([(column, kinds[self.columns[column]]) for column in self._own(list(frame))])
        table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
        buffer = pa.BufferOutputStream()
        pq.write_table(table.replace_schema_metadata(None), buffer, compression="zstd", store_schema=False)
        self._write(path, buffer.getvalue().to_pybytes())

    def from_parquet(self, path: Path) -> pd.DataFrame:
        """Read a Parquet file written by ``to_parquet``.

        Raises
        ------
        TableError
            The file is missing or is not this table.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with path.open("rb") as file:
                return self.conform(pq.ParquetFile(file).read().to_pandas())
        except TableError as error:
            raise TableError(f"{path}: {error}") from None
        except (OSError, pa.ArrowException) as error:
            raise TableError(f"{path}: expected the table {self.name}, received {reason(error)}") from None

    def _own(self, received: list[Any]) -> list[str]:
        """The columns of a table of which these are received, in this schema's order."""
        own = [column for column in self.columns if column in received or column not in self.optional]
        missing = [column for column in own if column not in received]
        unknown = [column for column in received if column not in self.columns]
        twice = [column for column, times in Counter(received).items() if times > 1]
        if missing or unknown or twice:
            what = f"none of {missing}" if missing else f"also {unknown}" if unknown else f"{twice} twice"
            raise TableError(f"table {self.name}: expected columns {own}, received {what}")
        return own

    def _column(self, values: pd.Series[Any], column: str) -> pd.Series[Any]:
        kind = self.columns[column]
        items = values.tolist()
        for item in items:
            if not _accepts(kind, item):
                received = "a missing value" if _is_missing(item) else cut(repr(item))
                raise TableError(
                    f"table {self.name}, column {column}: expected {_WORDS[kind]}, received {received}"
                )
        if kind == "float":
            items = [math.nan if _is_missing(item) else item for item in items]
        return pd.Series(items, dtype=_DTYPES[kind])

    def _parse(self, lines: Iterable[str]) -> pd.DataFrame:
        rows = csv.reader(lines, strict=True)
        header = next(rows, [])
        self._own(header)
        columns: dict[str, list[Any]] = {column: [] for column in header}
        for row in rows:
            where = f"table {self.name}, line {rows.line_num}"
            if len(row) != len(header):
                raise TableError(f"{where}: expected {len(header)} values, received {len(row)}")
            for column, text in zip(header, row, strict=True):
                value = _value(self.columns[column], text)
                if value is None:
                    expected = _WORDS[self.columns[column]]
                    raise TableError(
                        f"{where}, column {column}: expected {expected}, received {cut(repr(text))}"
                    )
                columns[column].append(value)
        return pd.DataFrame(columns)

    def _write(self, path: Path, content: bytes) -> None:
        try:
            replace_file(path, content)
        except OSError as error:
            raise TableError(
                f"{path}: expected to write the table {self.name}, received {reason(error)}"
            ) from None


def _is_missing(item: Any) -> bool:
    return (
        item is None
        or item is pd.NA
        or item is pd.NaT
        or (isinstance(item, (float, np.floating)) and bool(np.isnan(item)))
    )


def _accepts(kind: str, item: Any) -> bool:
    if kind == "text":
        return isinstance(item, str) and _UNSAFE.search(item) is None
    if isinstance(item, (bool, np.bool_)):
        return False
    if kind == "float":
        exact = not isinstance(item, Integral) or abs(int(item)) <= _EXACT_IN_FLOAT
        return _is_missing(item) or (isinstance(item, Real) and exact)
    if isinstance(item, Integral):
        return -(2**63) <= int(item) < 2**63
    return isinstance(item, Real) and float(item).is_integer() and abs(float(item)) <= _EXACT_IN_FLOAT


def as_text(text: str) -> str:
    """``text`` as a cell of a CSV file that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _value(kind: str, text: str) -> float | int | str | None:
    """The value that ``text`` stands for in a CSV file; None where it is none of this kind."""
    if kind == "text":
        return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
    if kind == "int":
        return int(text) if _WHOLE.fullmatch(text) else None
    if text == "":
        return math.nan
    return float(text) if _DECIMAL.fullmatch(text) else None
