"""The card beside a model: what it is, how good it is, what it is not for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from numpy.typing import NDArray
from scipy import stats

TEMPLATE = "model-card.md.j2"


@dataclass(frozen=True)
class Group:
    """Test images that have something in common, and how many a model classes right, with an interval."""

    name: str
    n: int
    accuracy: float
    low: float
    high: float


class SettingRow(NamedTuple):
    """One member's setting."""

    model: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Card:
    """All that a card says; fractions.

    Attributes
    ----------
    name, file
        Of the model.
    what
        One sentence on how it is made.
    data, source
        Name of the data set and where it comes from.
    image_shape, classes
        What goes in and what comes out.
    setting
        Names and values of the setting; of each member where there are several.
    replicate
        Which confirmed replicate it is.
    mean, low, high, n
        Test accuracy over the confirmed replicates, its t interval and their number.
    groups
        This model's accuracy on all test images, by origin and by class; intervals over images.
    temperature
        What the logarithms of its probabilities are divided by to calibrate them.
    n_different, largest_difference
        Test images that it classes otherwise than recorded, and how far probabilities lie apart.
    selected_from
        How many settings, or ways to combine, the choice was made from, on validation.
    """

    name: str
    file: str
    what: str
    data: str
    source: str
    image_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    setting: Mapping[str, Mapping[str, Any]]
    replicate: int
    mean: float
    low: float
    high: float
    n: int
    groups: Sequence[Group]
    temperature: float
    n_different: int
    largest_difference: float
    selected_from: str
    confidence: float
    limits: tuple[str, ...] = field(default=())

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of the values of a setting."""
        return tuple(next(iter(self.setting.values())))

    @property
    def settings(self) -> list[SettingRow]:
        """Each member with its values."""
        return [SettingRow(model, tuple(values.values())) for model, values in self.setting.items()]


def group(name: str, correct: NDArray[np.bool_], *, alpha: float) -> Group:
    """Accuracy of ``correct`` (n,) with the exact interval of Clopper and Pearson."""
    n, hits = len(correct), int(np.count_nonzero(correct))
    interval = stats.binomtest(hits, n).proportion_ci(1 - alpha, method="exact")
    return Group(name, n, hits / n, float(interval.low), float(interval.high))


def groups(
    predicted: NDArray[Any],
    labels: NDArray[Any],
    origins: NDArray[Any],
    *,
    classes: Sequence[str],
    origin_names: Sequence[str],
    alpha: float,
) -> list[Group]:
    """All images, then each origin where there are several, then each class; groups without images not."""
    correct = np.asarray(predicted == labels)
    found = [group("all", correct, alpha=alpha)]
    present = np.unique(origins)
    if len(present) > 1:
        found += [
            group(f"origin {origin_names[code]}", correct[origins == code], alpha=alpha) for code in present
        ]
    found += [
        group(f"class {name}", correct[labels == code], alpha=alpha)
        for code, name in enumerate(classes)
        if (labels == code).any()
    ]
    return found


def render(card: Card, templates: Path) -> str:
    """The card as Markdown."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "percent": lambda value: "—" if value != value else f"{100 * value:.1f}",
        "thousandths": lambda value: f"{value:.3f}",
        "short": lambda value: f"{value:.2g}",
        "comma": lambda values: ", ".join(map(str, values)),
        "cells": lambda values: " | ".join(map(str, values)),
        "rule": lambda values: "|".join("---" for _ in values),
    }
    return environment.get_template(TEMPLATE).render(card=card)
