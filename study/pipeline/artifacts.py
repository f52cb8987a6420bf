"""JSON files of the pipeline, each held to its model when it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

import pandas as pd
from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from study import files
from study.data.dataset import Described, Shape
from study.errors import shown
from study.params.constraints import Model, explain, holds
from study.tables.schema import Table, TableError

T = TypeVar("T")
M = TypeVar("M", bound=Model)
One = Annotated[list[T], Field(min_length=1, max_length=1, description="a list of one record")]
Rows = Annotated[list[dict[str, Any]], Field(description="a list of rows")]
Images = Annotated[
    dict[str, Annotated[int, Field(ge=0)]],
    AfterValidator(holds(lambda counts: sum(counts.values()) > 0)),
    Field(description="at least 1 image"),
]


class File(Model):
    """A file's content: what is read of it is held to its type, and more may stand there."""

    model_config = ConfigDict(extra="allow")


class Dataset(Described):
    """What the data stage says of the data; ``counts``: of the images by split, class and origin."""

    counts: dict[str, dict[str, Images]]


class DatasetFile(File):
    """reports/dataset.json."""

    dataset: One[Dataset]


class Record(File):
    """What a training stage says of one phase of one backbone."""

    source_sha256: str
    data_sha256: str
    weights_sha256: str
    system: str
    device: str
    instructions: str
    backend: str
    version: str
    versions: dict[str, Any]
    results: Rows


class RecordFile(File):
    """reports/results/PHASE/BACKBONE.json."""

    record: One[Record]


class FeaturesFile(File):
    """reports/features/BACKBONE.json."""

    features: Rows


class SelectionFile(File):
    """reports/selection.json."""

    selection: Rows


class EnsemblesFile(File):
    """reports/ensembles.json."""

    ensembles: Rows
    sizes: Rows
    temperatures: Rows
    diversity: Rows
    greedy: Rows


class VerificationFile(File):
    """reports/verification.json."""

    verification: One[dict[str, Any]]


class Exported(File):
    """One model of data/models; ``file`` stands beside the list."""

    name: str
    file: Annotated[str, Field(pattern="^[^/]+$", description="the name of a file beside it")]
    sha256: str
    temperature: Annotated[float, Field(gt=0)]


class ModelsFile(File):
    """data/models/models.json."""

    classes: Annotated[list[str], Field(description="names")]
    image_shape: Shape
    models: list[Exported]


def read(path: Path, model: type[M]) -> M:
    """A JSON file of the pipeline.

    Raises
    ------
    FileError
        The file is missing, is not JSON, or is not of this form: the file, where, what was expected and what
        was received.
    """
    try:
        return model.model_validate(files.read_json(path))
    except ValidationError as error:
        raise files.FileError(f"{path}: {explain(error, model)}") from None


def table(path: Path, rows: list[dict[str, Any]], schema: Table) -> pd.DataFrame:
    """A table as ``files.rows`` gave it to JSON, where a missing number is null.

    Raises
    ------
    FileError
        The rows have other columns or values than the table's schema says, or a key stands twice.
    """
    for number, row in enumerate(rows, start=1):
        where = f"{path}: table {schema.name}, row {number}"
        if missing := [column for column in schema.columns if column not in row]:
            raise files.FileError(f"{where}: expected the column {missing[0]}, received none")
        if unknown := sorted(set(row) - set(schema.columns)):
            raise files.FileError(f"{where}: expected no column but its own, received {shown(unknown[0])}")
    frame = pd.DataFrame(
        {column: pd.Series([row[column] for row in rows], dtype=object) for column in schema.columns}
    )
    try:
        return schema.conform(frame)
    except TableError as error:
        raise files.FileError(f"{path}: {error}") from None
