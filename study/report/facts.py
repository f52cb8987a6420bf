"""What the report is told beside the tables: the data, where the numbers come from, what was checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from study.errors import StudyError


class FactsError(StudyError):
    """Facts that do not have the form that the report reads."""


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Duplicates(_Fact):
    """Images whose pixels occur earlier in their split, and different images that two splits share."""

    within: dict[str, int]
    across: dict[str, int]


class Dataset(_Fact):
    """The data set's manifest.

    Attributes
    ----------
    image_shape
        Height, width, channels of a stored image.
    counts
        Number of images by split, then class, then origin.
    """

    name: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    counts: dict[str, dict[str, dict[str, int]]]
    source: str
    duplicates: Duplicates | None = None


class Provenance(_Fact):
    """Where the numbers come from; ``date``: of the commit; ``parameters``: all of params.yaml."""

    commit: str
    date: str
    dirty: bool
    parameters: dict[str, Any]
    data_sha256: str
    weights: dict[str, str]
    versions: dict[str, str]
    instructions: str = ""
    backend: str


class Verification(_Fact):
    """Outcome of training recorded runs again, drawn at random; differences are fractions.

    Attributes
    ----------
    n_same
        Runs whose numbers count as the same: identical, or within the tolerance where there is one.
    tolerance, rounding
        The largest difference that counts as the same, and the largest that rounding alone made; None where
        the machine is that of the record, so that every byte has to be the same.
    elsewhere
        What differs from the record otherwise.
    """

    n_verified: int
    n_identical: int
    n_same: int
    max_abs_difference: float
    tolerance: float | None = None
    rounding: float | None = None
    elsewhere: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()


class Facts(_Fact):
    """All that the report reads beside the tables; ``left_out`` holds whole sentences."""

    dataset: Dataset
    provenance: Provenance
    verification: Verification
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Check and freeze plain values, as read from JSON.

        Raises
        ------
        FactsError
            In one line: the field, what was expected and what was received.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise FactsError(
                f"facts of the report, {where}: expected {first['msg']}, received {first['input']!r}"
            ) from None
