"""A table from its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from study.tables.schema import Table


def frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """``rows``, perhaps none, as ``table``; what a row holds beside its columns is left out.

    An optional column stands there if a row has it.
    """
    rows = list(rows)
    columns = [
        column
        for column in table.columns
        if column not in table.optional or any(column in row for row in rows)
    ]
    return table.conform(pd.DataFrame(rows, columns=columns))
