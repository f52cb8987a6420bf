"""``study plan``: the runs and what they will cost, before anything runs."""

from __future__ import annotations

import argparse
import math
from contextlib import suppress
from dataclasses import fields

from study import files, params
from study.analysis.planning import needs
from study.analysis.planning.looks import saved
from study.analysis.planning.pilot import Pilot
from study.backbones.outputs import Outputs
from study.commands.command import Commands, add_command, count, duration, print_table
from study.executors.local import workers_of
from study.params import Params
from study.pipeline import paths, results
from study.pipeline.console import CommandError, say
from study.runs import cost_model
from study.runs.pilot import n_test_images, pilots, replayed

SHARES = {0.5: "half", 0.9: "90 %"}
"""Quantile of the variances of a family, and the share of its comparisons that vary no more."""
_UNLIMITED = 10**9


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
            "study plan --looks 3,5,8,10": "what looks would have saved, replayed on the recorded study",
            "study plan --detect 0.5": "what finds 0.5 points, from the recorded study",
            "study plan --detect 0.5 --sd-seeds 1.2 --sd-images 9": "the same, from stated SDs",
        },
    )
    planning.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="as dvc exp run -S, for the plan alone",
    )
    planning.add_argument(
        "--looks",
        metavar="N,N,...",
        help="what analysis.looks would have saved of the recorded study, and which verdicts it would change",
    )
    planning.add_argument("--no-time", action="store_true", help="count only; measure nothing")
    needed = planning.add_argument_group(
        "what a difference needs",
        "nothing is counted or measured; SDs are of a difference between two settings",
    )
    needed.add_argument(
        "--detect",
        type=points,
        metavar="POINTS",
        help="replicates and test images that find so many points of accuracy with the power of params.yaml "
        "after correction",
    )
    needed.add_argument(
        "--sd-seeds", type=points, metavar="POINTS", help="SD over replicates, on infinitely many images"
    )
    needed.add_argument(
        "--sd-images",
        type=points,
        metavar="POINTS",
        help="SD over images of the mean over infinitely many runs",
    )
    needed.add_argument(
        "--sd-interaction",
        type=points,
        metavar="POINTS",
        help="SD of what an image does from replicate to replicate; default 0",
    )
    needed.add_argument("--family", type=count, metavar="K", help="comparisons corrected together; default 1")
    needed.add_argument("--images", type=count, metavar="M", help="test images; default as recorded")
    planning.set_defaults(do=_plan)


def _plan(arguments: argparse.Namespace) -> None:
    if arguments.detect is not None or arguments.looks is not None:
        if arguments.detect is not None and arguments.looks is not None:
            raise CommandError("expected --detect or --looks, received both")
        (_detect if arguments.looks is None else _looks)(arguments)
        return
    for name in ("sd_seeds", "sd_images", "sd_interaction", "family", "images"):
        if getattr(arguments, name) is not None:
            option = name.replace("_", "-")
            raise CommandError(f"--{option}: expected --detect POINTS beside it, received none")
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
    if chosen.analysis.looks:
        say("explore: at most; analysis.looks stops a setting once its verdict is settled.")
    naive = sum(cost.naive_images for cost in result.costs)
    say(f"With keras fit for each run, {naive:,} images would go through backbones.")
    say(f"Time: of one process; {workers_of(chosen.execution)}.")
    memory, mapped, disk = (n / 1e9 for n in (result.memory_bytes, result.mapped_bytes, result.disk_bytes))
    say(f"Memory: {memory:.1f} GB, and {mapped:.1f} GB of files mapped into it. Disk: {disk:.1f} GB.")
    for warning in (*result.warnings, *_constant_features(chosen)):
        say(f"Warning: {warning}")


def _detect(arguments: argparse.Namespace) -> None:
    """Print what finds the difference, for each family of the pilot."""
    chosen = params.load(paths.PARAMS, changes=arguments.set)
    rules, difference = chosen.rules, arguments.detect
    found, source = _stated(arguments) or pilots(chosen)
    m = arguments.images or n_test_images()
    rows = []
    for one in found:
        for share, words in SHARES.items() if len(one.spreads) > 1 else {0.5: "all"}.items():
            spread, tests = one.typical(share), {"alpha": rules.alpha / one.family, "power": rules.power}
            least = needs.least_images(spread, difference, **tests)
            rows.append(
                {
                    "comparisons": one.name,
                    "family": one.family,
                    "share": words,
                    "least n": _number(needs.replicates_needed(spread, difference, _UNLIMITED, **tests)),
                    "least m": _number(least),
                    f"n at {m:,}": _number(needs.replicates_needed(spread, difference, m, **tests)),
                    "n at 2m": _number(needs.replicates_needed(spread, difference, 2 * least, **tests)),
                }
            )
    print_table(
        f"What finds a difference of {100 * difference:g} points",
        "n: replicates; m: test images; least: the other without limit",
        rows,
    )
    say(
        f"Found: the verdict different, with power {rules.power:g}, at level {rules.alpha:g} over the family."
    )
    say(f"n at {m:,}: on so many images, none: too few of them; n at 2m: on twice the least m.")
    say(f"share: of a family's comparisons. Variances: {source}.")


_OF_LOOK = {
    "look": "n",
    "runs": "runs",
    "n_open": "on",
    "n_different": "diff.",
    "n_trivial": "triv.",
    "n_equivalent": "equiv.",
    "n_unreachable": "out",
}


def _looks(arguments: argparse.Namespace) -> None:
    """Print the path that the recorded study would have taken."""
    asked = f"analysis.looks=[{arguments.looks}]"
    chosen = params.load(paths.PARAMS, changes=[*arguments.set, asked])
    found = replayed(params.load(paths.PARAMS, changes=arguments.set), chosen.rules)
    rows = [
        {"backbone": model, **{_OF_LOOK[name]: value for name, value in look.row().items()}}
        for model, one in found.items()
        for look in one.path.looks
    ]
    caption = "n: replicates; runs so far; settings that go on, have a verdict, or are out of reach"
    print_table("The recorded study, look by look", caption, rows)
    changed = [
        f"{model}, {setting}: {before}, with looks {after}"
        for model, one in found.items()
        for setting, (before, after) in one.verdicts.items()
        if before != after
    ]
    n = sum(len(one.verdicts) for one in found.values())
    share = saved([one.path for one in found.values()], chosen.seeds)
    say(f"{100 * share:.0f} % fewer runs, {n - len(changed)} of {n} verdicts unchanged")
    for line in changed:
        say(line)


def _stated(arguments: argparse.Namespace) -> tuple[list[Pilot], str] | None:
    """The one family that the options describe; None where they describe none."""
    named = {name: getattr(arguments, name) for name in ("sd_seeds", "sd_images", "sd_interaction")}
    if all(value is None for value in named.values()):
        if arguments.family is not None:
            raise CommandError("--family: expected --sd-seeds and --sd-images beside it, received none")
        return None
    for name in ("sd_seeds", "sd_images"):
        if named[name] is None:
            raise CommandError(
                f"--{name.replace('_', '-')}: expected points beside the other SDs, received none"
            )
    spread = needs.Spread(*((value or 0.0) ** 2 for value in named.values()))
    return [Pilot("as stated", arguments.family or 1, (spread,))], "as stated"


def points(text: str) -> float:
    """Points of accuracy as a fraction, for an option.

    Raises
    ------
    argparse.ArgumentTypeError
        It is no number above 0 and at most 100.
    """
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"expected points above 0 and at most 100, received {text}")
    return value / 100


def _number(value: float) -> str:
    return "none" if math.isinf(value) else f"{value:,.0f}"


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
