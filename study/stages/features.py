"""Push every unaugmented image through one backbone, once; features are kept in half precision."""

from dataclasses import asdict

import numpy as np

from study import files, params
from study.backbones.forward.folder import read_row
from study.backbones.outputs import Outputs, outputs
from study.data import dataset
from study.executors.local import executor
from study.pipeline import paths
from study.pipeline.console import named_backbone, run, say


def main() -> None:
    """Write data/features/BACKBONE and reports/features/BACKBONE.json for the backbone that is named."""
    chosen = params.load(paths.PARAMS)
    backbone = named_backbone(chosen.backbones)
    data = dataset.load(paths.DATASET)
    chosen = chosen.sized(data.images["train"].shape[1:])
    n_features = read_row(paths.WEIGHTS / backbone).n_features
    with executor(chosen.execution) as where, files.summed_folder(paths.FEATURES / backbone) as folder:
        features = {
            split: np.lib.format.open_memmap(
                folder / f"{split}.npy", mode="w+", dtype=np.float16, shape=(len(images), n_features)
            )
            for split, images in data.images.items()
        }
        where.extract(chosen, backbone, data, features)
        for written in features.values():
            written.flush()
        counted = outputs(list(features.values()))
    record(backbone, counted)
    if counted.warning:
        say(f"{backbone}: {counted.warning}")


def record(backbone: str, counted: Outputs) -> None:
    """Write the row of table ``features`` of one backbone."""
    row = {"model": backbone, **asdict(counted)}
    files.write_json(paths.FEATURES_JSON / f"{backbone}.json", {"features": [row]})


if __name__ == "__main__":
    run(main)
