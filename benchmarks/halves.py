"""Features in half precision against features in single precision: do the accuracies move?"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.equivalence import Mean
from benchmarks.row import Row
from benchmarks.sides import Context
from benchmarks.small import Small, accuracies, lite, trained


def measure(context: Context) -> list[Row]:
    """One row: the larger end of the interval of the mean difference."""
    small = lite(
        context.archive,
        context.pick(smoke=(6, 2, 4), quick=(59, 20, 59), full=(59, 20, 59)),
        f"epochs={context.pick(smoke=1, quick=5, full=10)}",
        f"seeds={context.pick(smoke=3, quick=10, full=20)}",
        "sweep={batch_size: [128], dropout: [0.5], l1: [0.0], lr: [0.0005, 0.003], "
        "augmentation: [none], images_per_class: [all]}",
    )
    half, single, seconds = context.study(compared, small)
    differences = half - single
    what = (
        f"test accuracy of {len(differences)} runs, of which {np.count_nonzero(differences)} differ, in "
        f"{seconds[0]:.1f} against {seconds[1]:.1f} s, float16 less float32:"
    )
    return [Mean.of(differences).row("float16 features: accuracies", what)]


def compared(small: Small) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Test accuracies with half and single precision, and the seconds of each; in the study's process."""
    from benchmarks.extraction import extractor
    from benchmarks.scaling import NoViews

    data, runs = small.data, small.runs()
    backbone = extractor(small.backbone, small.weights, image_size=small.image_size)
    exact = {split: backbone(part) for split, part in data.images.items()}
    found, seconds = [], []
    for kind in (np.float16, np.float32):
        began = time.perf_counter()
        features = {split: part.astype(kind) for split, part in exact.items()}
        outcomes = trained(small.params, data, features, NoViews(), runs)
        found.append(accuracies([outcomes[run.name].test_probs for run in runs], data.labels["test"]))
        seconds.append(time.perf_counter() - began)
    return found[0], found[1], seconds
