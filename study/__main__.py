"""The command line: study COMMAND, or python -m study COMMAND."""

import argparse

from study.commands import (
    audit,
    claims,
    compare,
    completion,
    crate,
    judge,
    paper,
    plan,
    predict,
    store,
    summary,
    unlock,
    verify,
)
from study.commands.command import Parser
from study.pipeline.console import run

COMMANDS = (
    plan,
    summary,
    verify,
    audit,
    store,
    predict,
    judge,
    claims,
    compare,
    crate,
    paper,
    unlock,
    completion,
)


def main() -> None:
    """Read the command line and do what it asks."""
    arguments = parser().parse_args()
    run(lambda: arguments.do(arguments), where=f"study {arguments.command}")


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; what it reads holds a function ``do`` and the parser itself as ``root``."""
    root = Parser(prog="study", description="The replicated study.")
    root.set_defaults(root=root)
    commands = root.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add(commands)
    return root


if __name__ == "__main__":
    main()
