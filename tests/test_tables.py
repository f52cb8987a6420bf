"""Every table is written whole, read back unchanged, and refused in one line where it is wrong."""

from __future__ import annotations

import csv
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from study import files
from study.files import replace_file
from study.params.factors import FACTORS, OPTIONAL
from study.tables import definitions as tables
from study.tables.schema import Table, TableError

THINGS = Table("things", ("name", "n"), {"name": "text", "n": "int", "x": "float"})
TEXTS = ["NA", "none", "None", "", "nan", "NULL", "a,b", 'say "so"', "two\nlines", "žluťoučký", "漢字", " x "]
TEXTS += ["1.50", "007", "-", "#", "'", "\t", "\u2028", "\x85", "\ufeff", "True", "inf"]
FLOATS = [0.1, 1 / 3, math.nan, -0.0, 5e-324, 1.7976931348623157e308, 1e16, 3e-05, math.inf, -math.inf, 1.0]

characters = st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"])
texts = st.text(characters, max_size=8) | st.text("'=+-@ \t\na", max_size=4)
rows = st.lists(
    st.tuples(texts, st.integers(-(2**63), 2**63 - 1), st.floats(allow_subnormal=True)),
    max_size=8,
    unique_by=lambda row: row[:2],
)


def frame(*things: tuple[Any, Any, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series([row[k] for row in things], dtype=object) for k, name in enumerate(THINGS.columns)}
    )


def example() -> pd.DataFrame:
    return THINGS.conform(frame(*[(text, k, FLOATS[k % len(FLOATS)]) for k, text in enumerate(TEXTS)]))


def all_tables() -> list[Table]:
    return [value for value in vars(tables).values() if isinstance(value, Table)]


def same_bits(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    pd.testing.assert_frame_equal(a, b, check_exact=True)
    return bool((np.signbit(a["x"].dropna()) == np.signbit(b["x"].dropna())).all())


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.name)
def test_every_schema_is_sound(table: Table) -> None:
    assert table.key
    assert list(table.columns)[: len(table.key)] == list(table.key) or set(table.key) <= set(table.columns)
    assert set(table.columns.values()) <= {"text", "int", "float"}
    assert all(table.columns[column] != "float" for column in table.key)


def test_schema_names_are_file_names_and_unique() -> None:
    names = [table.name for table in all_tables()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z_]+", name) for name in names)


def test_the_report_reads_known_tables() -> None:
    assert {table.name for table in tables.REPORT_TABLES} <= {table.name for table in all_tables()}


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.name)
def test_an_empty_table_keeps_its_types(table: Table, tmp_path: Path) -> None:
    empty = table.conform(pd.DataFrame(columns=list(table.columns)))
    table.write_csv(empty, tmp_path / "t.csv")
    table.to_parquet(empty, tmp_path / "t.parquet")
    assert list(empty.columns) == list(table.columns)
    dtypes = {"text": "str", "int": "int64", "float": "float64"}
    assert [str(dtype) for dtype in empty.dtypes] == [dtypes[kind] for kind in table.columns.values()]
    pd.testing.assert_frame_equal(table.read_csv(tmp_path / "t.csv"), empty)
    pd.testing.assert_frame_equal(table.from_parquet(tmp_path / "t.parquet"), empty)


def test_csv_text_is_exactly_this() -> None:
    table = frame(("a,b", 1, 0.1), ("", 2, math.nan), ('"', 3, 3e-05), ("NA", 4, -0.0))
    assert THINGS.to_csv(table) == 'name,n,x\n"a,b",1,0.1\n,2,\n"""",3,3e-05\nNA,4,-0.0\n'


FORMULAS = [
    "=1+1",
    "+1",
    "-x",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    " =1",
    "'=1",
    "''-x",
    "' @",
    "＝1",
    '=HYPERLINK("a")',
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_spreadsheets_would_run_is_text_to_them_and_comes_back(text: str, tmp_path: Path) -> None:
    table = THINGS.conform(frame((text, -1, -0.5)))
    THINGS.write_csv(table, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        _, cells = csv.reader(file)
    assert cells == [f"'{text}", "-1", "-0.5"]
    assert same_bits(THINGS.read_csv(tmp_path / "t.csv"), table)


@pytest.mark.parametrize("text", ["'", "'a", "a=b", "a\tb", " a ", ""])
def test_any_other_text_stands_in_csv_as_it_is(text: str) -> None:
    (_, (name, *_)) = csv.reader(THINGS.to_csv(frame((text, 1, 0.5))).splitlines())
    assert name == text


def test_csv_round_trip_is_byte_identical(tmp_path: Path) -> None:
    path = tmp_path / "things.csv"
    THINGS.write_csv(example(), path)
    back = THINGS.read_csv(path)
    assert same_bits(back, example())
    assert THINGS.to_csv(back).encode() == path.read_bytes()


def test_parquet_round_trip_is_byte_identical(tmp_path: Path) -> None:
    THINGS.to_parquet(example(), tmp_path / "a.parquet")
    back = THINGS.from_parquet(tmp_path / "a.parquet")
    assert same_bits(back, example())
    THINGS.to_parquet(back, tmp_path / "b.parquet")
    assert (tmp_path / "b.parquet").read_bytes() == (tmp_path / "a.parquet").read_bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows)
def test_any_table_survives_both_formats(tmp_path_factory: pytest.TempPathFactory, things: list[Any]) -> None:
    folder = tmp_path_factory.mktemp("tables")
    table = THINGS.conform(frame(*things))
    THINGS.write_csv(table, folder / "t.csv")
    THINGS.to_parquet(table, folder / "t.parquet")
    assert same_bits(THINGS.read_csv(folder / "t.csv"), table)
    assert same_bits(THINGS.from_parquet(folder / "t.parquet"), table)


def test_a_single_column_keeps_its_empty_rows(tmp_path: Path) -> None:
    one = Table("one", ("name",), {"name": "text"})
    table = one.conform(pd.DataFrame({"name": ["a", "", "b"]}))
    one.write_csv(table, tmp_path / "one.csv")
    pd.testing.assert_frame_equal(one.read_csv(tmp_path / "one.csv"), table)


def test_parquet_bytes_depend_on_nothing_but_the_table(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, pandas as pd; from study.tables.schema import Table;"
        "path = pathlib.Path(sys.argv[1]);"
        "t = Table('t', ('a',), {'a': 'int', 'x': 'float', 's': 'text'});"
        "t.to_parquet(pd.DataFrame({'x': [0.5, None], 's': ['é', 'b'], 'a': [2, 1]}), path)"
    )
    for name in ("a", "b"):
        subprocess.run([sys.executable, "-c", script, str(tmp_path / name)], check=True)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert not [word for word in (b"pandas", b"ARROW:schema") if word in (tmp_path / "a").read_bytes()]


def test_conform_orders_columns_keeps_rows_and_drops_the_index() -> None:
    given_frame = pd.DataFrame({"x": [1, 2], "n": [5, 4], "name": ["b", "a"]}, index=[7, 3])
    result = THINGS.conform(given_frame)
    assert result.to_dict("list") == {"name": ["b", "a"], "n": [5, 4], "x": [1.0, 2.0]}
    assert list(result.index) == [0, 1]
    assert list(given_frame.columns) == ["x", "n", "name"]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, 2], dtype="int8"),
        pd.Series([1, 2], dtype="uint64"),
        pd.Series([1.0, 2.0]),
        pd.Series([1, 2], dtype="Int64"),
        pd.Series([1, np.int32(2)], dtype=object),
    ],
    ids=["int8", "uint64", "whole floats", "Int64", "objects"],
)
def test_whole_numbers_of_any_type_are_an_int_column(values: pd.Series[Any]) -> None:
    result = THINGS.conform(pd.DataFrame({"name": ["a", "b"], "n": values, "x": 0.0}))
    assert str(result["n"].dtype) == "int64"
    assert result["n"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "values", [[1.5, None], pd.array([1.5, None], "Float64"), np.array([1.5, math.nan], "float32")]
)
def test_a_float_may_be_missing_however_it_is_written(values: Any) -> None:
    result = THINGS.conform(pd.DataFrame({"name": ["a", "b"], "n": 1, "x": values}))
    assert result["x"].tolist()[0] == 1.5
    assert math.isnan(result["x"].tolist()[1])


def column(name: str, value: Any) -> pd.DataFrame:
    row = {"name": "a", "n": 1, "x": 0.5, name: value}
    return frame((row["name"], row["n"], row["x"]))


WRONG_VALUES = [
    ("n", 1.5, "expected a whole number, received 1.5"),
    ("n", "3", "expected a whole number, received '3'"),
    ("n", True, "expected a whole number, received True"),
    ("n", None, "expected a whole number, received a missing value"),
    ("n", math.nan, "expected a whole number, received a missing value"),
    ("n", pd.NA, "expected a whole number, received a missing value"),
    ("n", math.inf, "expected a whole number, received inf"),
    ("n", 2**63, "expected a whole number, received 9223372036854775808"),
    ("n", 1e300, "expected a whole number, received 1e+300"),
    ("n", 2.0**60, "expected a whole number, received 1.152921504606847e+18"),
    ("x", "0.5", "expected a number, received '0.5'"),
    ("x", False, "expected a number, received False"),
    ("x", 2**53 + 1, "expected a number, received 9007199254740993"),
    ("x", 10**400, "expected a number, received " + "1" + "0" * 59 + "..."),
    ("x", 1j, "expected a number, received 1j"),
    ("name", 5, "expected text, received 5"),
    ("name", None, "expected text, received a missing value"),
    ("name", math.nan, "expected text, received a missing value"),
    ("name", b"a", "expected text, received b'a'"),
    ("name", "a\rb", "expected text, received 'a\\rb'"),
    ("name", "a\x00b", "expected text, received 'a\\x00b'"),
    ("name", "\ud800", "expected text, received '\\ud800'"),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG_VALUES)
def test_a_wrong_value_is_refused_in_one_line(name: str, value: Any, message: str, tmp_path: Path) -> None:
    for use in (
        THINGS.conform,
        THINGS.to_csv,
        lambda table: THINGS.write_csv(table, tmp_path / "t"),
        lambda table: THINGS.to_parquet(table, tmp_path / "t"),
    ):
        with pytest.raises(TableError) as caught:
            use(column(name, value))
        assert str(caught.value) == f"table things, column {name}: {message}"
    assert not list(tmp_path.iterdir())


def test_a_bool_column_is_no_int_column() -> None:
    with pytest.raises(TableError, match="column n: expected a whole number, received True"):
        THINGS.conform(pd.DataFrame({"name": ["a"], "n": [True], "x": [0.0]}))


EXPECTED_COLUMNS = "table things: expected columns ['name', 'n', 'x'], received "


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["name", "n"], "none of ['x']"),
        (["name", "n", "x", "y"], "also ['y']"),
        (["name", "n", "y"], "none of ['x']"),
        (["name", "n", "x", "x"], "['x'] twice"),
        ([], "none of ['name', 'n', 'x']"),
        (["name", "n", "x", 0], "also [0]"),
        (["name", "n", "x", "a\nb"], "also ['a\\nb']"),
    ],
)
def test_wrong_columns_are_refused_in_one_line(columns: list[Any], message: str) -> None:
    with pytest.raises(TableError) as caught:
        THINGS.conform(pd.DataFrame([["a", 1, 1, 1][: len(columns)]], columns=columns))
    assert str(caught.value) == EXPECTED_COLUMNS + message


def test_a_key_that_stands_twice_is_named() -> None:
    with pytest.raises(TableError) as caught:
        THINGS.conform(frame(("a", 1, 0.5), ("b", 2, 0.5), ("b", 2, 0.6)))
    assert str(caught.value) == "table things: expected one row a key, received name 'b', n 2 again"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", EXPECTED_COLUMNS + "none of ['name', 'n', 'x']"),
        ("name,n\na,1\n", EXPECTED_COLUMNS + "none of ['x']"),
        ("name,n,x,x\n", EXPECTED_COLUMNS + "['x'] twice"),
        ("name,n,x\na,1\n", "table things, line 2: expected 3 values, received 2"),
        ("name,n,x\na,1,1,1\n", "table things, line 2: expected 3 values, received 4"),
        ("name,n,x\na,1,1\n\n", "table things, line 3: expected 3 values, received 0"),
        ("name,n,x\na,1.5,1\n", "table things, line 2, column n: expected a whole number, received '1.5'"),
        ("name,n,x\na,1.0,1\n", "table things, line 2, column n: expected a whole number, received '1.0'"),
        ("name,n,x\na,,1\n", "table things, line 2, column n: expected a whole number, received ''"),
        ("name,n,x\na,1_0,1\n", "table things, line 2, column n: expected a whole number, received '1_0'"),
        ("name,n,x\na,1,NA\n", "table things, line 2, column x: expected a number, received 'NA'"),
        ("name,n,x\na,1,True\n", "table things, line 2, column x: expected a number, received 'True'"),
        ("name,n,x\na,9223372036854775808,1\n",
         "table things, column n: expected a whole number, received 9223372036854775808"),
        ("name,n,x\na,1,1\na,1,2\n", "table things: expected one row a key, received name 'a', n 1 again"),
        ('name,n,x\n"a"b,1,1\n', "expected the table things, received ',' expected after '\"'"),
        ('name,n,x\n"a,1,1\n', "expected the table things, received unexpected end of data"),
    ],
)  # fmt: skip
def test_a_wrong_csv_file_is_one_line_that_names_it(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "things.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        THINGS.read_csv(path)
    assert str(caught.value) == f"{path}: {message}"


def test_csv_that_is_not_utf8_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"name,n,x\n\xff,1,1\n")
    with pytest.raises(
        TableError, match=r"t\.csv: expected the table things, received 'utf-8' codec can't"
    ) as e:
        THINGS.read_csv(tmp_path / "t.csv")
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("read", [THINGS.read_csv, THINGS.from_parquet])
def test_missing_files_and_folders_are_named(read: Any, tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path / "none")
    assert (
        str(caught.value)
        == f"{tmp_path / 'none'}: expected the table things, received no such file or directory"
    )
    with pytest.raises(TableError) as caught:
        read(tmp_path)
    assert str(caught.value) == f"{tmp_path}: expected the table things, received is a directory"


def test_a_wrong_parquet_file_is_one_line_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    THINGS.to_parquet(example(), path)
    whole = path.read_bytes()
    for broken in (b"", b"name,n,x\n", whole[:-20], whole[:40], whole[:100] + bytes(60) + whole[160:]):
        path.write_bytes(broken)
        with pytest.raises(TableError) as caught:
            THINGS.from_parquet(path)
        assert str(caught.value).startswith(f"{path}: expected the table things, received ")
        assert "\n" not in str(caught.value)
    pd.DataFrame({"name": ["a"], "n": [1.5], "x": [0.5]}).to_parquet(path)
    with pytest.raises(TableError) as caught:
        THINGS.from_parquet(path)
    assert str(caught.value) == f"{path}: table things, column n: expected a whole number, received 1.5"


@pytest.mark.parametrize("write", [THINGS.write_csv, THINGS.to_parquet])
def test_writing_makes_folders_and_leaves_nothing_beside(write: Any, tmp_path: Path) -> None:
    path = tmp_path / "new" / "t"
    write(example(), path)
    write(example(), path)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("write", [THINGS.write_csv, THINGS.to_parquet])
def test_a_table_that_cannot_be_written_names_the_file(write: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "t"
    with pytest.raises(TableError) as caught:
        write(example(), path)
    assert str(caught.value).startswith(f"{path}: expected to write the table things, received ")
    (tmp_path / "folder").mkdir()
    with pytest.raises(TableError, match="received is a directory"):
        write(example(), tmp_path / "folder")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder"]


def test_a_reader_of_the_old_file_keeps_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "t"
    replace_file(path, b"old")
    with path.open("rb") as reader:
        replace_file(path, b"new and longer")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new and longer"


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t"
    replace_file(path, b"old")

    def interrupt(_descriptor: int) -> None:
        assert path.read_bytes() == b"old"
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_optional_column_may_be_absent_and_stands_in_its_place(tmp_path: Path) -> None:
    table = Table("things", ("name",), {"name": "text", "n": "int", "x": "float"}, frozenset({"n"}))
    without = pd.DataFrame({"x": [0.5], "name": ["a"]})
    whole = without.assign(n=[3])
    for given_frame, columns in ((without, ["name", "x"]), (whole, ["name", "n", "x"])):
        held = table.conform(given_frame)
        assert list(held) == columns
        table.write_csv(held, tmp_path / "things.csv")
        table.to_parquet(held, tmp_path / "things.parquet")
        assert same_bits(table.read_csv(tmp_path / "things.csv"), held)
        assert same_bits(table.from_parquet(tmp_path / "things.parquet"), held)
    with pytest.raises(TableError, match=r"expected columns \['name', 'x'\], received none of \['x'\]"):
        table.conform(without[["name"]])


def test_a_setting_has_a_column_for_every_factor() -> None:
    for table in (tables.SETTINGS, tables.BEST):
        assert set(FACTORS) <= set(table.columns)
        assert table.optional & set(table.columns) == set(OPTIONAL)
