"""Explore: every setting of one backbone on every replicate."""

import sys

from study import design, params
from study.stages import paths
from study.stages.entry import run
from study.stages.recorded import Bench, replicate


def main() -> None:
    """Train what the run store lacks of the explore phase of the backbone named on the command line."""
    bench = Bench.read(params.load(paths.PARAMS), sys.argv[1])
    replicate(bench, design.explore_runs(bench.params, bench.design, bench.backbone), "explore")


if __name__ == "__main__":
    run(main)
