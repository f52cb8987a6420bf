"""Confirm: the selected setting of one backbone on fresh replicates, with probabilities kept."""

from study import design, params
from study.stages import paths, results
from study.stages.entry import named_backbone, run
from study.stages.recorded import Bench, replicate


def main() -> None:
    """Train what the run store lacks of the confirm phase of the backbone named on the command line."""
    chosen = params.load(paths.PARAMS)
    bench = Bench.read(chosen, named_backbone(chosen.backbones))
    table = design.confirm_runs(bench.params, bench.backbone, results.selected(bench.params)[bench.backbone])
    replicate(bench, table, "confirm")


if __name__ == "__main__":
    run(main)
