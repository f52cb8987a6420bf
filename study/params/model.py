"""Read params.yaml into validated, frozen models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, create_model

from study.errors import StudyError, shown
from study.params import yaml
from study.params.constraints import DIFFERENT, Model, explain, holds, list_of, one_of, whole
from study.params.factors import FACTORS, OPTIONAL, REGISTRY, Level
from study.params.rules import Rules

MAX_REPLICATES = 1_000
M = TypeVar("M", bound=Model)
SMALLEST_IMAGE = 8
"""Pixels a side."""

PositiveInt = Annotated[int, whole(1)]
Replicates = Annotated[int, whole(1, MAX_REPLICATES)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Name = Annotated[
    str,
    Field(
        description="a name without blanks around it",
        pattern=r"^[^\p{C}\p{Z}]([^\p{C}\p{Z}]| +[^\p{C}\p{Z}])*$",
    ),
]
BackboneName = Annotated[
    str,
    Field(description="a name of letters, digits, '.', '_' or '-'", pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$"),
]
Md5 = Annotated[
    str | None,
    Field(description="32 hexadecimal digits in lower case, or null", pattern="^[0-9a-f]{32}$"),
]
Address = Annotated[
    str, Field(description="an http or https address", pattern=r"^(?i:https?)://[^\p{C}\p{Z}]+$")
]
OrderedFactor = Annotated[str, one_of(*(one.name for one in REGISTRY.values() if one.ordered and one.trend))]
SECTION = Field(description="a mapping of parameters")


class ParamsError(StudyError):
    """A parameter that cannot be used: one line with where, what was expected, what was received."""


def _for_each_factor(fields: dict[str, Any]) -> Callable[[type[M]], type[M]]:
    """Add fields to a model, named for the factors; ``getattr`` reads them."""

    def extended(model: type[M]) -> type[M]:
        return create_model(
            model.__name__, __base__=model, __doc__=model.__doc__, __module__=model.__module__, **fields
        )

    return extended


_LEVEL_OF_EACH = {name: (one.level, OPTIONAL.get(name, ...)) for name, one in REGISTRY.items()}
_LEVELS_OF_EACH: dict[str, Any] = {
    name: (
        Annotated[list[one.level], list_of("levels"), DIFFERENT],  # type: ignore[name-defined]
        [] if name in OPTIONAL else ...,
    )
    for name, one in REGISTRY.items()
}


@_for_each_factor(_LEVEL_OF_EACH)
class Setting(Model):
    """One combination of a level of each factor."""

    if TYPE_CHECKING:

        def __getattr__(self, factor: str) -> Any: ...


@_for_each_factor(_LEVELS_OF_EACH)
class Sweep(Model):
    """The levels of each factor, tried one factor at a time around the reference setting."""


class Augment(Model):
    """Strength of every augmentation, and how many views of an image a replicate draws."""

    views: Annotated[int, whole(1, 1_000)] | Literal["fresh"]
    rotation: Annotated[float, Field(gt=0, le=180)]
    contrast: Fraction
    brightness: Fraction
    zoom: Fraction
    cutmix_alpha: Annotated[float, Field(gt=0, le=100)]


LEAST_LOOK = 3
"""Replicates of the first look: the spread of fewer is too little known for a verdict to be settled."""
LOOKS = f"whole numbers of at least {LEAST_LOOK} that rise to seeds"


def _rise(values: Any) -> bool:
    return not isinstance(values, list) or all(
        type(one) is int and before < one
        for before, one in zip([LEAST_LOOK - 1, *values], values, strict=False)
    )


RISING = BeforeValidator(holds(_rise))


class Analysis(Model):
    """Choices of the analysis, fixed before the data are seen."""

    alpha: Annotated[float, Field(gt=0, le=0.5)]
    equivalence_margin: Fraction
    alternative: Literal["two-sided"]
    correction: Literal["holm"]
    selection_metric: Literal["valid_accuracy"]
    selection_rule: Literal["mean", "lower_bound"]
    ordered_factors: Annotated[list[OrderedFactor], list_of("factors"), DIFFERENT]
    power: Fraction
    headline_seeds: Replicates
    calibration_bins: Annotated[int, whole(1, 1_000)]
    verify_runs: Annotated[int, whole(0)]
    looks: Annotated[list[int], RISING, Field(description=LOOKS, default_factory=list)]


class Execution(Model):
    """Where and within what bounds the study runs; only ``portable`` changes a number, in its last digits."""

    executor: Literal["local", "dask"]
    workers: Annotated[int, whole(1, 1_000)]
    memory_budget_gb: Annotated[float, Field(gt=0, le=1e6)]
    portable: bool


@_for_each_factor(_LEVEL_OF_EACH)
class Params(Model):
    """All parameters of the study; names and meaning as in params.yaml."""

    member: ClassVar[str] = "a parameter of params.yaml"

    dataset: Name
    dataset_md5: Md5
    dataset_mirrors: Annotated[list[Address], list_of("addresses"), DIFFERENT]
    drop_shared_images: bool
    backbones: Annotated[list[BackboneName], list_of("names", at_least_one=True), DIFFERENT]
    weights: Name
    image_size: Annotated[int, whole(SMALLEST_IMAGE, 1024)] | Literal["native"]
    seeds: Replicates
    confirm_seeds: Replicates
    variance_seeds: Annotated[int, whole(0, MAX_REPLICATES)]
    study_seed: Annotated[int, whole(0, 2**63 - 1)]
    epochs: Annotated[int, whole(1, 10_000)]
    train_eval_images: PositiveInt
    sweep: Annotated[Sweep, SECTION]
    augment: Annotated[Augment, SECTION]
    models: Literal["complete", "none"]
    analysis: Annotated[Analysis, SECTION]
    execution: Annotated[Execution, SECTION]

    @property
    def pixels(self) -> int:
        """Pixels a side that a backbone sees.

        Raises
        ------
        ValueError
            The images' own size is asked for and not known yet; see ``sized``.
        """
        if isinstance(self.image_size, str):
            raise ValueError("image_size: expected a number of pixels, received native; call sized first")
        return self.image_size

    def sized(self, image_shape: Sequence[int]) -> Params:
        """These parameters, with the longer side of images (height, width, ...) where they say native."""
        if self.image_size != "native":
            return self
        return self.model_copy(update={"image_size": max(SMALLEST_IMAGE, *image_shape[:2])})

    @property
    def reference(self) -> Setting:
        """The setting around which every factor is swept."""
        return Setting.model_validate({factor: getattr(self, factor) for factor in FACTORS})

    def levels(self, factor: str) -> list[Level]:
        """The levels of a factor as they stand in the sweep, then the reference's where it is not there."""
        swept = getattr(self.sweep, factor)
        reference = getattr(self, factor)
        return [*swept, *([] if reference in swept else [reference])]

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
            looks=tuple(chosen.looks),
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
        params = Params.model_validate(values)
    except ValidationError as error:
        raise ParamsError(f"{path}: {explain(error, Params)}") from None
    looks = params.analysis.looks
    if looks and looks[-1] != params.seeds:
        raise ParamsError(f"{path}: analysis.looks: expected {LOOKS}, {params.seeds}, received {looks}")
    return params


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
