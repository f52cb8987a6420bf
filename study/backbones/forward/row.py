"""One row of the table of backbones, and the form in which it stands beside a backbone's weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

from study.errors import StudyError

Kind = Literal["efficientnet-lite", "application", "keras-hub"]
Preprocessing = Literal["inside", "centred", "caffe", "tf", "torch"]
HashKind = Literal["sha256", "md5"]

_PRINT_AND_SOURCE = ("family", "package", "url")


class BackboneError(StudyError):
    """A backbone that does not exist, or that cannot take the images given."""


class WeightsError(StudyError):
    """A file of weights that is missing, altered, truncated or not what it should be."""


@dataclass(frozen=True)
class Backbone:
    """One row of the table.

    Attributes
    ----------
    name
        As written in params.yaml.
    family
        What it is called in print.
    kind
        Whose code builds it.
    n_features
        Width of the features.
    native_size
        Pixels a side of the images it was trained on; None where that is not recorded.
    preprocessing
        From RGB in 0..255 to what the network takes, as ``study.backbones.forward.preprocessing`` says.
    constructor
        What its kind of code calls it.
    weights_file
        Name of the file of weights without a classifier; None where none is known.
    hash_kind, weights_hash
        The published hash of that file; None where none is published.
    package
        The installed package that holds the file; None where it is downloaded.
    url
        Where the file is downloaded from; None where it comes from a package or is not published.
    """

    name: str
    family: str
    n_features: int
    native_size: int | None
    preprocessing: Preprocessing
    constructor: str
    weights_file: str | None
    weights_hash: str | None
    kind: Kind = "application"
    hash_kind: HashKind = "sha256"
    package: str | None = None
    url: str | None = None


def to_json(row: Backbone, **more: str) -> str:
    """The row as a line of JSON, less what changes no number: its name in print and where weights come from.

    Parameters
    ----------
    more
        Written beside the row's own fields.
    """
    values = {name: value for name, value in asdict(row).items() if name not in _PRINT_AND_SOURCE}
    return json.dumps(values | more, sort_keys=True) + "\n"


def from_json(text: str) -> tuple[Backbone, dict[str, str]]:
    """The row that ``to_json`` wrote, and what was written beside it.

    Raises
    ------
    ValueError
        It is not of that form.
    """
    values = json.loads(text)
    if not isinstance(values, dict):
        raise ValueError("no mapping")
    values["family"] = values.get("name")
    names = {field.name for field in fields(Backbone)}
    own = {name: value for name, value in values.items() if name in names}
    types = get_type_hints(Backbone)
    missing = names - set(_PRINT_AND_SOURCE) - set(own)
    wrong = [name for name, value in own.items() if not _fits(value, types[name])]
    if missing or wrong:
        raise ValueError(f"{sorted([*missing, *wrong])[0]} is missing or of another type")
    return Backbone(**own), {name: value for name, value in values.items() if name not in names}


def _fits(value: Any, kind: Any) -> bool:
    choices = get_args(kind)
    if choices and isinstance(choices[0], str):
        return value in choices
    return isinstance(value, kind) and not isinstance(value, bool)
