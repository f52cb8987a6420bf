"""Confirm: the selected setting of one backbone on fresh replicates, with probabilities kept."""

import sys

from study import design, params
from study.stages import paths, results
from study.stages.entry import run
from study.stages.execution import executor
from study.stages.recorded import replicate


def main() -> None:
    """Train what the run store lacks of the confirm phase of the backbone named on the command line."""
    chosen = params.load(paths.PARAMS)
    with executor(chosen.execution) as where:
        bench = where.bench(chosen, sys.argv[1], probabilities=True)
        table = design.confirm_runs(bench.params, bench.backbone, results.selected()[bench.backbone])
        replicate(bench, table, "confirm")


if __name__ == "__main__":
    run(main)
