"""``study verify``: train recorded runs again and compare every number."""

from __future__ import annotations

import argparse
import sys

from study import params
from study.commands.command import Commands, add_command, count
from study.errors import counted
from study.executors.local import executor
from study.pipeline import paths
from study.pipeline.console import say
from study.runs.verification import TOLERANCE, verify


def add(commands: Commands) -> None:
    """Add the command and its options."""
    verifying = add_command(
        commands,
        "verify",
        text="train recorded runs again and compare every number",
        examples={
            "study verify": "as many runs as params.yaml says (verify_runs), drawn at random",
            "study verify --runs 30": "30 runs",
            "study verify --all": "every recorded run",
        },
    )
    amount = verifying.add_mutually_exclusive_group()
    amount.add_argument("--runs", type=count, help="how many runs, drawn at random; default: verify_runs")
    amount.add_argument("--all", action="store_true", help="every recorded run")
    verifying.set_defaults(do=_verify)


def _verify(arguments: argparse.Namespace) -> None:
    chosen = params.load(paths.PARAMS)
    asked = arguments.runs if arguments.runs is not None else chosen.analysis.verify_runs
    with executor(chosen.execution) as where:
        done = verify(chosen, where.bench, n_runs=None if arguments.all else asked)
    for difference in done.elsewhere:
        say(f"not as recorded: {difference}")
    for one in done.failed:
        say(
            f"{one.run}: expected the recorded numbers, received a history up to "
            f"{one.history_difference:.3g} and scores up to {one.score_difference:.3g} apart, predictions "
            f"{'the same' if one.predictions_identical else 'not the same'}"
        )
    same = f"{done.n_same:,} of {counted(len(done.comparisons), 'run')}"
    if done.tolerance is None:
        say(f"{same} gave every recorded number again")
    else:
        say(
            f"{same} gave the recorded numbers again within {done.tolerance:.3g}, which is "
            f"{TOLERANCE} times what rounding alone does; the largest difference is "
            f"{done.largest_difference:.3g}"
        )
    if done.failed:
        sys.exit(1)
