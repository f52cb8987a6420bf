"""What no file can show: that the recorded runs were trained."""

from __future__ import annotations

from typing import Any

from study import files
from study.audit.verdict import Verdict, Verdicts
from study.errors import counted
from study.params import Params
from study.pipeline import artifacts, paths, results

SAMPLE = 30
"""Runs of the smaller check: where 1 run in 10 was made up, they find it with 96 %."""


def check(chosen: Params) -> Verdicts:
    """What training again costs, by the seconds that were recorded."""
    verified = artifacts.read(paths.VERIFICATION_JSON, artifacts.VerificationFile).verification[0]
    seconds, machines = _recorded(chosen)
    n_runs = len(seconds)
    sample = min(SAMPLE, n_runs)
    costs = ""
    if n_runs:
        whole = sum(seconds)
        costs = (
            f" ({_words(whole * sample / n_runs)} of training), study verify --all: {counted(n_runs, 'run')} "
            f"({_words(whole)}), as recorded on {' and '.join(machines)}"
        )
    yield Verdict(
        "training",
        "not checked",
        "that the recorded runs were trained, and not made up with every hash: only training again finds it, "
        f"with the extra train and data/: study verify --runs {sample}{costs}. It says that it trained "
        f"{verified.get('n_verified', 0)} again and {verified.get('n_same', 0)} came out the same",
    )


def _recorded(chosen: Params) -> tuple[list[float], list[str]]:
    """Seconds of each run, and the processors that they were measured on."""
    seconds: list[float] = []
    machines: dict[str, None] = {}
    for phase in results.RECORDED:
        for backbone in chosen.backbones:
            path = paths.TIMINGS / phase / f"{backbone}.json"
            if not path.exists():
                continue
            found: dict[str, Any] = files.read_json(path)
            for of_runs in found.get("seconds", []):
                seconds += [float(one) for one in of_runs.values()]
            machines |= {
                f"{one.get('cpu')} with {one.get('cores')} cores": None for one in found.get("hardware", [])
            }
    return seconds, list(machines)


def _words(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
