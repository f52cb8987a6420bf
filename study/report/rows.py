"""Rows of a table as plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

Row = Mapping[str, Any]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Every row, in order, by the names of its columns."""
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]


def highest(frame: pd.DataFrame, column: str) -> dict[str, Any]:
    """The first row with the largest value; missing values do not count, one has to be there."""
    return records(frame[frame[column] == frame[column].max()])[0]


def lowest(frame: pd.DataFrame, column: str) -> dict[str, Any]:
    """The first row with the smallest value; missing values do not count, one has to be there."""
    return records(frame[frame[column] == frame[column].min()])[0]
