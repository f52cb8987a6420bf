"""Every bad input that a person may give is told in one line, and nothing is half-written."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import Row, ask, contents, fits
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
    row.do()
    before = contents(tree)
    told = ask(row.command, capsys, monkeypatch)
    assert fits(row.says, told.line), f"expected {row.says}\nreceived {told.line}"
    assert told.code == row.code
    assert "\n" not in told.line
    assert "expected" not in told.errors
    assert "Traceback" not in told.errors
    assert contents(tree) == before


def test_the_table_is_as_long_as_it_should_be_and_its_names_differ() -> None:
    assert len(ROWS) >= 150
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert len({(row.command, row.says) for row in ROWS}) >= 150
