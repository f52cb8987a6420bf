"""``study store``: what is in the run store, is it whole, what can go."""

from __future__ import annotations

import argparse
import sys

from study import params
from study.commands.command import Commands, print_table
from study.pipeline import paths
from study.pipeline.console import say
from study.runs import stored


def add(commands: Commands) -> None:
    """Add the command and its options."""
    storing = commands.add_parser("store", help="the run store: what is in it, is it whole, what can go")
    doing = storing.add_subparsers(dest="action")
    doing.add_parser("list", help="how many runs of which state, and their size (the default)")
    doing.add_parser(
        "check", help="read every entry and hold it to its hashes; exit code 1 if one is damaged"
    )
    pruning = doing.add_parser("prune", help="delete what no run can ask for: damaged, or of other code")
    pruning.add_argument("--unplanned", action="store_true", help="also what params.yaml does not ask for")
    pruning.add_argument("--dry-run", action="store_true", help="say what would go, delete nothing")
    storing.set_defaults(do=_store)


def _store(arguments: argparse.Namespace) -> None:
    found = stored.entries()
    if arguments.action == "check":
        damaged = [entry for entry in found if entry.inputs is None]
        for entry in damaged:
            say(f"{entry.path}: expected a run that agrees with its hashes, received a damaged file")
        say(f"{len(found) - len(damaged)} of {len(found)} runs are whole")
        if damaged:
            sys.exit(1)
        return
    planned = stored.planned_keys(params.load(paths.PARAMS))
    if arguments.action == "prune":
        going = stored.prunable(found, planned, unplanned=arguments.unplanned)
        size = sum(entry.n_bytes for entry in going) / 1e6
        if arguments.dry_run:
            say(f"{len(going)} of {len(found)} runs would go: {size:.1f} MB")
        else:
            stored.remove(going)
            say(f"{len(going)} of {len(found)} runs are gone: {size:.1f} MB")
        return
    print_table("The run store", "planned: what params.yaml asks for", stored.listing(found, planned))
