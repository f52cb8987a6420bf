"""What every stage has around it: its errors as one line, and progress while people wait."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from study.errors import StudyError, printable, reason
from study.pipeline import environment

_BACKENDS = ("tensorflow", "jax")
_BEYOND_AVX2 = ("X86_V4", "AVX512", "AVX10", "AMX")
EXTRAS = {
    "dask": "cluster",
    "distributed": "cluster",
    "dvc": "train",
    "imagecodecs": "train",
    "jax": "jax",
    "keras": "train",
    "keras_hub": "vit",
    "pyarrow": "parquet",
    "requests": "train",
    "shtab": "completion",
    "sklearn": "train",
    "tensorflow": "train",
}
"""Packages that not every install has, and the smallest extra that brings each."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CUT_SHORT = re.compile(r"\d+ requested and \d+ written")
"""What numpy says of a disk that is full."""


def run(stage: Callable[[], None], *, where: str = "study") -> None:
    """Run a stage; an error that a person can mend is one line, and the exit code is 1.

    Parameters
    ----------
    where
        What is run, for the message that it needs more than what is installed.
    """
    try:
        _check_backend()
        _check_numpy()
        stage()
    except KeyboardInterrupt:
        sys.exit("interrupted: what is done is kept; run the same command again to go on")
    except StudyError as error:
        sys.exit(str(error))
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(str(error.name).partition(".")[0])
        if extra is None:
            raise
        sys.exit(f"{where}: expected the extra {extra}, received none; pip install '.[{extra}]'")
    except MemoryError as error:
        sys.exit(_short_of_memory(error))
    except OSError as error:
        sys.exit(printable(_of_files(error)))


class CommandError(StudyError):
    """A stage that is called without what it needs."""


def named_backbone(known: Sequence[str]) -> str:
    """The backbone that the command line of a stage names, or that DVC runs the stage for.

    DVC would have a shell read a name in a command of dvc.yaml, so it stands in none.

    Raises
    ------
    CommandError
        It names none, more than one, or one that is not known.
    """
    of_stage = os.environ.get("DVC_STAGE", "").partition("@")[2]
    given = sys.argv[1:] or [of_stage] * bool(of_stage)
    if len(given) != 1 or given[0] not in known:
        raise CommandError(
            f"backbone: expected one of {', '.join(known)}, received {' '.join(given) or 'nothing'}"
        )
    return given[0]


def _check_backend() -> None:
    name = os.environ.get("KERAS_BACKEND")
    if name is None:
        return
    if name not in _BACKENDS:
        raise CommandError(f"KERAS_BACKEND: expected {' or '.join(_BACKENDS)}, received {name or 'nothing'}")


def _check_numpy() -> None:
    core = sys.modules.get("numpy._core._multiarray_umath")
    if core is None or environment.TOO_LATE or "NPY_DISABLE_CPU_FEATURES" not in os.environ:
        return
    beyond = [
        name
        for name in core.__cpu_dispatch__
        if name.startswith(_BEYOND_AVX2) and core.__cpu_features__.get(name)
    ]
    if beyond:
        raise CommandError(
            f"numpy: expected a version that can do without {' '.join(beyond)}, received one that cannot; "
            "install the pinned one, or set execution.portable: false"
        )


def _short_of_memory(error: MemoryError) -> str:
    said = f" ({reason(error)})" if str(error) else ""
    return f"memory: expected enough for this step, received less{said}; lower execution.memory_budget_gb"


def _of_files(error: OSError) -> str:
    where = error.filename or "files"
    if error.errno in _FULL or _CUT_SHORT.fullmatch(str(error)):
        hint = "make room and run the same command again"
        return f"{where}: expected to write, received no space left on device; {hint}"
    return f"{where}: expected to read or write, received {reason(error)}"


def say(text: str) -> None:
    """Tell the person who waits what is being done."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(printable(text), markup=False)


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
