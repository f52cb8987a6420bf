"""Every bad input that a person may give is told in one line, and nothing is half-written."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import Row, hold
from rows_of_arrays import ARRAYS
from rows_of_commands import COMMANDS
from rows_of_data import DATA
from rows_of_parameters import PARAMETERS
from rows_of_records import RECORDS
from rows_of_weights import WEIGHTS

ROWS = (*PARAMETERS, *DATA, *ARRAYS, *WEIGHTS, *RECORDS, *COMMANDS)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_bad_input_is_one_line(
    row: Row, tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(row, tree, capsys, monkeypatch)


def test_the_table_is_as_long_as_it_should_be_and_its_names_differ() -> None:
    assert len(ROWS) >= 150
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert len({(row.command, row.says) for row in ROWS}) >= 150
