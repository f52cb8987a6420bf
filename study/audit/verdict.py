"""One line of an audit: what was checked, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from study.errors import StudyError, counted, printable, reason
from study.pipeline.console import EXTRAS

Outcome = Literal["holds", "fails", "not checked"]
_MOST = 20
"""Faults of one kind that are named; the others are counted."""


@dataclass(frozen=True)
class Verdict:
    """One line of an audit.

    Attributes
    ----------
    check
        What was looked at, in a word.
    text
        Where, what was expected and what was received; or what holds, or why it could not be looked at.
    """

    check: str
    outcome: Outcome
    text: str

    def __str__(self) -> str:
        return f"{self.outcome:11}  {self.check:10}  {printable(self.text)}"


Verdicts = Iterator[Verdict]


def judged(check: str, faults: Sequence[str], good: str) -> Verdicts:
    """A verdict for each fault, the first ones in words; where there is none, that it holds."""
    for fault in faults[:_MOST]:
        yield Verdict(check, "fails", fault)
    if len(faults) > _MOST:
        yield Verdict(check, "fails", f"{counted(len(faults) - _MOST, 'more fault')} of this kind")
    if not faults:
        yield Verdict(check, "holds", good)


def guarded(check: str, checks: Callable[[], Verdicts]) -> Verdicts:
    """The verdicts of a check; what keeps it from ending is a verdict of its own."""
    try:
        yield from checks()
    except StudyError as error:
        yield Verdict(check, "fails", str(error))
    except ModuleNotFoundError as error:
        name = str(error.name).partition(".")[0]
        if name not in EXTRAS:
            raise
        extra = EXTRAS[name]
        yield Verdict(check, "not checked", f"needs {name}, which is not installed: pip install '.[{extra}]'")
    except MemoryError:
        raise
    except OSError as error:
        yield Verdict(
            check, "fails", f"{error.filename or check}: expected a readable file, received {error.strerror}"
        )
    except Exception as error:  # files that somebody made up may hold anything
        received = f"{type(error).__name__}: {reason(error)}"
        yield Verdict(
            check, "fails", f"expected the files of a study, received what stops this check: {received}"
        )
