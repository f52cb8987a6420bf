"""``study compare``: which results of two studies agree, differ, or cannot be told apart."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from study.commands.command import Commands, add_command
from study.errors import StudyError
from study.pipeline import paths
from study.pipeline.console import say

if TYPE_CHECKING:
    from study.report.studies import Studies

_TABLES = "tables"
_PAGE = "report.html"


class CompareError(StudyError):
    """Something that cannot be compared."""


def add(commands: Commands) -> None:
    """Add the command and its options."""
    comparing = add_command(
        commands,
        "compare",
        text="compare two finished studies, such as a replication and its original",
        examples={
            "study compare . ../replication": "two clones: what agrees, differs, or cannot be told apart",
            "study compare first.zip second.zip --out both": "two archives; a report and its tables as CSV",
            "study compare . ../other --margin 0.01": "agree: within 1 point of accuracy",
        },
    )
    comparing.add_argument("first", metavar="A", type=Path, help="archive, clone or reports/ of a study")
    comparing.add_argument("second", metavar="B", type=Path, help="of the other one")
    comparing.add_argument(
        "--margin", type=_fraction, help="two accuracies within it agree; default: that of A, else 0.005"
    )
    comparing.add_argument("--alpha", type=_fraction, default=0.05, help="level of each family of tests")
    comparing.add_argument("--out", type=Path, help="new folder for report.html, report.tex and tables/*.csv")
    comparing.set_defaults(do=_compare)


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"expected a number between 0 and 1, received {text}")
    return value


def _compare(arguments: argparse.Namespace) -> None:
    from dataclasses import replace

    from study.analysis import studies
    from study.pipeline import finished
    from study.pipeline.opened import opened
    from study.report.judged import RULES
    from study.report.studies import Studies, counts, sentences

    out: Path | None = arguments.out
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CompareError(f"--out: expected a new or empty folder, received {out}, which holds something")
    given: tuple[Path, Path] = (arguments.first, arguments.second)
    with opened(given[0]) as one, opened(given[1]) as other:
        first, second = finished.read(one), finished.read(other)
        margin = arguments.margin or finished.margin(one)
    rules = replace(RULES, alpha=arguments.alpha, margin=margin)
    names = [path.resolve().name.removesuffix(".zip") or "study" for path in given]
    if names[0] == names[1]:
        names = ["A", "B"]
    inputs = Studies(studies.tables(first, second, rules=rules), rules, *names)
    for line in (*_origins(inputs), *counts(inputs), *sentences(inputs)):
        print(line)  # noqa: T201 - what the command is asked for
    if out is not None:
        write(inputs, out)
        say(f"{out / _PAGE} and {out / 'report.tex'} written")


def _origins(inputs: Studies) -> list[str]:
    from study.tables.studies import ORIGINS

    rows = inputs.tables[ORIGINS.name].to_dict("records")
    same = [str(row["what"]) for row in rows if row["same"] == "yes"]
    return [
        f"A is {inputs.first}, B is {inputs.second}.",
        f"The same: {', '.join(same) or 'nothing'}.",
        *(
            f"Not the same: {row['what']}: {row['first']}, {row['second']}."
            for row in rows
            if row["same"] == "no"
        ),
        *(f"Unknown: {row['what']}." for row in rows if row["same"] == "unknown"),
    ]


def write(inputs: Studies, out: Path) -> None:
    """Write the report and tables/*.csv under ``out``."""
    from study.report.build import draw
    from study.report.build import write as write_report
    from study.report.studies import report
    from study.tables.studies import TABLES

    made = report(inputs)
    (out / _TABLES).mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        table.write_csv(inputs.tables[table.name], out / _TABLES / f"{table.name}.csv")
    write_report(made, draw(made.pictures), templates=paths.templates(), out=out)
