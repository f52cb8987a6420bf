"""The command line: python -m study COMMAND."""

import argparse
import sys
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from study import params
from study.stages import paper, plan, verify
from study.stages.entry import run, say
from study.stages.paths import PARAMS


def main() -> None:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m study", description="The replicated study.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("plan", help="the runs and what they cost, before anything runs")
    verifying = commands.add_parser("verify", help="train recorded runs again and compare every number")
    amount = verifying.add_mutually_exclusive_group()
    amount.add_argument("--runs", type=_count, help="how many runs, drawn at random; default: verify_runs")
    amount.add_argument("--all", action="store_true", help="every recorded run")
    papering = commands.add_parser("paper", help="the report's LaTeX, figures and tables as one archive")
    papering.add_argument("--out", type=Path, default=Path("study.tar.gz"), help="default: study.tar.gz")
    arguments = parser.parse_args()
    if arguments.command == "plan":
        run(_plan)
    elif arguments.command == "paper":
        run(lambda: _paper(arguments.out))
    else:
        run(lambda: _verify(arguments.runs, every=arguments.all))


def _plan() -> None:
    table = Table(title="What the study will do", title_justify="left", box=SIMPLE, pad_edge=False)
    table.caption = "images: through the backbone; naive: with keras fit for each run; MB: features on disk"
    rows = plan.costs(params.load(PARAMS))
    for name in rows[0]:
        table.add_column(name, justify="left" if name in ("backbone", "phase") else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()))
    Console().print(table)


def _paper(out: Path) -> None:
    paper.write(out)
    say(f"{out} written: unpack it anywhere and run latexmk -pdf report.tex in it")


def _verify(n_runs: int | None, *, every: bool) -> None:
    chosen = params.load(PARAMS)
    wanted = None if every else (n_runs if n_runs is not None else chosen.analysis.verify_runs)
    comparisons = verify.compare(chosen, n_runs=wanted)
    apart = [one for one in comparisons if not one.identical]
    for one in apart:
        say(
            f"{one.run}: expected the recorded numbers, received a history up to "
            f"{one.history_difference:.3g} and scores up to {one.score_difference:.3g} apart, predictions "
            f"{'the same' if one.predictions_identical else 'not the same'}"
        )
    say(f"{len(comparisons) - len(apart)} of {len(comparisons)} runs gave every recorded number again")
    if apart:
        sys.exit(1)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, received {text}")
    return value


if __name__ == "__main__":
    main()
