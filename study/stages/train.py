"""Explore: every setting of one backbone on every replicate, or look by look."""

from study import design, params
from study.executors.local import executor
from study.pipeline import paths
from study.pipeline.console import named_backbone, run
from study.runs import looks
from study.runs.phase import run_phase


def main() -> None:
    """Train what the run store lacks of the explore phase of the backbone named on the command line."""
    chosen = params.load(paths.PARAMS)
    with executor(chosen.execution) as where:
        bench = where.bench(chosen, named_backbone(chosen.backbones))
        if bench.params.analysis.looks:
            looks.explore(bench)
        else:
            run_phase(bench, design.explore_runs(bench.params, bench.design, bench.backbone), "explore")


if __name__ == "__main__":
    run(main)
