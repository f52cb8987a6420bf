"""The explore phase of one backbone that is looked at while it runs."""

from __future__ import annotations

from study import design, files
from study.analysis.planning.looks import Path, follow
from study.analysis.statistics.crossed import BoolMatrix
from study.errors import counted
from study.pipeline import paths
from study.pipeline.console import say
from study.runs.phase import Bench, run_phase


def explore(bench: Bench) -> None:
    """Train look by look, and after each look only the settings whose verdict is not settled.

    Verdicts are on test accuracy, over new seeds and new images. What stands in the run store is not trained
    again, so that an interrupted phase goes on where it was.
    """
    rules = bench.params.rules
    replicates = dict.fromkeys(bench.design.by_name, rules.looks[0])
    while True:
        table = design.explore_runs(bench.params, bench.design, bench.backbone, replicates=replicates)
        run_phase(bench, table, "explore")
        path = follow(_correct(bench, replicates), design.REFERENCE, rules=rules)
        _tell(bench.backbone, path)
        if path.replicates == replicates:
            return
        replicates = path.replicates


def _correct(bench: Bench, replicates: dict[str, int]) -> dict[str, BoolMatrix]:
    """Setting to the correctness of its runs on the test split, as the phase wrote them."""
    classes = files.read_array(paths.RUNS / "explore" / bench.backbone / "test_class.npy")
    right = classes == bench.dataset.labels["test"]
    found, start = {}, 0
    for name in bench.design.settings["setting"]:
        found[str(name)] = right[start : start + replicates[name]]
        start += replicates[name]
    return found


def _tell(backbone: str, path: Path) -> None:
    row = path.looks[-1].row()
    settled = row["n_different"] + row["n_trivial"] + row["n_equivalent"]
    say(
        f"{backbone}, {counted(row['look'], 'replicate')}: {settled} verdicts settled, "
        f"{row['n_unreachable']} out of reach, {row['n_open']} open; {counted(row['runs'], 'run')} so far"
    )
