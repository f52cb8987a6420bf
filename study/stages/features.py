"""Push every unaugmented image through one backbone, once; features are kept in half precision."""

import sys

import numpy as np

from study import params
from study.data import dataset
from study.stages import files, paths
from study.stages.entry import progress, run


def main() -> None:
    """Write data/features/BACKBONE for the backbone named on the command line."""
    from study.backbones.extract import load_extractor

    chosen = params.load(paths.PARAMS)
    backbone = sys.argv[1]
    data = dataset.load(paths.DATASET)
    with progress() as bar, files.new_folder(paths.FEATURES / backbone) as folder:
        task = bar.add_task(backbone, total=sum(len(images) for images in data.images.values()))
        extractor = load_extractor(backbone, paths.WEIGHTS / backbone, image_size=chosen.image_size)
        for split, images in data.images.items():
            features = np.lib.format.open_memmap(
                folder / f"{split}.npy",
                mode="w+",
                dtype=np.float16,
                shape=(len(images), extractor.row.n_features),
            )
            extractor(images, out=features, advance=lambda done: bar.advance(task, done))
            features.flush()


if __name__ == "__main__":
    run(main)
