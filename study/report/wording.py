"""Words around counts and lists."""

from __future__ import annotations

from collections.abc import Sequence

from study.report import numbers


def listing(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; an empty text of nothing."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def many(n: int, thing: str, things: str = "") -> str:
    """``1 thing`` or ``2 things``."""
    return f"{numbers.count(n)} {thing if n == 1 else things or thing + 's'}"
