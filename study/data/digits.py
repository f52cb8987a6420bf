"""The built-in data: scikit-learn's handwritten digits as small colour images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from study.data.dataset import Dataset
from study.data.native import KNOWN
from study.data.split import stratified_thirds
from study.tables.definitions import ORIGINS, SPLITS

SPLIT_SEED = 1797
"""The split is part of the data, so its seed is fixed; it is the number of images."""

_BRIGHTEST = 16


def digits(*, seed: int) -> Dataset:
    """The 1,797 digits (8x8, 0..16) as 48x48 RGB in 0..255, enlarged bicubically, all channels equal.

    Three splits of 599 images. Counts of a class in two splits differ by at most one.

    Parameters
    ----------
    seed
        Of the split; ``SPLIT_SEED`` gives the study's own.
    """
    bunch = load_digits()
    images = np.stack([_enlarged(image) for image in bunch.images])
    labels = bunch.target.astype(np.uint8)
    rows = stratified_thirds(labels, seed=seed)
    unknown = ORIGINS.index("unknown")
    return Dataset(
        name="digits",
        source="scikit-learn, load_digits",
        classes=tuple(str(name) for name in bunch.target_names),
        images={split: images[rows[split]] for split in SPLITS},
        labels={split: labels[rows[split]] for split in SPLITS},
        origins={split: np.full(len(rows[split]), unknown, np.uint8) for split in SPLITS},
    )


def _enlarged(image: NDArray[np.float64]) -> NDArray[np.uint8]:
    grey = Image.fromarray(np.rint(image * (255 / _BRIGHTEST)).astype(np.uint8))
    return np.asarray(grey.resize(KNOWN["digits"], Image.Resampling.BICUBIC).convert("RGB"))
