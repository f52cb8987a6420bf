"""Features as another machine would round them."""

import numpy as np

from study.runs.perturbation import RATE, rounded


def test_one_value_in_500_moves_to_its_neighbour_and_zeros_stay():
    features = np.maximum(np.random.default_rng(1).normal(size=(400, 500)), 0).astype(np.float16)
    before = features.copy()
    moved = rounded(features, rng=np.random.default_rng(2))
    assert (features == before).all()
    changed = moved != features
    assert 0.8 * RATE / 2 < changed.mean() < 1.2 * RATE / 2
    assert (moved[features == 0] == 0).all()
    spacing = np.spacing(features[changed])
    assert (np.abs(moved[changed] - features[changed]) <= spacing).all()
