"""The factors of the study: an entry each, from which parameters, design, tables and report take them.

Another factor is one more entry, its value in params.yaml and dvc.yaml, and what the trainer does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import Field

from study.params.constraints import whole

T = TypeVar("T")
Level = float | int | str
Augmentation = Literal["none", "rotation", "contrast", "brightness", "zoom", "cutmix"]


@dataclass(frozen=True)
class Factor:
    """One factor.

    Attributes
    ----------
    name
        In params.yaml and as a column of tables.
    label
        What a heading calls it.
    level
        The type of a level with its bounds, as pydantic reads it.
    acts_on
        What of a run it changes: ``optimisation``, as a field of ``training.optimisation.Optimisation``;
        ``batches``; or ``images``.
    ordered
        Whether the levels have an order, so that they may have a trend.
    trend
        Whether a trend over ordered levels means something: not where too high is worse again, as lr.
    log
        Whether an axis of its levels is logarithmic.
    off
        The level at which an optional factor changes nothing. Such a factor is this unless params.yaml says
        otherwise, and no table or section shows it where it is this throughout. None: not optional.
    """

    name: str
    label: str
    level: Any
    acts_on: Literal["optimisation", "batches", "images"]
    ordered: bool = True
    trend: bool = True
    log: bool = False
    off: float | None = None

    @property
    def kind(self) -> Literal["float", "int", "text"]:
        """The kind of its column in tables."""
        one = get_args(self.level)[0]
        return "float" if one is float else "int" if one is int else "text"


REGISTRY: dict[str, Factor] = {
    one.name: one
    for one in (
        Factor(
            "lr", "Learning rate", Annotated[float, Field(gt=0, le=10)], "optimisation", log=True, trend=False
        ),
        Factor("batch_size", "Batch size", Annotated[int, whole(1)], "batches", log=True),
        Factor("dropout", "Dropout", Annotated[float, Field(ge=0, lt=1)], "optimisation"),
        Factor("l1", "L1 penalty", Annotated[float, Field(ge=0, le=10)], "optimisation"),
        Factor("augmentation", "Augmentation", Augmentation, "images", ordered=False),
        Factor(
            "images_per_class",
            "Images per class",
            Annotated[int, whole(1)] | Literal["all"],
            "batches",
            log=True,
        ),
        Factor(
            "label_smoothing", "Label smoothing", Annotated[float, Field(ge=0, lt=1)], "optimisation", off=0.0
        ),
        Factor("weight_decay", "Weight decay", Annotated[float, Field(ge=0, le=10)], "optimisation", off=0.0),
    )
}
FACTORS = tuple(REGISTRY)
OPTIONAL = {one.name: one.off for one in REGISTRY.values() if one.off is not None}
"""The optional factors, each with the level at which it is off."""
LABELS = {one.name: one.label for one in REGISTRY.values()}


def in_use(levels: Mapping[str, T]) -> dict[str, T]:
    """Values by factor without the optional factors that are off."""
    return {name: level for name, level in levels.items() if OPTIONAL.get(name) != level}
