"""``study claims new``: a commented file of claims to begin with, from a results file."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.commands.command import Commands, add_command
from study.errors import StudyError
from study.files import write_text
from study.pipeline.console import say

if TYPE_CHECKING:
    from study.results_file import Measured

_SCHEMA = "claims.schema.json"
_START = Path(__file__).with_name("claims.yaml.j2")
_PLAIN = re.compile(r"[A-Za-z][\w./ +-]*[\w]")
_WORDS = {"y", "n", "yes", "no", "true", "false", "on", "off", "null"}


class ExistsError(StudyError):
    """A file that would be lost."""


def add(commands: Commands) -> None:
    """Add the command and its options."""
    claims = add_command(
        commands,
        "claims",
        text="begin a file of claims for study judge --claims",
        examples={
            "study claims new results.csv": "claims.yaml with its methods and all kinds of claim",
            "study claims new mlruns --metric test_acc": "the metric is named",
        },
    )
    claims.add_argument("action", choices=("new",), help="what to do")
    claims.add_argument("results", metavar="RESULTS", type=Path, help="as of study judge")
    claims.add_argument("--method", nargs="+", default=[], metavar="COLUMN", help="methods, or factors")
    for name, what in (("seed", "seeds"), ("dataset", "data sets"), ("metric", "metric")):
        claims.add_argument(f"--{name}", default="", metavar="COLUMN", help=f"the {what}")
    better = claims.add_mutually_exclusive_group()
    better.add_argument("--lower-is-better", action="store_true", default=None)
    better.add_argument("--higher-is-better", action="store_false", dest="lower_is_better")
    claims.add_argument("--out", type=Path, default=Path("claims.yaml"), help="default: claims.yaml here")
    claims.set_defaults(do=_new)


def _new(arguments: argparse.Namespace) -> None:
    from study.analysis.method_claims.loading import schema
    from study.results_file import Choice, UnclearColumnError, measure, read

    results, out = arguments.results, arguments.out
    if out.exists():
        raise ExistsError(f"{out}: expected a new file, received one that is there; name --out")
    choice = Choice(
        method=tuple(arguments.method),
        seed=arguments.seed,
        dataset=arguments.dataset,
        metric=arguments.metric,
        lower_is_better=arguments.lower_is_better,
    )
    try:
        found = measure(read(results), choice, where=str(results))
    except UnclearColumnError as question:
        say(str(question))
        sys.exit(2)
    text = _text(found, results, out)
    write_text(out.with_name(_SCHEMA), schema())
    write_text(out, text)
    say(f"{out} written, with {out.with_name(_SCHEMA)} for editors")
    say(f"next: change it, then study judge {results} --claims {out}")


def _text(found: Measured, results: Path, out: Path) -> str:
    from jinja2 import Environment, StrictUndefined

    files = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - YAML, whose texts are quoted
    )
    files.filters["quoted"] = _quoted
    return files.from_string(_START.read_text(encoding="utf-8")).render(_values(found, results, out))


def _values(found: Measured, results: Path, out: Path) -> dict[str, Any]:
    columns, table = found.columns, found.table
    runs = table.groupby("method", sort=False)["seed"].size()
    methods = [str(name) for name in runs.index]
    several = len(columns.method) > 1
    levels = sorted(set(found.factors[columns.method[0]]), key=_order) if several else methods
    known = table["value"].dropna()
    sds = table.groupby(["dataset", "method"])["value"].std().dropna()
    step = float(f"{max(float(sds.median()), 1e-9):.0e}")
    names = ", ".join(map(_quoted, columns.method))
    return {
        "schema": _SCHEMA,
        "results": results.name,
        "file": out.name,
        "columns": columns.sentence,
        "is_share": bool(known.between(0, 1).all()),
        "lower_is_better": columns.lower_is_better,
        "metric": columns.metric,
        "methods": [(_one_line(name), int(n)) for name, n in zip(methods, runs, strict=True)],
        "datasets": list(dict.fromkeys(table["dataset"])),
        "method": f"[{names}]" if several else names,
        "seed": _quoted(columns.seed),
        "dataset": _quoted(columns.dataset) if columns.dataset else "",
        "margin": f"{step:.12f}".rstrip("0").rstrip("."),
        "value": f"{float(known.median()):.4g}",
        "first": methods[0],
        "second": methods[1],
        "factors": list(map(_quoted, columns.method)) if several else [],
        "levels": levels[:3],
        "quoted": _quoted,
        "plain": lambda name: _one_line(name).replace("\\", "\\\\").replace('"', '\\"'),
    }


def _order(level: str) -> tuple[float, str]:
    try:
        return float(level), level
    except ValueError:
        return float("inf"), level


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    """A text as YAML has it."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    escaped = _one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
