"""Explore: every setting of one backbone on every replicate."""

from study import design, params
from study.stages import paths
from study.stages.entry import named_backbone, run
from study.stages.execution import executor
from study.stages.recorded import replicate


def main() -> None:
    """Train what the run store lacks of the explore phase of the backbone named on the command line."""
    chosen = params.load(paths.PARAMS)
    with executor(chosen.execution) as where:
        bench = where.bench(chosen, named_backbone(chosen.backbones), probabilities=False)
        replicate(bench, design.explore_runs(bench.params, bench.design, bench.backbone), "explore")


if __name__ == "__main__":
    run(main)
