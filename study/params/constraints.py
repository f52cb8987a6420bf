"""What is expected of a value of a pydantic model, in the words of a one-line error."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from study.errors import cut, one_line, shown
from study.params.suggest import nearest

MAX_LEVELS = 1_000
Loc = tuple[int | str, ...]

_WORDS: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    NoneType: "null",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
}


class Model(BaseModel):
    """Base of all models of what is read: frozen, no unknown names, no type converted to another."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    member: ClassVar[str] = "a known name"
    """What a name in it is called in an error."""


def whole(at_least: int, at_most: int = 1_000_000_000) -> Any:
    """Bounds of a whole number; the upper one, of what is sane, is named only to whoever exceeds it."""
    return Field(ge=at_least, le=at_most)


def one_of(*choices: str) -> Any:
    """One of a few words that are not known before the program runs."""
    return Field(description=_either(choices), pattern=f"^({'|'.join(map(re.escape, choices))})$")


def list_of(name: str, *, at_least_one: bool = False) -> Any:
    """A list, called by what is in it; with ``DIFFERENT``, one of different values."""
    words = f"a list of {name} that differ" + (", at least one" if at_least_one else "")
    return Field(description=words, min_length=int(at_least_one), max_length=MAX_LEVELS)


def holds(accepts: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """A validator that keeps a value or refuses it; the field's ``description`` says what is expected."""

    def checked(value: Any) -> Any:
        if not accepts(value):
            raise PydanticCustomError("refused", "another value")
        return value

    return checked


def _differ(values: Any) -> bool:
    return not isinstance(values, list) or not any(
        one in values[:k] for k, one in enumerate(values[:MAX_LEVELS])
    )


DIFFERENT = BeforeValidator(holds(_differ))
"""No value of a list stands twice."""


def explain(error: ValidationError, model: type[Model]) -> str:
    """The first mistake in one line and how many others there are; unknown names come first.

    Parameters
    ----------
    model
        The one that was validated. A field is described by its ``description``, else by its type and bounds.
    """
    errors: dict[Loc, ErrorDetails] = {}
    for one in error.errors(include_url=False):
        errors.setdefault(_field_at(one["loc"], model)[0], one)
    missing = {loc for loc, one in errors.items() if one["type"] == "missing"}
    lines = []
    for loc in [loc for loc, one in errors.items() if one["type"] in ("extra_forbidden", "invalid_key")]:
        meant = _meant(loc, missing, model)
        del errors[loc]
        if meant is not None and (*loc[:-1], meant) in missing:
            missing.remove((*loc[:-1], meant))
            del errors[*loc[:-1], meant]
        expected = model.member + (f" such as {meant}" if meant else "")
        lines.append(f"{_where(loc)}: expected {expected}, received an unknown name")
    for loc, one in errors.items():
        received = "nothing" if one["type"] == "missing" else shown(one["input"])
        expected = _words(_field_at(loc, model)[1], one["type"])
        where = f"{_where(loc)}: " if loc else ""
        lines.append(f"{where}expected {expected}, received {received}")
    return lines[0] + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else "")


def _meant(loc: Loc, missing: set[Loc], model: type[BaseModel]) -> str | None:
    """The name for which the unknown one at ``loc`` stands: a missing one of its section, if there is any."""
    above = loc[:-1]
    known = getattr(_field_at(above, model)[1].annotation, "model_fields", {})
    return nearest(str(loc[-1]), known, [str(one[-1]) for one in missing if one[:-1] == above])


def _field_at(loc: Loc, model: type[BaseModel]) -> tuple[Loc, FieldInfo]:
    """The field at a place, which is cut where pydantic goes on to name the members of a union."""
    field = FieldInfo.from_annotation(model)
    for k, part in enumerate(loc):
        kind, inner = field.annotation, get_args(field.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if part not in kind.model_fields:
                break
            field = kind.model_fields[str(part)]
        elif get_origin(kind) in (list, tuple) and isinstance(part, int):
            field = FieldInfo.from_annotation(inner[min(part, len(inner) - 1)])
        elif get_origin(kind) is dict:
            field = FieldInfo.from_annotation(inner[1])
        else:
            return loc[:k], field
    return loc, field


def _words(field: FieldInfo, problem: str) -> str:
    """What a field may be, like "a whole number of at least 1, or all"."""
    if field.description:
        return field.description
    kind = field.annotation
    if get_origin(kind) in (Union, UnionType):
        return ", or ".join(_words(FieldInfo.from_annotation(one), problem) for one in get_args(kind))
    if get_origin(kind) is Literal:
        return _either(get_args(kind))
    bounds: dict[type, float] = {
        end: getattr(one, end.__name__.lower())
        for end in (Ge, Gt, Le, Lt)
        for one in field.metadata
        if isinstance(one, end)
    }
    if kind is int and not bounds:
        return "a whole number"
    if kind is int:
        return "a whole number of " + (
            f"at most {bounds[Le]}" if problem == "less_than_equal" else f"at least {bounds[Ge]}"
        )
    if kind is float:
        return f"a number {_interval(bounds)}".rstrip()
    return _WORDS.get(get_origin(kind) or kind, "a mapping")


def _either(choices: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))


def _interval(bounds: dict[type, float]) -> str:
    if {Ge, Le} <= bounds.keys():
        return f"from {bounds[Ge]:g} to {bounds[Le]:g}"
    ends = ((Gt, "greater than"), (Ge, "of at least"), (Lt, "less than"), (Le, "at most"))
    return " and ".join(f"{words} {bounds[end]:g}" for end, words in ends if end in bounds)


def _where(loc: Loc) -> str:
    parts = (
        f"[{part}]" if isinstance(part, int) and k else f".{one_line(str(part))}"
        for k, part in enumerate(loc)
    )
    return cut("".join(parts).removeprefix("."))
