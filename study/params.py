"""Read params.yaml into validated, frozen models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Augmentation = Literal["none", "rotation", "contrast", "brightness", "zoom", "cutmix"]
Factor = Literal["lr", "batch_size", "dropout", "l1", "augmentation", "images_per_class"]
FACTORS: tuple[Factor, ...] = ("lr", "batch_size", "dropout", "l1", "augmentation", "images_per_class")

PositiveInt = Annotated[int, Field(ge=1, strict=True)]
LearningRate = Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]
Dropout = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
L1 = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
ImagesPerClass = PositiveInt | Literal["all"]
Fraction = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Name = Annotated[str, StringConstraints(min_length=1, strict=True)]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$", strict=True)]


class ParamsError(ValueError):
    """A parameter that cannot be used: one line with where, what was expected, what was received."""


class Model(BaseModel):
    """Base of all parameter models: frozen, no unknown keys, no conversion from text to number."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_text_or_bool_for_numbers(cls, value: Any, info: Any) -> Any:
        numeric = value if isinstance(value, list) else [value]
        field = cls.model_fields[info.field_name]
        wants_number = any(kind in repr(field.annotation) for kind in ("float", "int"))
        if wants_number and any(isinstance(item, bool) for item in numeric):
            raise ValueError("expected a number")
        allows_text = any(kind in repr(field.annotation) for kind in ("str", "Literal"))
        if wants_number and not allows_text and any(isinstance(item, str) for item in numeric):
            raise ValueError("expected a number")
        return value


class Setting(Model):
    """One combination of the six factors."""

    lr: LearningRate
    batch_size: PositiveInt
    dropout: Dropout
    l1: L1
    augmentation: Augmentation
    images_per_class: ImagesPerClass


class Sweep(Model):
    """The levels of each factor, tried one factor at a time around the reference setting."""

    lr: list[LearningRate]
    batch_size: list[PositiveInt]
    dropout: list[Dropout]
    l1: list[L1]
    augmentation: list[Augmentation]
    images_per_class: list[ImagesPerClass]

    @field_validator("*")
    @classmethod
    def _levels_differ(cls, levels: list[Any]) -> list[Any]:
        if len(set(levels)) < len(levels):
            raise ValueError("expected levels that differ")
        return levels


class Augment(Model):
    """Strength of every augmentation, and how its random draws are shared among replicates."""

    views: PositiveInt | Literal["fresh"]
    rotation: Annotated[float, Field(gt=0, le=180)]
    contrast: Fraction
    brightness: Fraction
    zoom: Fraction
    cutmix_alpha: Annotated[float, Field(gt=0, le=100)]


class Analysis(Model):
    """Choices of the analysis, fixed before the data are seen."""

    alpha: Annotated[float, Field(gt=0, le=0.5)]
    equivalence_margin: Fraction
    alternative: Literal["two-sided"]
    correction: Literal["holm"]
    selection_metric: Literal["valid_accuracy"]
    selection_rule: Literal["mean", "lower_bound"]
    ordered_factors: list[Factor]
    power: Fraction
    calibration_bins: PositiveInt
    verify_runs: Annotated[int, Field(ge=0, strict=True)]


class Execution(Model):
    """Where and within what bounds the study runs; changes no number."""

    executor: Literal["local"]
    memory_budget_gb: Annotated[float, Field(gt=0)]


class Params(Model):
    """All parameters of the study; names and meaning as in params.yaml."""

    dataset: Name
    dataset_md5: Md5 | None
    backbones: Annotated[list[Name], Field(min_length=1)]
    weights: Name
    image_size: Annotated[int, Field(ge=8, le=1024, strict=True)]
    seeds: PositiveInt
    confirm_seeds: PositiveInt
    study_seed: Annotated[int, Field(ge=0, lt=2**63, strict=True)]
    epochs: PositiveInt
    lr: LearningRate
    batch_size: PositiveInt
    dropout: Dropout
    l1: L1
    augmentation: Augmentation
    images_per_class: ImagesPerClass
    sweep: Sweep
    augment: Augment
    analysis: Analysis
    execution: Execution

    @model_validator(mode="after")
    def _backbones_differ(self) -> Self:
        if len(set(self.backbones)) < len(self.backbones):
            raise ValueError("backbones: expected names that differ")
        return self

    @property
    def reference(self) -> Setting:
        """The setting around which every factor is swept."""
        return Setting(**{factor: getattr(self, factor) for factor in FACTORS})


def load(path: Path) -> Params:
    """Read and validate a YAML 1.2 file of parameters.

    Raises
    ------
    ParamsError
        In one line: the file, the parameter, what was expected and what was received.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path}: expected a readable YAML file, received {_first_line(error)}") from None
    try:
        values = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ParamsError(f"{path}: expected valid YAML, received {_first_line(error)}") from None
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: expected a mapping of parameters, received {type(values).__name__}")
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        raise ParamsError(f"{path}: {_explain(error)}") from None


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _explain(error: ValidationError) -> str:
    errors = error.errors(include_url=False)
    first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    where = ".".join(str(part) for part in first["loc"] if not _is_union_branch(part))
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if first["type"] == "missing":
        return f"{where}: expected a value, received nothing"
    if first["type"] == "extra_forbidden":
        return f"{where}: expected a known parameter, received an unknown one"
    message = message if message.startswith(("expected", "backbones")) else f"expected {message}"
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    received = "" if isinstance(first["input"], dict) else f", received {first['input']!r}"
    return f"{where}: {message}{received}{more}".removeprefix(": ")


def _is_union_branch(part: int | str) -> bool:
    return isinstance(part, str) and ("[" in part or part in ("int", "str", "constrained-int"))
