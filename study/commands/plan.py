"""``study plan``: the runs and what they will cost, before anything runs."""

from __future__ import annotations

import argparse
from contextlib import suppress
from dataclasses import fields

from study import files, params
from study.backbones.outputs import Outputs
from study.commands.command import Commands, add_command, duration, print_table
from study.executors.local import workers_of
from study.params import Params
from study.pipeline import paths, results
from study.pipeline.console import say
from study.runs import cost_model


def add(commands: Commands) -> None:
    """Add the command and its options."""
    planning = add_command(
        commands,
        "plan",
        text="the runs and what they cost, before anything runs",
        examples={
            "study plan": "with times, from a short measurement on this machine",
            "study plan --no-time": "numbers of runs, steps and images alone",
            "study plan --set seeds=20 --set lr=0.0003": "of other parameters; params.yaml stays as it is",
        },
    )
    planning.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="as dvc exp run -S, for the plan alone",
    )
    planning.add_argument("--no-time", action="store_true", help="count only; measure nothing")
    planning.set_defaults(do=_plan)


def _plan(arguments: argparse.Namespace) -> None:
    from study.runs.planning import plan

    chosen = results.sized(params.load(paths.PARAMS, changes=arguments.set))
    sizes = sorted({int(size) for size in chosen.levels("batch_size")})

    def measured(backbone: str) -> cost_model.Pace:
        say(f"{backbone}: measuring this machine for some seconds")
        return cost_model.measure(
            backbone, image_size=chosen.pixels, batch_sizes=sizes, seed=chosen.study_seed
        )

    result = plan(chosen, None if arguments.no_time else measured)
    rows = [
        {
            "backbone": cost.backbone,
            "phase": cost.phase,
            "runs": cost.runs,
            "steps": cost.steps,
            "images": cost.images,
            "time": duration(cost.seconds),
        }
        for cost in result.costs
    ]
    seconds = [cost.seconds for cost in result.costs if cost.seconds is not None]
    whole = {name: sum(int(str(row[name])) for row in rows) for name in ("runs", "steps", "images")}
    rows.append(
        {"backbone": "all", "phase": "", **whole, "time": duration(sum(seconds) if seconds else None)}
    )
    print_table("What the study will do", "steps: of all heads; images: through the backbone", rows)
    naive = sum(cost.naive_images for cost in result.costs)
    say(f"With keras fit for each run, {naive:,} images would go through backbones.")
    say(f"Time: of one process; {workers_of(chosen.execution)}.")
    memory, mapped, disk = (n / 1e9 for n in (result.memory_bytes, result.mapped_bytes, result.disk_bytes))
    say(f"Memory: {memory:.1f} GB, and {mapped:.1f} GB of files mapped into it. Disk: {disk:.1f} GB.")
    for warning in (*result.warnings, *_constant_features(chosen)):
        say(f"Warning: {warning}")


def _constant_features(chosen: Params) -> list[str]:
    """Of backbones whose features have been extracted, those that give almost nothing."""
    found = []
    for backbone in chosen.backbones:
        with suppress(files.FileError):
            (row,) = results.features(chosen.model_copy(update={"backbones": [backbone]})).to_dict("records")
            counted = Outputs(**{field.name: row[field.name] for field in fields(Outputs)})
            if counted.warning:
                found.append(f"{backbone}, as last extracted: {counted.warning}")
    return found
