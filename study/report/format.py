"""Values as text: numbers, and the names of factors, levels, methods and metrics; missing is a dash."""

from __future__ import annotations

import math

from study.params.factors import LABELS

MISSING = "–"
"""Stands where a number is not defined, such as an interval from one replicate."""

MINUS = "−"
PERCENT = "\u00a0%"
"""Sign of percent with the space that keeps it on the line of its number."""


def fixed(value: float, decimals: int) -> str:
    """``value`` with so many decimals, thousands apart, a true minus and never a negative zero."""
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{value:,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def percent(fraction: float, decimals: int = 2) -> str:
    """A fraction in percent, without the sign of percent."""
    return fixed(100 * fraction, decimals)


def points(fraction: float, decimals: int = 2) -> str:
    """A difference of two fractions in percentage points, with its sign unless it rounds to zero."""
    return signed(100 * fraction, decimals)


def percent_interval(low: float, high: float, decimals: int = 2) -> str:
    """An interval of a fraction in percent, for a cell; a dash when it is not defined."""
    return plain_interval(100 * low, 100 * high, decimals)


def points_interval(low: float, high: float, decimals: int = 2) -> str:
    """An interval of a difference in percentage points, for a cell; a dash when it is not defined."""
    return signed_interval(100 * low, 100 * high, decimals)


def signed(value: float, decimals: int) -> str:
    """A number as it is, with its sign unless it rounds to zero."""
    text = fixed(value, decimals)
    return f"+{text}" if value > 0 and any(digit in text for digit in "123456789") else text


def plain_interval(low: float, high: float, decimals: int) -> str:
    """An interval of numbers as they are, for a cell; a dash when it is not defined."""
    if math.isnan(low) or math.isnan(high):
        return MISSING
    return f"[{fixed(low, decimals)}, {fixed(high, decimals)}]"


def signed_interval(low: float, high: float, decimals: int) -> str:
    """The same with signs."""
    if math.isnan(low) or math.isnan(high):
        return MISSING
    return f"[{signed(low, decimals)}, {signed(high, decimals)}]"


def p_value(p: float) -> str:
    """A p value with three decimals; below 0.001 it is only said to be so."""
    if math.isnan(p):
        return MISSING
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def count(n: int) -> str:
    """A whole number, thousands apart."""
    return f"{n:,}"


def wins(share: float, n: int) -> str:
    """A share of ``n`` replicates as a count of them, a tie being half of one: ``10/10``, ``9.5/10``."""
    if math.isnan(share):
        return MISSING
    return f"{halves(share * n)}/{n}"


def compact(value: float) -> str:
    """A parameter's number in its shortest form without an exponent."""
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return text or "0"


def confidence(alpha: float) -> str:
    """The level of an interval: ``95 %`` for alpha 0.05."""
    return f"{compact(100 * (1 - alpha))}{PERCENT}"


def halves(number: float) -> str:
    """A count that may end in a half: ``10``, ``9.5``."""
    doubled = round(2 * number)
    return str(doubled // 2) if doubled % 2 == 0 else f"{doubled / 2:.1f}"


METHOD_TITLES = {
    "hard voting": "Hard voting",
    "soft voting": "Soft voting",
    "weighted soft voting": "Weighted soft voting",
    "stacking": "Stacking",
    "greedy selection": "Greedy selection",
    "best explored run": "Best explored run",
    "single": "Best single model",
}
METRIC_TITLES = {"accuracy": "Accuracy", "log_loss": "Log loss", "calibration_error": "Calibration error"}
ORIGIN_TITLES = {"cifar10": "from CIFAR-10", "imagenet": "from ImageNet", "unknown": "of unknown origin"}
_LEVEL_TITLES = {"augmentation": {"cutmix": "CutMix"}}


def factor_title(factor: str) -> str:
    """Name of a factor, as a heading writes it."""
    return LABELS.get(factor, factor)


def factor_words(factor: str) -> str:
    """Name of a factor inside a sentence."""
    title = factor_title(factor)
    return title if title.startswith("L1") else title[:1].lower() + title[1:]


def level_title(factor: str, level: str) -> str:
    """Name of a level: numbers as they are, ``1e-05`` as ``0.00001``."""
    special = _LEVEL_TITLES.get(factor, {}).get(level)
    if special is not None:
        return special
    if "e-" in level:
        try:
            return compact(float(level))
        except ValueError:
            return level
    return level


def setting_words(setting: str) -> str:
    """Name of a setting: ``lr=0.001`` as ``learning rate 0.001``."""
    if setting == "reference":
        return "the reference setting"
    factor, equals, level = setting.partition("=")
    if not equals or factor not in LABELS:
        return setting
    return f"{factor_words(factor)} {level_title(factor, level)}"


def method_title(method: str) -> str:
    """Name of a way to combine models, or of a model."""
    return METHOD_TITLES.get(method, method)


def method_words(title: str) -> str:
    """The title of a way to combine models inside a sentence; any other name as it is."""
    return title[:1].lower() + title[1:] if title in METHOD_TITLES.values() else title


def metric_title(metric: str) -> str:
    """Name of a metric."""
    return METRIC_TITLES.get(metric, metric)


def origin_title(origin: str) -> str:
    """Where images come from."""
    return ORIGIN_TITLES.get(origin, origin)
