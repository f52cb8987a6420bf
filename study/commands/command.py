"""What the commands share: a parser that tells a mistake in one line, and tables for a terminal."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_SAID = (
    (r"argument (\S+): invalid choice: (.+) \(choose from (.+)\)", r"\1: expected one of \3, received \2"),
    (r"argument (\S+): expected (?:one|at least one) argument", r"\1: expected a value, received none"),
    (r"argument (\S+): not allowed with argument (\S+)", r"expected \2 or \1, received both"),
    (r"argument (\S+): ignored explicit argument (.+)", r"\1: expected no value, received \2"),
    (r"argument (\S+): (.+)", r"\1: \2"),
    (r"the following arguments are required: (.+)", r"expected \1, received none"),
    (r"unrecognized arguments: (.+)", r"expected only known arguments, received \1"),
    (r"ambiguous option: (\S+) could match (.+)", r"expected one of \2, received \1"),
)
"""What argparse says of a mistake, and the same in the words of this project's messages."""


class Parser(argparse.ArgumentParser):
    """Tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        for pattern, words in _SAID:
            if re.fullmatch(pattern, message):
                message = re.sub(pattern, words, message).replace("'", "")
                break
        self.exit(2, f"{self.prog}: {message}; --help shows what there is\n")


def add_command(
    commands: Commands, name: str, *, text: str, examples: Mapping[str, str]
) -> argparse.ArgumentParser:
    """Add a command whose help ends with examples.

    Parameters
    ----------
    text
        What it does, in a line.
    examples
        Command lines, and what each does.
    """
    width = max(map(len, examples))
    lines = [f"  {line:{width}}   {what}" for line, what in examples.items()]
    return commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog="\n".join(["examples:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


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
