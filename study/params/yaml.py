"""Read a small YAML file of plain values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
)

from study.errors import StudyError, one_line, shown

MAX_BYTES = 100_000
MAX_DEPTH = 8


class PlainYamlError(StudyError):
    """A file that cannot be read: one line with where, what was expected, what was received."""


def read(path: Path) -> Any:
    """Read a small YAML 1.2 file of plain values: no anchors, aliases, tags, directives or duplicate keys.

    Raises
    ------
    PlainYamlError
        In one line: the file, the line in it where known, what was expected and what was received.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise PlainYamlError(f"{path}: expected a file of parameters, received {reason}") from None
    if len(content) > MAX_BYTES:
        raise PlainYamlError(f"{path}: expected at most {MAX_BYTES} bytes, received {len(content)}")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        byte = content[error.start]
        raise PlainYamlError(
            f"{path}: line {line}: expected UTF-8 text, received byte 0x{byte:02x}"
        ) from None
    return parse(text, path)


def parse(text: str, path: Path | str) -> Any:
    """As ``read``, of a text; ``path`` says in an error where it stands.

    Raises
    ------
    PlainYamlError
        As ``read``.
    """
    try:
        _refuse_more_than_plain_yaml(text, path)
        return YAML(typ="safe", pure=True).load(text)
    except DuplicateKeyError as error:
        key = re.search(r'duplicate key "(.*?)" with value', str(error.problem), re.DOTALL)
        raise PlainYamlError(
            f"{path}: {_line(error)}expected each parameter once, received "
            f"{shown(key.group(1)) if key else 'one'} again"
        ) from None
    except YAMLError as error:
        mistake = one_line(_mistake(error))
        raise PlainYamlError(
            f"{path}: {_line(error)}expected valid YAML, received a mistake ({mistake})"
        ) from None
    except PlainYamlError:
        raise
    except ValueError as error:
        reason = one_line(str(error))
        received = (
            "a very long whole number" if "Exceeds the limit" in reason else f"one that cannot ({reason})"
        )
        raise PlainYamlError(f"{path}: expected values that can be read, received {received}") from None


def _refuse_more_than_plain_yaml(text: str, path: Path | str) -> None:
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        what = _not_plain(event) or (
            f"more than {MAX_DEPTH} levels of nesting" if depth > MAX_DEPTH else None
        )
        if what:
            raise PlainYamlError(
                f"{path}: line {event.start_mark.line + 1}: expected plain values, received {one_line(what)}"
            )


def _not_plain(event: Event) -> str | None:
    if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
        return "a % directive"
    if isinstance(event, AliasEvent):
        return f"the alias *{event.anchor}"
    if isinstance(event, NodeEvent) and event.anchor:
        return f"the anchor &{event.anchor}"
    if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.tag:
        return f"the tag {event.tag}"
    return None


def _mistake(error: YAMLError) -> str:
    if not isinstance(error, MarkedYAMLError):
        return str(error).partition("\n")[0]
    problem = str(error.problem)
    return f"{error.context} {problem}" if problem.startswith("but ") else problem


def _line(error: YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: " if mark else ""
