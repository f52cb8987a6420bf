"""A table from its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from study.tables.schema import Table


def frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """``rows``, perhaps none, as ``table``; what a row holds beside its columns is left out."""
    return table.conform(pd.DataFrame(list(rows), columns=list(table.columns)))
