"""What the values of a pydantic model may be, in words that make an error of one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from study.errors import cut, one_line, shown
from study.params.suggest import nearest

MAX_LEVELS = 1_000
Loc = tuple[int | str, ...]


@dataclass(frozen=True)
class Expected:
    """What a parameter may be, in words for an error and as a check made before any conversion.

    Attributes
    ----------
    what
        Words that follow "expected".
    accepts
        Whether a value just read may be kept.
    ceiling
        The largest whole number that is sane; named only to whoever exceeds it.
    """

    what: str
    accepts: Callable[[Any], bool]
    ceiling: int | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def _check(self, value: Any) -> Any:
        if self.ceiling is not None and _is_whole(value) and value > self.ceiling:
            raise _wrong(re.sub(r"of at least \d+", f"of at most {self.ceiling}", self.what))
        if not self.accepts(value):
            raise _wrong(self.what)
        return value


def _wrong(what: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "{what}", {"what": what})


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or _is_whole(value)


def whole(at_least: int, ceiling: int = 1_000_000_000, *, word: str | None = None) -> Expected:
    """A whole number, never a float or text like one; ``word`` may stand instead."""
    return Expected(
        f"a whole number of at least {at_least}" + (f", or {word}" if word else ""),
        lambda value: (_is_whole(value) and value >= at_least) or (word is not None and value == word),
        ceiling,
    )


def above(low: float, at_most: float) -> Expected:
    """A finite number in (low, at_most]."""
    return Expected(
        f"a number greater than {low:g} and at most {at_most:g}",
        lambda value: _is_number(value) and low < value <= at_most,
    )


def within(low: float, at_most: float) -> Expected:
    """A finite number in [low, at_most]."""
    return Expected(
        f"a number from {low:g} to {at_most:g}", lambda value: _is_number(value) and low <= value <= at_most
    )


def text(what: str, pattern: str, *, nullable: bool = False) -> Expected:
    """Printable text that matches ``pattern`` as a whole."""
    return Expected(
        what + (", or null" if nullable else ""),
        lambda value: (
            (nullable and value is None)
            or (isinstance(value, str) and value.isprintable() and re.fullmatch(pattern, value) is not None)
        ),
    )


def below(low: float, limit: float, *, open_low: bool = False) -> Expected:
    """A finite number in [low, limit), or in (low, limit)."""
    return Expected(
        f"a number {'greater than' if open_low else 'of at least'} {low:g} and less than {limit:g}",
        lambda value: _is_number(value) and low <= value < limit and not (open_low and value == low),
    )


def one_of(*choices: str) -> Expected:
    """One of a few words."""
    what = ", ".join(choices[:-1]) + f" or {choices[-1]}" if len(choices) > 1 else choices[0]
    return Expected(what, lambda value: isinstance(value, str) and value in choices)


def switch() -> Expected:
    """True or false."""
    return Expected("true or false", lambda value: isinstance(value, bool))


def different(of: str, *, at_least_one: bool = False) -> Expected:
    """A list, of at most ``MAX_LEVELS``, in which no value stands twice."""
    what = f"a list of {of} that differ" + (", at least one" if at_least_one else "")
    return Expected(
        what,
        lambda value: (
            isinstance(value, list)
            and int(at_least_one) <= len(value) <= MAX_LEVELS
            and not any(one == other for k, one in enumerate(value) for other in value[:k])
        ),
    )


SECTION = Expected("a mapping of parameters", lambda value: isinstance(value, (dict, BaseModel)))


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """The first mistake in one line and how many others there are; unknown names come first.

    ``model`` is the one that was validated; every field of it and of the models in it has an ``Expected``.
    """
    errors = error.errors(include_url=False)
    missing = {one["loc"] for one in errors if one["type"] == "missing"}
    lines = []
    for one in errors:
        if one["type"] in ("extra_forbidden", "invalid_key"):
            meant = _meant(one["loc"], missing, model)
            if meant is not None:
                missing.discard((*one["loc"][:-1], meant))
            expected = "a parameter of params.yaml" + (f" such as {meant}" if meant else "")
            lines.append(f"{_where(one['loc'])}: expected {expected}, received an unknown name")
    lines += [
        _explain_value(one, model) for one in errors if one["type"] == "expected" or one["loc"] in missing
    ]
    return lines[0] + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else "")


def _explain_value(one: ErrorDetails, model: type[BaseModel]) -> str:
    if one["type"] == "expected":
        return f"{_where(one['loc'])}: expected {one['msg']}, received {shown(one['input'])}"
    field = _model_at(one["loc"][:-1], model).model_fields[str(one["loc"][-1])]
    return f"{_where(one['loc'])}: expected {_expected(field)}, received nothing"


def _meant(loc: Loc, missing: set[Loc], model: type[BaseModel]) -> str | None:
    """The name for which the unknown one at ``loc`` stands."""
    above = loc[:-1]
    known = _model_at(above, model).model_fields
    return nearest(str(loc[-1]), known, [str(one[-1]) for one in missing if one[:-1] == above])


def _model_at(loc: Loc, model: type[BaseModel]) -> type[BaseModel]:
    for part in loc:
        annotation = model.model_fields[str(part)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            raise TypeError(f"expected a model at {loc}, received {annotation}")
        model = annotation
    return model


def _expected(field: FieldInfo) -> str:
    return next(one.what for one in field.metadata if isinstance(one, Expected))


def _where(loc: Loc) -> str:
    parts = (
        f"[{part}]" if isinstance(part, int) and k else f".{one_line(str(part))}"
        for k, part in enumerate(loc)
    )
    return cut("".join(parts).removeprefix("."))
