"""Claims read from a YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from study.analysis.claims.hypotheses import Name
from study.analysis.claims.levels import Above, AtLeast, Between, Equivalent, LargestGain, Trend
from study.analysis.claims.models import BestOf, EnsemblesAbove, EnsemblesAboveModels, MostSettings
from study.analysis.claims.published import PublishedEnsemble, PublishedModel
from study.errors import StudyError, shown
from study.params import yaml

ORIGINAL_REPORT = Path(__file__).with_name("claims.yaml")

AnyHypothesis = Annotated[
    Trend
    | Above
    | Between
    | Equivalent
    | LargestGain
    | AtLeast
    | EnsemblesAbove
    | EnsemblesAboveModels
    | BestOf
    | MostSettings
    | PublishedModel
    | PublishedEnsemble,
    Field(discriminator="kind"),
]


class ClaimsError(StudyError):
    """A file that is not one of claims; one line with its place, what was expected, what was received."""


class Claim(BaseModel):
    """A claim.

    Attributes
    ----------
    id
        As C01.
    where
        Where it stands.
    statement
        What it says.
    hypotheses
        All must hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Name
    where: Name
    statement: Name
    hypotheses: Annotated[list[AnyHypothesis], Field(min_length=1)]


class _Claims(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    claims: Annotated[list[Claim], Field(min_length=1)]


def load_claims(path: Path) -> tuple[Claim, ...]:
    """The claims of a YAML file, in its order.

    Raises
    ------
    ClaimsError
        In one line: the file, the claim, its field, what was expected and what was received.
    """
    try:
        values = yaml.read(path)
    except yaml.PlainYamlError as error:
        raise ClaimsError(str(error)) from None
    try:
        claims = _Claims.model_validate(values).claims
    except ValidationError as error:
        raise ClaimsError(f"{path}: {_first_mistake(error, values)}") from None
    seen: set[str] = set()
    for claim in claims:
        if claim.id in seen:
            raise ClaimsError(f"{path}: expected each claim once, received {shown(claim.id)} again")
        seen.add(claim.id)
    return tuple(claims)


def _first_mistake(error: ValidationError, values: Any) -> str:
    mistakes = error.errors(include_url=False)
    first = mistakes[0]
    others = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
    received = shown(first["input"])
    kind, context = first["type"], first.get("ctx", {})
    if kind == "missing":
        expected, received = "a value", "nothing"
    elif kind == "extra_forbidden":
        expected, received = "a field of this kind", "an unknown one"
    elif kind == "union_tag_invalid":
        expected, received = f"a kind of {context['expected_tags']}", shown(context["tag"])
    elif kind == "union_tag_not_found":
        expected, received = "a kind", "none"
    elif kind in ("too_short", "too_long"):
        length = context["min_length" if kind == "too_short" else "max_length"]
        expected = f"at {'least' if kind == 'too_short' else 'most'} {length} entries"
    else:
        text = first["msg"]
        expected = text.removeprefix("Input should be ").removeprefix("a valid ")
    return f"{_place(first['loc'], values)}expected {expected}, received {received}{others}"


def _place(loc: tuple[int | str, ...], values: Any) -> str:
    """Like ``C04, hypothesis 1, metric: ``; a claim without an id is said by its number."""
    if len(loc) < 2:
        return f"{loc[0]}: " if loc else ""
    number, rest = int(loc[1]), loc[2:]
    claim = values["claims"][number]
    name = claim.get("id") if isinstance(claim, dict) else None
    words = [name if isinstance(name, str) else f"claim {number + 1}"]
    if len(rest) >= 2 and rest[0] == "hypotheses":
        words.append(f"hypothesis {int(rest[1]) + 1}")
        rest = rest[3:]
    words += [f"{one + 1}" if isinstance(one, int) else one for one in rest]
    return f"{', '.join(words)}: "
