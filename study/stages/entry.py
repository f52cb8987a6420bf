"""What every stage has around it: its errors as one line, and progress while people wait."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

EXPECTED_ERRORS = (ValueError, RuntimeError, OSError, MemoryError)


def run(stage: Callable[[], None]) -> None:
    """Run a stage; an error that a person can mend is one line, and the exit code is 1."""
    try:
        stage()
    except KeyboardInterrupt:
        sys.exit("interrupted: what is done is kept; run the same command again to go on")
    except EXPECTED_ERRORS as error:
        if type(error).__module__.split(".")[0] != "study" and not isinstance(error, OSError | MemoryError):
            raise
        sys.exit(" ".join(str(error).split()) or type(error).__name__)


def say(text: str) -> None:
    """Tell the person who waits what is being done."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)


def progress() -> Progress:
    """A progress bar with what is left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
