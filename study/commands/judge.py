"""``study judge``: the same report from anybody's results."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.commands.command import Commands, add_command
from study.errors import StudyError, counted
from study.files import write_text
from study.pipeline import paths
from study.pipeline.console import say

if TYPE_CHECKING:
    from study.report.judged import Judgement

_JUDGEMENT = "judgement.json"
_SAID = 20
"""Sentences on the terminal; the report has all."""


class OutputError(StudyError):
    """A folder that holds something else."""


def add(commands: Commands) -> None:
    """Add the command and its options."""
    judging = add_command(
        commands,
        "judge",
        text="compare methods over seeds from anybody's results",
        examples={
            "study judge results.csv --margin 0.005": "a row for each run: method, seed, metric",
            "study judge mlruns --metric test_acc --reference baseline": "each method with one",
            "study judge results.csv --method lr batch_size": "a method is a pair of settings",
            "study judge results.csv --claims claims.yaml": "what was claimed of them, judged",
        },
    )
    judging.add_argument(
        "results", metavar="RESULTS", type=Path, help="CSV, TSV, JSON Lines or Parquet file, or folder"
    )
    judging.add_argument("--method", nargs="+", default=[], metavar="COLUMN", help="methods, or factors")
    for name, what in (("seed", "seeds"), ("dataset", "data sets"), ("metric", "metric")):
        judging.add_argument(f"--{name}", default="", metavar="COLUMN", help=f"the {what}")
    judging.add_argument("--reference", default="", metavar="METHOD", help="compare the others with this one")
    judging.add_argument(
        "--margin",
        type=_number,
        default=0.0,
        help="differences below it do not matter, in the metric's unit",
    )
    better = judging.add_mutually_exclusive_group()
    better.add_argument("--lower-is-better", action="store_true", default=None)
    better.add_argument("--higher-is-better", action="store_false", dest="lower_is_better")
    judging.add_argument("--alpha", type=_number, default=0.05, help="level of all tests together")
    judging.add_argument("--claims", type=Path, metavar="FILE", help="a YAML file of claims on the results")
    judging.add_argument("--strict", action="store_true", help="exit with 3 unless every claim is supported")
    judging.add_argument("--out", type=Path, help="folder of the report; default: RESULTS-report here")
    judging.set_defaults(do=_judge)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, received {text}") from None


def _judge(arguments: argparse.Namespace) -> None:
    from study.notebook import judge
    from study.results_file import UnclearColumnError

    results: Path = arguments.results
    out: Path = arguments.out or Path(f"{results.resolve().stem}-report")
    if out.exists() and not (out / _JUDGEMENT).exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise OutputError(
            f"{out}: expected a new folder or an earlier report, received other files; name --out"
        )
    try:
        found = judge(
            results,
            method=tuple(arguments.method),
            seed=arguments.seed,
            dataset=arguments.dataset,
            metric=arguments.metric,
            reference=arguments.reference,
            margin=arguments.margin,
            lower_is_better=arguments.lower_is_better,
            alpha=arguments.alpha,
            claims=arguments.claims,
        )
    except UnclearColumnError as question:
        say(str(question))
        sys.exit(2)
    say(found.columns)
    for mark in found.marks:
        say(f"Note: {mark}")
    for claim in found.claims:
        say(claim)
    for sentence in found.sentences[:_SAID]:
        say(sentence)
    if len(found.sentences) > _SAID:
        say(f"... and {len(found.sentences) - _SAID:,} more in the report")
    write(found, out)
    say(f"{out / 'report.html'} and {out / 'report.tex'} written")
    if arguments.strict and found.claims:
        verdicts = found.tables["claims"]["verdict"]
        failed = int((verdicts != "supported").sum())
        if failed:
            say(f"{failed} of {counted(len(verdicts), 'claim')} not supported")
            sys.exit(3)


def write(found: Judgement, out: Path) -> None:
    """Write the report, tables/*.csv and judgement.json under ``out``."""
    from study.report.build import draw
    from study.report.build import write as write_report
    from study.tables.methods import ASKED, JUDGED_CLAIMS, TABLES

    tables = (*TABLES, JUDGED_CLAIMS, ASKED) if found.claims else TABLES
    out.mkdir(parents=True, exist_ok=True)
    write_text(
        out / _JUDGEMENT,
        json.dumps(
            {
                "columns": found.columns,
                "marks": found.marks,
                "sentences": found.sentences,
                "next_runs": found.next_runs,
                "compared": _rows(found, "compared"),
                **({name: _rows(found, name) for name in ("claims", "asked")} if found.claims else {}),
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n",
    )
    (out / "tables").mkdir(exist_ok=True)
    for table in tables:
        table.write_csv(found.tables[table.name], out / "tables" / f"{table.name}.csv")
    write_report(found.report, draw(found.report.pictures), templates=paths.templates(), out=out)


def _rows(found: Judgement, name: str) -> list[dict[str, Any]]:
    """A table for JSON, which has no infinite number: it is null, as one that is missing."""
    rows: list[dict[str, Any]] = json.loads(found.tables[name].to_json(orient="records", double_precision=15))
    return rows
