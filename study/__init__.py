"""A deep-learning study run over several seeds, with an interval on every number."""

from typing import Any

__all__ = ["judge"]


def __getattr__(name: str) -> Any:
    """``study.judge``, loaded when it is first asked for."""
    if name == "judge":
        from study.notebook import judge

        return judge
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
