"""The command line: python -m study COMMAND."""

import argparse
import sys
from pathlib import Path
from typing import Any, NoReturn

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from study import params
from study.stages import execution, pace, paper, plan, predict, store, verify
from study.stages.entry import run, say
from study.stages.paths import PARAMS


class _Parser(argparse.ArgumentParser):
    """Tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: expected what --help shows, received a mistake ({message})\n")


def main() -> None:
    """Read the command line and do what it asks."""
    parser = _Parser(prog="python -m study", description="The replicated study.")
    commands = parser.add_subparsers(dest="command", required=True)
    planning = commands.add_parser("plan", help="the runs and what they cost, before anything runs")
    planning.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="as dvc exp run -S, for the plan alone",
    )
    planning.add_argument("--no-time", action="store_true", help="count only; measure nothing")
    verifying = commands.add_parser("verify", help="train recorded runs again and compare every number")
    amount = verifying.add_mutually_exclusive_group()
    amount.add_argument("--runs", type=_count, help="how many runs, drawn at random; default: verify_runs")
    amount.add_argument("--all", action="store_true", help="every recorded run")
    storing = commands.add_parser("store", help="the run store: what is in it, is it whole, what can go")
    doing = storing.add_subparsers(dest="action")
    doing.add_parser("list", help="how many runs of which state, and their size (the default)")
    doing.add_parser(
        "check", help="read every entry and hold it to its hashes; exit code 1 if one is damaged"
    )
    pruning = doing.add_parser("prune", help="delete what no run can ask for: damaged, or of other code")
    pruning.add_argument("--unplanned", action="store_true", help="also what params.yaml does not ask for")
    pruning.add_argument("--dry-run", action="store_true", help="say what would go, delete nothing")
    predicting = commands.add_parser("predict", help="what the best model of the study says of images")
    predicting.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="image files")
    predicting.add_argument("--model", help="a backbone's name or ensemble; default: the ensemble")
    papering = commands.add_parser("paper", help="the report's LaTeX, figures and tables as one archive")
    papering.add_argument("--out", type=Path, default=Path("study.tar.gz"), help="default: study.tar.gz")
    arguments = parser.parse_args()
    if arguments.command == "plan":
        run(lambda: _plan(arguments.set, timed=not arguments.no_time))
    elif arguments.command == "store":
        run(lambda: _store(arguments))
    elif arguments.command == "predict":
        run(lambda: _predict(arguments.images, arguments.model))
    elif arguments.command == "paper":
        run(lambda: _paper(arguments.out))
    else:
        run(lambda: _verify(arguments.runs, every=arguments.all))


def _plan(changes: list[str], *, timed: bool) -> None:
    chosen = params.load(PARAMS, changes=changes)
    sizes = sorted({chosen.batch_size, *chosen.sweep.batch_size})

    def measured(backbone: str) -> pace.Pace:
        say(f"{backbone}: measuring this machine for some seconds")
        return pace.measure(backbone, image_size=chosen.image_size, batch_sizes=sizes, seed=chosen.study_seed)

    made = plan.plan(chosen, measured if timed else None)
    rows = [
        {
            "backbone": cost.backbone,
            "phase": cost.phase,
            "runs": cost.runs,
            "steps": cost.steps,
            "images": cost.images,
            "time": _duration(cost.seconds),
        }
        for cost in made.costs
    ]
    seconds = [cost.seconds for cost in made.costs if cost.seconds is not None]
    whole = {name: sum(int(str(row[name])) for row in rows) for name in ("runs", "steps", "images")}
    rows.append(
        {"backbone": "all", "phase": "", **whole, "time": _duration(sum(seconds) if seconds else None)}
    )
    _print("What the study will do", "steps: of all heads; images: through the backbone", rows)
    naive = sum(cost.naive_images for cost in made.costs)
    say(f"With keras fit for each run, {naive:,} images would go through backbones.")
    say(f"Time: of one process; {execution.workers_of(chosen.execution)}.")
    memory, mapped, disk = (n / 1e9 for n in (made.memory_bytes, made.mapped_bytes, made.disk_bytes))
    say(f"Memory: {memory:.1f} GB, and {mapped:.1f} GB of files mapped into it. Disk: {disk:.1f} GB.")
    for warning in made.warnings:
        say(f"Warning: {warning}")


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes = seconds / 60
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _paper(out: Path) -> None:
    paper.write(out)
    say(f"{out} written: unpack it anywhere and run latexmk -pdf report.tex in it")


def _verify(n_runs: int | None, *, every: bool) -> None:
    chosen = params.load(PARAMS)
    wanted = None if every else (n_runs if n_runs is not None else chosen.analysis.verify_runs)
    done = verify.verify(chosen, n_runs=wanted)
    for difference in done.elsewhere:
        say(f"not as recorded: {difference}")
    for one in done.failed:
        say(
            f"{one.run}: expected the recorded numbers, received a history up to "
            f"{one.history_difference:.3g} and scores up to {one.score_difference:.3g} apart, predictions "
            f"{'the same' if one.predictions_identical else 'not the same'}"
        )
    counted = f"{done.n_same} of {len(done.comparisons)} runs"
    if done.tolerance is None:
        say(f"{counted} gave every recorded number again")
    else:
        say(
            f"{counted} gave the recorded numbers again within {done.tolerance:.3g}, which is "
            f"{verify.TOLERANCE} times what rounding alone does; the largest difference is "
            f"{done.largest_difference:.3g}"
        )
    if done.failed:
        sys.exit(1)


def _store(arguments: argparse.Namespace) -> None:
    found = store.entries()
    if arguments.action == "check":
        damaged = [entry for entry in found if entry.inputs is None]
        for entry in damaged:
            say(f"{entry.path}: expected a run that agrees with its hashes, received a damaged file")
        say(f"{len(found) - len(damaged)} of {len(found)} runs are whole")
        if damaged:
            sys.exit(1)
        return
    planned = store.planned_keys(params.load(PARAMS))
    if arguments.action == "prune":
        going = store.prunable(found, planned, unplanned=arguments.unplanned)
        size = sum(entry.n_bytes for entry in going) / 1e6
        if arguments.dry_run:
            say(f"{len(going)} of {len(found)} runs would go: {size:.1f} MB")
        else:
            store.remove(going)
            say(f"{len(going)} of {len(found)} runs are gone: {size:.1f} MB")
        return
    _print("The run store", "planned: what params.yaml asks for", store.listing(found, planned))


def _print(title: str, caption: str, rows: list[dict[str, Any]]) -> None:
    table = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)
    table.caption = caption
    for name in rows[0]:
        is_number = isinstance(rows[0][name], int | float) or name == "time"
        table.add_column(name, justify="right" if is_number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(value if isinstance(value, str) else f"{value:,}" for value in row.values()))
    Console().print(table)


def _predict(images: list[Path], model: str | None) -> None:
    said, bad = predict.predict(images, model=model)
    for one in said:
        likely = ", ".join(
            f"{name} {probability:.1%}"
            for name, probability in list(zip(one.classes, one.probabilities, strict=True))[:3]
        )
        against = "" if one.n_members == 1 else f"; {one.n_against} of {one.n_members} members disagree"
        Console(soft_wrap=True, highlight=False).print(f"{one.path}: {likely}{against}", markup=False)
    for line in bad:
        say(line)
    if bad:
        sys.exit(1)


def _count(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, received {text}")
    return value


if __name__ == "__main__":
    main()
