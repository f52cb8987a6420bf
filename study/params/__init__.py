"""params.yaml as validated, frozen models: ``load`` reads it, ``Params`` holds it."""

from study.params.model import (
    FACTORS,
    Analysis,
    Augment,
    Augmentation,
    Execution,
    Factor,
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
    "Factor",
    "Params",
    "ParamsError",
    "Rules",
    "Setting",
    "Sweep",
    "load",
]
