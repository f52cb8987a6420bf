"""Read params.yaml into validated, frozen models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from study.errors import StudyError, shown
from study.params import yaml
from study.params.constraints import (
    SECTION,
    above,
    below,
    different,
    explain,
    one_of,
    switch,
    text,
    whole,
    within,
)
from study.params.rules import Rules

Augmentation = Literal["none", "rotation", "contrast", "brightness", "zoom", "cutmix"]
Factor = Literal["lr", "batch_size", "dropout", "l1", "augmentation", "images_per_class"]
FACTORS: tuple[Factor, ...] = get_args(Factor)
MAX_REPLICATES = 1_000

PositiveInt = Annotated[int, whole(1)]
Replicates = Annotated[int, whole(1, MAX_REPLICATES)]
LearningRate = Annotated[float, above(0, 10)]
Dropout = Annotated[float, below(0, 1)]
L1 = Annotated[float, within(0, 10)]
ImagesPerClass = Annotated[int | Literal["all"], whole(1, word="all")]
Fraction = Annotated[float, below(0, 1, open_low=True)]
Name = Annotated[str, text("a name without blanks around it", r"\S(.*\S)?")]
BackboneName = Annotated[
    str, text("a name of letters, digits, '.', '_' or '-'", r"[A-Za-z0-9][A-Za-z0-9._-]*")
]
Md5 = Annotated[str | None, text("32 hexadecimal digits in lower case", "[0-9a-f]{32}", nullable=True)]
Address = Annotated[str, text("an http or https address", r"https?://\S+")]
AugmentationName = Annotated[Augmentation, one_of(*get_args(Augmentation))]
OrderedFactor = Annotated[Factor, one_of(*(factor for factor in FACTORS if factor != "augmentation"))]


class ParamsError(StudyError):
    """A parameter that cannot be used: one line with where, what was expected, what was received."""


class Model(BaseModel):
    """Base of all parameter models: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Setting(Model):
    """One combination of the six factors."""

    lr: LearningRate
    batch_size: PositiveInt
    dropout: Dropout
    l1: L1
    augmentation: AugmentationName
    images_per_class: ImagesPerClass


class Sweep(Model):
    """The levels of each factor, tried one factor at a time around the reference setting."""

    lr: Annotated[list[LearningRate], different("levels")]
    batch_size: Annotated[list[PositiveInt], different("levels")]
    dropout: Annotated[list[Dropout], different("levels")]
    l1: Annotated[list[L1], different("levels")]
    augmentation: Annotated[list[AugmentationName], different("levels")]
    images_per_class: Annotated[list[ImagesPerClass], different("levels")]


class Augment(Model):
    """Strength of every augmentation, and how its random draws are shared among replicates."""

    views: Annotated[int | Literal["fresh"], whole(1, 1_000, word="fresh")]
    rotation: Annotated[float, above(0, 180)]
    contrast: Fraction
    brightness: Fraction
    zoom: Fraction
    cutmix_alpha: Annotated[float, above(0, 100)]


class Analysis(Model):
    """Choices of the analysis, fixed before the data are seen."""

    alpha: Annotated[float, above(0, 0.5)]
    equivalence_margin: Fraction
    alternative: Annotated[Literal["two-sided"], one_of("two-sided")]
    correction: Annotated[Literal["holm"], one_of("holm")]
    selection_metric: Annotated[Literal["valid_accuracy"], one_of("valid_accuracy")]
    selection_rule: Annotated[Literal["mean", "lower_bound"], one_of("mean", "lower_bound")]
    ordered_factors: Annotated[list[OrderedFactor], different("factors")]
    power: Fraction
    headline_seeds: Replicates
    calibration_bins: Annotated[int, whole(1, 1_000)]
    verify_runs: Annotated[int, whole(0)]


class Execution(Model):
    """Where and within what bounds the study runs; changes no number."""

    executor: Annotated[Literal["local", "dask"], one_of("local", "dask")]
    workers: Annotated[int, whole(1, 1_000)]
    memory_budget_gb: Annotated[float, above(0, 1e6)]


class Params(Model):
    """All parameters of the study; names and meaning as in params.yaml."""

    dataset: Name
    dataset_md5: Md5
    dataset_mirrors: Annotated[list[Address], different("addresses")]
    drop_shared_images: Annotated[bool, switch()]
    backbones: Annotated[list[BackboneName], different("names", at_least_one=True)]
    weights: Name
    image_size: Annotated[int, whole(8, 1024)]
    seeds: Replicates
    confirm_seeds: Replicates
    variance_seeds: Annotated[int, whole(0, MAX_REPLICATES)]
    study_seed: Annotated[int, whole(0, 2**63 - 1)]
    epochs: Annotated[int, whole(1, 10_000)]
    train_eval_images: PositiveInt
    lr: LearningRate
    batch_size: PositiveInt
    dropout: Dropout
    l1: L1
    augmentation: AugmentationName
    images_per_class: ImagesPerClass
    sweep: Annotated[Sweep, SECTION]
    augment: Annotated[Augment, SECTION]
    models: Annotated[Literal["complete", "none"], one_of("complete", "none")]
    analysis: Annotated[Analysis, SECTION]
    execution: Annotated[Execution, SECTION]

    @property
    def reference(self) -> Setting:
        """The setting around which every factor is swept."""
        return Setting(**{factor: getattr(self, factor) for factor in FACTORS})

    @property
    def rules(self) -> Rules:
        """The rules of the analysis."""
        chosen = self.analysis
        return Rules(
            alpha=chosen.alpha,
            margin=chosen.equivalence_margin,
            power=chosen.power,
            correction=chosen.correction,
            alternative=chosen.alternative,
            selection_rule=chosen.selection_rule,
            ordered_factors=tuple(chosen.ordered_factors),
            calibration_bins=chosen.calibration_bins,
        )


def load(path: Path, *, changes: Sequence[str] = ()) -> Params:
    """Read and validate a YAML 1.2 file of parameters.

    Parameters
    ----------
    changes
        ``name=value`` each, the name with dots between sections, the value as YAML; they replace what the
        file says.

    Raises
    ------
    ParamsError
        In one line: the file, the parameter, what was expected and what was received.
    """
    try:
        values = yaml.read(path)
    except yaml.PlainYamlError as error:
        raise ParamsError(str(error)) from None
    if not isinstance(values, dict):
        received = "nothing" if values is None else shown(values)
        raise ParamsError(f"{path}: expected a mapping of parameters, received {received}")
    for change in changes:
        _change(values, change)
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        raise ParamsError(f"{path}: {explain(error, Params)}") from None


def _change(values: dict[str, Any], change: str) -> None:
    name, equals, value = change.partition("=")
    if not equals:
        raise ParamsError(f"--set: expected name=value, received {shown(change)}")
    *sections, last = name.split(".")
    inside: Any = values
    for section in sections:
        inside = inside.get(section) if isinstance(inside, dict) else None
    if not isinstance(inside, dict):
        raise ParamsError(f"--set: expected a parameter of params.yaml, received {shown(name)}")
    try:
        inside[last] = yaml.parse(value, f"--set {name}")
    except yaml.PlainYamlError as error:
        raise ParamsError(str(error)) from None
