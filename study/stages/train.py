"""Explore: every setting of one backbone on every replicate."""

from study import design, params
from study.stages import paths
from study.stages.entry import named_backbone, run
from study.stages.recorded import Bench, replicate


def main() -> None:
    """Train what the run store lacks of the explore phase of the backbone named on the command line."""
    chosen = params.load(paths.PARAMS)
    bench = Bench.read(chosen, named_backbone(chosen.backbones))
    replicate(bench, design.explore_runs(bench.params, bench.design, bench.backbone), "explore")


if __name__ == "__main__":
    run(main)
