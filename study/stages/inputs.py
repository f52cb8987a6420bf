"""Check every parameter, and hash what lies outside the pipeline, before any stage removes results."""

from study import params
from study.backbones.catalogue import names
from study.data import native
from study.pipeline import outside, paths
from study.pipeline.console import run


def main() -> None:
    """Write reports/inputs/dataset.json and reports/inputs/weights.json; DVC runs this each time."""
    chosen = params.load(paths.PARAMS)
    backbones = names.checked(chosen.backbones, image_size=native.pixels(chosen.dataset, chosen.image_size))
    outside.record_dataset(chosen)
    outside.record_weights(chosen, backbones)


if __name__ == "__main__":
    run(main)
