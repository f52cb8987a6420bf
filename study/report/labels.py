"""How factors, levels and metrics are called in the report, with the figures of the source."""

from __future__ import annotations

FACTOR_TITLES = {
    "lr": "Learning rate",
    "batch_size": "Batch size",
    "dropout": "Dropout",
    "l1": "L1 penalty",
    "augmentation": "Augmentation",
    "images_per_class": "Images a class",
}
ORIGIN_TITLES = {
    "cifar10": "from CIFAR-10",
    "imagenet": "from ImageNet",
    "unknown": "of unknown origin",
}
METHOD_TITLES = {
    "hard voting": "Hard voting",
    "soft voting": "Soft voting",
    "weighted soft voting": "Weighted soft voting",
    "stacking": "Stacking",
    "greedy selection": "Greedy selection",
    "best explored run": "Best explored run",
    "single": "Best single model",
}
METRIC_TITLES = {
    "accuracy": "Accuracy",
    "log_loss": "Log loss",
    "calibration_error": "Calibration error",
}
_LEVEL_TITLES = {"augmentation": {"cutmix": "CutMix"}}

SOURCE_CURVES = {
    "lr": {"0.0001": "4.1", "0.0003": "4.2", "0.0005": "4.3", "0.001": "4.4"},
    "batch_size": {"32": "4.6", "64": "4.7", "128": "4.8"},
    "dropout": {"0.3": "4.10", "0.5": "4.11", "0.7": "4.12"},
    "l1": {"0": "4.14", "0.0001": "4.15", "0.0005": "4.16"},
    "augmentation": {
        "none": "4.18",
        "rotation": "4.19",
        "contrast": "4.20",
        "zoom": "4.21",
        "cutmix": "4.22",
    },
    "images_per_class": {"10": "4.24", "50": "4.25", "200": "4.26"},
}
"""Numbers of the source's charts of one level."""

SOURCE_COMPARISONS = {
    "lr": "4.5",
    "batch_size": "4.9",
    "dropout": "4.13",
    "l1": "4.17",
    "augmentation": "4.23",
    "images_per_class": "4.27",
}
"""Numbers of the source's charts across the levels of a factor."""

SOURCE_ENSEMBLES = "4.28"


def factor_title(factor: str) -> str:
    """Name of a factor, as a heading writes it."""
    return FACTOR_TITLES.get(factor, factor)


def level_title(factor: str, level: str) -> str:
    """Name of a level: numbers as they are, ``1e-05`` as ``0.00001``."""
    special = _LEVEL_TITLES.get(factor, {}).get(level)
    if special is not None:
        return special
    if "e-" in level:
        try:
            return f"{float(level):.12f}".rstrip("0")
        except ValueError:
            return level
    return level


def method_title(method: str) -> str:
    """Name of a way to combine models."""
    return METHOD_TITLES.get(method, method)


def method_words(title: str) -> str:
    """The title of a way to combine models inside a sentence; any other name as it is."""
    return title[:1].lower() + title[1:] if title in METHOD_TITLES.values() else title


def factor_words(factor: str) -> str:
    """Name of a factor inside a sentence."""
    title = factor_title(factor)
    return title if title.startswith("L1") else title[:1].lower() + title[1:]


def setting_words(setting: str) -> str:
    """Name of a setting: ``lr=0.001`` as ``learning rate 0.001``."""
    if setting == "reference":
        return "the reference setting"
    factor, equals, level = setting.partition("=")
    if not equals or factor not in FACTOR_TITLES:
        return setting
    return f"{factor_words(factor)} {level_title(factor, level)}"
