"""Obtain the weights of one backbone, checked against their published hash."""

from study import params
from study.backbones.catalogue import obtain
from study.pipeline import outside, paths
from study.pipeline.console import named_backbone, run, say


def main() -> None:
    """Write data/weights/BACKBONE for the backbone named on the command line."""
    chosen = params.load(paths.PARAMS)
    backbone = named_backbone(chosen.backbones)
    say(f"{backbone}: weights {chosen.weights}")
    obtain.obtain(backbone, outside.weights(chosen), folder=paths.WEIGHTS / backbone, seed=chosen.study_seed)


if __name__ == "__main__":
    run(main)
