"""The command line: python -m study COMMAND."""

from study.commands import judge, paper, plan, predict, store, unlock, verify
from study.commands.command import Parser
from study.pipeline.console import run

COMMANDS = (plan, verify, store, predict, judge, paper, unlock)


def main() -> None:
    """Read the command line and do what it asks."""
    parser = Parser(prog="python -m study", description="The replicated study.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add(commands)
    arguments = parser.parse_args()
    run(lambda: arguments.do(arguments))


if __name__ == "__main__":
    main()
