"""Where the variance comes from: one source of randomness of one backbone varies at a time."""

from study import design, params
from study.executors.local import executor
from study.pipeline import paths
from study.pipeline.console import named_backbone, run
from study.runs.phase import run_phase


def main() -> None:
    """Train what the run store lacks of the variance runs of the backbone named on the command line."""
    chosen = params.load(paths.PARAMS)
    with executor(chosen.execution) as where:
        bench = where.bench(chosen, named_backbone(chosen.backbones))
        table, _ = design.variance_runs(bench.params, bench.design, bench.backbone)
        run_phase(bench, table, design.VARIANCE)


if __name__ == "__main__":
    run(main)
