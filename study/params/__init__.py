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

__all__ = [
    "FACTORS",
    "Analysis",
    "Augment",
    "Augmentation",
    "Execution",
    "Factor",
    "Params",
    "ParamsError",
    "Setting",
    "Sweep",
    "load",
]
