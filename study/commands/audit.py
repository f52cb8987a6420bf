"""``study audit``: every number of a finished study held to what it is made from."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections import Counter
from pathlib import Path

from study import params
from study.commands.command import Commands, add_command
from study.pipeline import paths
from study.pipeline.opened import opened


def add(commands: Commands) -> None:
    """Add the command and its options."""
    auditing = add_command(
        commands,
        "audit",
        text="recompute a finished study's tables and report, and compare them with what is written",
        examples={
            "study audit": "the study in this folder",
            "study audit study.zip": "an archive of one; nothing is trained, no TensorFlow is needed",
            "study audit ../clone": "a clone of one",
        },
    )
    auditing.add_argument(
        "study",
        metavar="STUDY",
        nargs="?",
        type=Path,
        default=Path(),
        help="archive or folder; default: this one",
    )
    auditing.set_defaults(do=_audit)


def _audit(arguments: argparse.Namespace) -> None:
    from study.audit import audit
    from study.report.build import draw

    outcomes: Counter[str] = Counter()
    os.environ["PYTHONSAFEPATH"] = "1"  # the processes that draw start in the study's folder, and import
    os.environ.pop("PYTHONPATH", None)  # nothing from there
    with opened(arguments.study) as folder, contextlib.chdir(folder):
        for verdict in audit(params.load(paths.PARAMS), draw=draw):
            outcomes[verdict.outcome] += 1
            print(verdict, flush=True)  # noqa: T201 - what the command is asked for
    print(  # noqa: T201
        f"{outcomes['holds']} hold, {outcomes['fails']} fail, "
        f"{outcomes['not checked']} could not be checked here"
    )
    if outcomes["fails"]:
        sys.exit(1)
