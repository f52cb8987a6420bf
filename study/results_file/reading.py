"""A results file or folder as a frame, by what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from study.errors import reason
from study.results_file import keras_logs, mlflow_folder, study_tables, trackers
from study.results_file.measured import ResultsError

_TABLES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_LINES = (".jsonl", ".ndjson")


def read(path: Path) -> pd.DataFrame:
    """Rows of runs, as text and numbers.

    A CSV, TSV, JSON Lines or Parquet file, an export of W&B, ``dvc exp show --csv``, a folder ``mlruns``, a
    folder of files of Keras' ``CSVLogger``, or a study of this project.

    Raises
    ------
    ResultsError
        It is none of these, or cannot be read.
    """
    try:
        if path.is_dir():
            return _folder(path)
        return trackers.tidy(_file(path))
    except (OSError, UnicodeDecodeError, ValueError, pd.errors.ParserError) as error:
        raise ResultsError(f"{path}: expected a table of results, received {reason(error)}") from None


def _folder(path: Path) -> pd.DataFrame:
    if mlflow_folder.is_one(path):
        return mlflow_folder.read(path)
    tables = study_tables.folder(path)
    if tables is not None:
        return study_tables.read(tables)
    if keras_logs.is_one(path):
        return keras_logs.read(path)
    raise ResultsError(
        f"{path}: expected a folder mlruns, or a folder of CSV files with a column epoch, received neither"
    )


def _file(path: Path) -> pd.DataFrame:
    kind = path.suffix.lower()
    if kind in _TABLES:
        return pd.read_csv(path, sep=_TABLES[kind], encoding="utf-8-sig", skipinitialspace=True)
    if kind in _LINES:
        lines = path.read_text(encoding="utf-8").splitlines()
        return pd.json_normalize([json.loads(line) for line in lines if line.strip()])
    if kind == ".parquet":
        return _parquet(path)
    raise ResultsError(
        f"{path}: expected a file .csv, .tsv, .jsonl or .parquet, or a folder, received {kind or 'no ending'}"
    )


def _parquet(path: Path) -> pd.DataFrame:
    try:
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise ResultsError(
            f"{path}: expected pyarrow, which reads Parquet, received none; install it"
        ) from None
    return pd.DataFrame(pq.ParquetFile(path).read().to_pandas())
