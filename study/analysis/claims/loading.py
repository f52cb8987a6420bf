"""Claims read from a YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

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


class Claims(BaseModel):
    """A file of claims."""

    model_config = ConfigDict(extra="forbid", strict=True)

    claims: Annotated[list[Claim], Field(min_length=1)]


def load_claims(path: Path) -> tuple[Claim, ...]:
    """The claims of a YAML file, in its order.

    Raises
    ------
    ClaimsError
        In one line: the file, the claim, its field, what was expected and what was received.
    """
    claims = read_as(path, Claims).claims
    refuse_twice([claim.id for claim in claims], path)
    return tuple(claims)


_File = TypeVar("_File", bound=BaseModel)


def read_as(path: Path, model: type[_File]) -> _File:
    """A YAML file of claims as ``model``, whose field ``claims`` is a list with ids.

    Raises
    ------
    ClaimsError
        As ``load_claims``.
    """
    try:
        values = yaml.read(path)
    except yaml.PlainYamlError as error:
        raise ClaimsError(str(error)) from None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        line = _line(path.read_text(encoding="utf-8"), error.errors()[0]["loc"])
        raise ClaimsError(f"{path}: line {line}: {_first_mistake(error, values)}") from None


def refuse_twice(ids: list[str], path: Path) -> None:
    """Refuse an id that stands twice.

    Raises
    ------
    ClaimsError
        One does.
    """
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise ClaimsError(f"{path}: expected each claim once, received {shown(one)} again")
        seen.add(one)


def _line(text: str, loc: tuple[int | str, ...]) -> int:
    """The line, from 1, of the innermost part of ``loc`` that stands in the file."""
    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    line = node.start_mark.line if node is not None else 0
    for part in loc:
        found: Node | None = None
        if isinstance(node, MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    found, line = value, key.start_mark.line
        elif isinstance(node, SequenceNode) and isinstance(part, int):
            found = node.value[part] if part < len(node.value) else None
            line = found.start_mark.line if found is not None else line
        node = found if found is not None else node
    return int(line) + 1


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
    if len(loc) < 2 or loc[0] != "claims":
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
