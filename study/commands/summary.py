"""``study summary``: what the report found, in three lines."""

from __future__ import annotations

import argparse

from rich.console import Console

from study.commands.command import Commands, add_command


def add(commands: Commands) -> None:
    """Add the command."""
    telling = add_command(
        commands,
        "summary",
        text="say in three lines what the report found, and where it is",
        examples={"study summary": "of the study in this folder"},
    )
    telling.set_defaults(do=_tell)


def _tell(arguments: argparse.Namespace) -> None:  # noqa: ARG001
    from study import params
    from study.pipeline import paths
    from study.report.sections import summary
    from study.stages.report import inputs

    found = summary.findings(inputs(params.load(paths.PARAMS)))
    where = f"Read it in {paths.REPORTS / 'report.html'} or {paths.REPORTS / 'report.tex'}."
    Console(soft_wrap=True, highlight=False).print("", *found, where, sep="\n", markup=False)
