"""Claims on methods, read from a YAML file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from study.analysis.claims.hypotheses import Name
from study.analysis.claims.loading import read_as, refuse_twice
from study.analysis.method_claims.hypotheses import (
    Above,
    BestOf,
    Between,
    Equivalent,
    LargestGain,
    MostSettings,
    NotNegative,
    Trend,
)
from study.analysis.method_claims.values import AtLeast, AtMost, Published

SCHEMA = Path(__file__).with_name("claims.schema.json")
"""The same as ``schema()``, for editors."""

AnyHypothesis = Annotated[
    Above | Between | Equivalent | Trend | LargestGain | AtLeast | AtMost | BestOf | MostSettings | Published,
    Field(discriminator="kind"),
]
_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class Claim(BaseModel):
    """A claim; all its hypotheses must hold."""

    model_config = _STRICT

    id: Annotated[Name, Field(description="A short name, such as C1.")]
    where: Annotated[str, Field(description="Where it stands, such as Table 2.")] = ""
    statement: Annotated[Name, Field(description="What it says.")]
    hypotheses: Annotated[list[AnyHypothesis], Field(min_length=1)]


class ClaimsFile(BaseModel):
    """A file of claims, and the options of ``study judge`` that its results need.

    An option of the command line goes before the same one here.
    """

    model_config = _STRICT

    method: Annotated[str | list[Name], Field(description="Column of methods, or columns of factors.")] = ""
    seed: Annotated[str, Field(description="Column of seeds.")] = ""
    dataset: Annotated[str, Field(description="Column of data sets.")] = ""
    metric: Annotated[str, Field(description="The main metric.")] = ""
    lower_is_better: Annotated[bool | None, Field(description="Of the main metric.")] = None
    margin: Annotated[
        NotNegative, Field(description="Differences below it do not matter, in the main metric's unit.")
    ] = 0.0
    claims: Annotated[list[Claim], Field(min_length=1)]


def load_claims(path: Path) -> ClaimsFile:
    """The claims of a YAML file.

    Raises
    ------
    ClaimsError
        In one line: the file, the line in it, the claim, its field, what was expected and what was received.
    """
    found = read_as(path, ClaimsFile)
    refuse_twice([claim.id for claim in found.claims], path)
    return found


def schema() -> str:
    """The JSON schema of a file of claims, as text."""
    return json.dumps(ClaimsFile.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
