"""Numbers as text: percent from fractions, signs, intervals, p values; a missing value is a dash."""

from __future__ import annotations

import math

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


def spoken_interval(low: float, high: float, decimals: int) -> str:
    """An interval for a sentence: ``9.1 to 9.7``, in percent or points."""
    return f"{percent(low, decimals)} to {percent(high, decimals)}"


def decimals_for(low: float, high: float) -> int:
    """One decimal of a percent, or two where the interval is narrower than 0.2 points."""
    return 2 if high - low < 0.002 else 1


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
    return f"{_half(share * n)}/{n}"


def spoken_wins(share: float, n: int) -> str:
    """A share of replicates for a sentence: ``10 of 10 replicates``, with a word on ties where there are."""
    won = _half(share * n)
    replicates = "replicate" if n == 1 else "replicates"
    ties = ", a tie counting half" if "." in won else ""
    return f"{won} of {n} {replicates}{ties}"


def compact(value: float) -> str:
    """A parameter's number in its shortest form without an exponent."""
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return text or "0"


def confidence(alpha: float) -> str:
    """The level of an interval: ``95 %`` for alpha 0.05."""
    return f"{compact(100 * (1 - alpha))}{PERCENT}"


def _half(number: float) -> str:
    doubled = round(2 * number)
    return str(doubled // 2) if doubled % 2 == 0 else f"{doubled / 2:.1f}"
