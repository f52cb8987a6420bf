"""Obtain the weights of one backbone, checked against their published hash."""

import sys

from study import params
from study.backbones import weights
from study.stages import files, paths
from study.stages.entry import run, say


def main() -> None:
    """Write data/weights/BACKBONE for the backbone named on the command line."""
    chosen = params.load(paths.PARAMS)
    backbone = sys.argv[1]
    say(f"{backbone}: weights {chosen.weights}")
    with files.new_folder(paths.WEIGHTS / backbone) as folder:
        weights.obtain(backbone, chosen.weights, folder=folder, seed=chosen.study_seed)


if __name__ == "__main__":
    run(main)
