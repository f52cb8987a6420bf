"""``study store``: what is in the run store, is it whole, what can go."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable

from study import params
from study.commands.command import Commands, add_command, duration, print_table
from study.errors import StudyError, counted
from study.pipeline import paths
from study.pipeline.console import CommandError, say
from study.runs import stored
from study.training.store import Entry


def add(commands: Commands) -> None:
    """Add the command and its options."""
    storing = add_command(
        commands,
        "store",
        text="the run store: what is in it, is it whole, what can go",
        examples={
            "study store": "how many runs of which state, and their size",
            "study store check": "read every run and verify its checksums",
            "study store prune --other-code --dry-run": "what would go, and why",
            "study store prune --unplanned": "take out what params.yaml does not ask for",
            "study store restore": "bring it back",
            "study store empty --yes": "delete it for good",
        },
    )
    storing.set_defaults(do=_list)
    doing = storing.add_subparsers(dest="action")
    listing = doing.add_parser("list", help="how many runs of which state, and their size (the default)")
    listing.set_defaults(do=_list)
    checking = doing.add_parser(
        "check", help="read every entry and verify its hashes; exit code 1 if one is damaged"
    )
    checking.set_defaults(do=_check)
    pruning = doing.add_parser("prune", help="take out damaged runs, and others where asked")
    pruning.add_argument(
        "--other-code",
        action="store_true",
        help="also runs of another training code, backend or device",
    )
    pruning.add_argument("--unplanned", action="store_true", help="also what params.yaml does not ask for")
    pruning.add_argument("--dry-run", action="store_true", help="say what would go, move nothing")
    pruning.set_defaults(do=_prune)
    restoring = doing.add_parser("restore", help="bring back what prune has taken out")
    restoring.set_defaults(do=_restore)
    emptying = doing.add_parser("empty", help="delete what prune has taken out")
    emptying.add_argument("--yes", action="store_true", help="do not ask")
    emptying.set_defaults(do=_empty)


def _list(arguments: argparse.Namespace) -> None:  # noqa: ARG001
    chosen = params.load(paths.PARAMS)
    try:
        planned = stored.planned_keys(chosen)
    except (StudyError, OSError) as error:
        planned = None
        say(f"What is planned is not known: {error}")
    print_table("The run store", "planned: what params.yaml asks for", stored.listing(stored.kept(planned)))
    removed = stored.removed()
    if removed:
        say(f"Taken out, to be restored or deleted: {_size(removed)}")


def _check(arguments: argparse.Namespace) -> None:  # noqa: ARG001
    found = stored.kept(None)
    faulty = [one for one in found if one.entry.inputs is None]
    for one in faulty:
        received = "a damaged file" if one.state == stored.DAMAGED else one.why
        say(f"{one.entry.path}: expected a run that agrees with its hashes, received {received}")
    say(f"{len(found) - len(faulty)} of {counted(len(found), 'run')} are whole")
    if faulty:
        sys.exit(1)


def _prune(arguments: argparse.Namespace) -> None:
    planned = stored.planned_keys(params.load(paths.PARAMS)) if arguments.unplanned else None
    found = stored.kept(planned)
    going = {stored.DAMAGED}
    going |= {stored.OTHER_CODE} if arguments.other_code else set()
    going |= {stored.UNPLANNED} if arguments.unplanned else set()
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for one in found:
        if one.state in going:
            groups[one.state, one.why].append(one.entry)
    for (state, why), entries in sorted(groups.items()):
        say(f"{state}: {_size(entries)}: {why}")
    entries = [entry for group in groups.values() for entry in group]
    if arguments.dry_run or not entries:
        say(f"{len(entries)} of {counted(len(found), 'run')} would go" if entries else "Nothing is taken out")
        return
    folder = stored.remove(entries)
    say(
        f"{len(entries)} of {counted(len(found), 'run')} are now in {folder}; study store restore "
        "brings them back, study store empty deletes them"
    )


def _restore(arguments: argparse.Namespace) -> None:  # noqa: ARG001
    removed = stored.removed()
    back, all_removed = stored.restore(removed), counted(len(removed), "run")
    say(f"{back} of {all_removed} are back; the others are damaged or there again")


def _empty(arguments: argparse.Namespace) -> None:
    removed = stored.removed()
    if not removed:
        say("Nothing was taken out")
        return
    say(f"To be deleted for good: {_size(removed)}")
    if not arguments.yes and not _is_wanted():
        say("Nothing is deleted")
        return
    shutil.rmtree(paths.removed())


def _is_wanted() -> bool:
    if not sys.stdin.isatty():
        raise CommandError("empty: expected --yes or a terminal to ask at, received neither")
    return input("Delete them? [y/N] ").strip().lower() in ("y", "yes")


def _size(entries: Iterable[Entry]) -> str:
    entries = list(entries)
    size, seconds = sum(entry.n_bytes for entry in entries) / 1e6, sum(entry.seconds for entry in entries)
    return f"{counted(len(entries), 'run')}, {size:.1f} MB, {duration(seconds)} of training"
