"""``study completion``: a script with which a shell completes the commands and their options."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from study.commands.command import Commands, add_command

SHELLS = ("bash", "zsh", "tcsh")


def add(commands: Commands) -> None:
    """Add the command and its argument."""
    completing = add_command(
        commands,
        "completion",
        text="a script with which a shell completes the commands and their options",
        examples={
            'eval "$(study completion bash)"': "for the present shell",
            "study completion bash >> ~/.bash_completion": "for every new one",
        },
    )
    completing.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")
    completing.set_defaults(do=_completion)


def _completion(arguments: argparse.Namespace) -> None:
    import shtab

    for action in _actions(arguments.root):
        if action.type is Path:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(arguments.root, arguments.shell))  # noqa: T201 - the shell reads it


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every option and argument of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
