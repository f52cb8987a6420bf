"""Confirm: the selected setting of one backbone on fresh replicates, with probabilities kept."""

from study import design, params
from study.executors.local import executor
from study.pipeline import paths, results
from study.pipeline.console import named_backbone, run
from study.runs.phase import run_phase


def main() -> None:
    """Train what the run store lacks of the confirm phase of the backbone named on the command line."""
    chosen = params.load(paths.PARAMS)
    with executor(chosen.execution) as where:
        bench = where.bench(chosen, named_backbone(chosen.backbones))
        setting = results.selected(chosen)[bench.backbone]
        table = design.confirm_runs(chosen, bench.backbone, setting)
        run_phase(bench, table, "confirm")


if __name__ == "__main__":
    run(main)
