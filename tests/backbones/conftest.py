from pathlib import Path

import numpy as np
import pytest

from study.backbones.catalogue.obtain import obtain


@pytest.fixture(scope="session")
def lite_folder(tmp_path_factory):
    """Folder with the published weights of a variant of EfficientNet-Lite."""
    root = tmp_path_factory.mktemp("weights")
    folders: dict[str, Path] = {}

    def get(variant):
        if variant not in folders:
            folders[variant] = obtain(variant, "imagenet", folder=root / variant, seed=0).parent
        return folders[variant]

    return get


@pytest.fixture(scope="session")
def images():
    """(150, 32, 32, 3): noise over smooth gradients, so that neighbouring pixels are alike."""
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 255, (150, 2, 2, 3))
    along = np.linspace(0, 1, 32)
    weights = np.stack([1 - along, along])
    smooth = np.einsum("nabc,ah,bw->nhwc", corners, weights, weights)
    return np.clip(smooth + rng.normal(0, 20, smooth.shape), 0, 255).astype(np.uint8)
