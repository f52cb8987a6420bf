"""What the commands share: a parser that tells a mistake in one line, and tables for a terminal."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn, TypeAlias

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


class Parser(argparse.ArgumentParser):
    """Tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        self.exit(2, f"{self.prog}: expected what --help shows, received a mistake ({message})\n")


def print_table(title: str, caption: str, rows: list[dict[str, Any]]) -> None:
    """Print rows, numbers to the right."""
    table = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)
    table.caption = caption
    for name in rows[0]:
        is_number = isinstance(rows[0][name], int | float) or name == "time"
        table.add_column(name, justify="right" if is_number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(value if isinstance(value, str) else f"{value:,}" for value in row.values()))
    Console().print(table)


def duration(seconds: float | None) -> str:
    """A time in words; nothing where there is none."""
    if seconds is None:
        return ""
    minutes = seconds / 60
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def count(text: str) -> int:
    """A whole number of at least 1, for an option.

    Raises
    ------
    argparse.ArgumentTypeError
        It is none.
    """
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, received {text}")
    return value
