"""The command line: python -m benchmarks."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from benchmarks import (
    agreement,
    decoding,
    extraction,
    forwards,
    gpu_heads,
    gpu_study,
    halves,
    heads,
    memory,
    peak,
    pool,
    results,
    rivals,
    scaling,
    whole,
    workers,
)
from benchmarks.row import Row
from benchmarks.sides import Context
from study.pipeline.console import run, say

BENCHMARKS: dict[str, Callable[[Context], list[Row]]] = {
    "forwards": forwards.measure,
    "heads": heads.measure,
    "features": extraction.measure,
    "peak": peak.measure,
    "study": whole.measure,
    "agreement": agreement.measure,
    "scaling": scaling.measure,
    "memory": memory.measure,
    "decoding": decoding.measure,
    "float16": halves.measure,
    "pool": pool.measure,
    "gpu-heads": gpu_heads.measure,
    "gpu-study": gpu_study.measure,
    "workers": workers.measure,
    "rivals": rivals.measure,
}
LONG = ("agreement", "scaling", "memory", "pool", "workers", "rivals")
"""Left out of a quick run, unless they are named or the results are written."""


def main() -> None:
    """Measure what is asked for and print a row as soon as it is there."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="The study against plain Keras: ratios, goals, met or not."
    )
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="one benchmark; may stand again")
    parser.add_argument("--full", action="store_true", help="sizes of the study; takes hours")
    parser.add_argument("--archive", type=Path, help="images laid out like CINIC-10; default: the digits")
    parser.add_argument(
        "--write", action="store_true", help=f"write {results.PATH.name}, which holds the rows"
    )
    arguments = parser.parse_args()
    run(lambda: _measure(arguments))


def _measure(arguments: argparse.Namespace) -> None:
    printed = Console(soft_wrap=True, highlight=False)
    printed.print(_line(("benchmark", "ratio", "goal", "")), markup=False)
    rows: dict[str, list[Row]] = {}
    began = time.perf_counter()
    with Context(size="full" if arguments.full else "quick", archive=arguments.archive) as context:
        for name in arguments.only or _every(long=arguments.full or arguments.write):
            say(f"{name}: measuring")
            since = time.perf_counter()
            rows[name] = BENCHMARKS[name](context)
            say(f"{name}: {time.perf_counter() - since:.0f} s")
            for row in rows[name]:
                printed.print(_line(row.cells()), markup=False)
                say(f"  {row.note}")
    say(f"{time.perf_counter() - began:.0f} s in all")
    if arguments.write:
        results.write(rows, full=arguments.full, archive=arguments.archive)


def _every(*, long: bool) -> list[str]:
    return [name for name in BENCHMARKS if long or name not in LONG]


def _line(cells: tuple[str, str, str, str]) -> str:
    name, value, goal, verdict = cells
    return f"{name:<46}{value:>12}{goal:>10}  {verdict}".rstrip()


if __name__ == "__main__":
    main()
