"""params.yaml as validated, frozen models: ``load`` reads it, ``Params`` holds it."""

from study.params.factors import FACTORS, Augmentation
from study.params.model import (
    Analysis,
    Augment,
    Execution,
    Params,
    ParamsError,
    Setting,
    Sweep,
    load,
)
from study.params.rules import Rules

__all__ = [
    "FACTORS",
    "Analysis",
    "Augment",
    "Augmentation",
    "Execution",
    "Params",
    "ParamsError",
    "Rules",
    "Setting",
    "Sweep",
    "load",
]
