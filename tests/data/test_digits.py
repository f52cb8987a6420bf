import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits

from study.data.digits import SPLIT_SEED, digits

SPLITS = ("train", "valid", "test")


@pytest.fixture(scope="module")
def built_in():
    return digits(seed=SPLIT_SEED)


def test_three_splits_of_one_size_hold_every_digit_once(built_in):
    assert [len(built_in.images[split]) for split in SPLITS] == [599] * 3
    together = np.concatenate([built_in.images[split] for split in SPLITS])
    assert together.shape == (1797, 48, 48, 3)
    originals = load_digits().images
    shrunk = together.reshape(1797, 8, 6, 8, 6, 3).mean(axis=(2, 4, 5))
    distances = cdist(shrunk.reshape(1797, 64), originals.reshape(1797, 64) * 255 / 16) / 8
    nearest = distances.argmin(axis=1)
    assert len(set(nearest.tolist())) >= 1795
    assert len({image.tobytes() for image in together}) == 1797
    labels = np.concatenate([built_in.labels[split] for split in SPLITS])
    np.testing.assert_array_equal(labels, load_digits().target[nearest])
    assert distances.min(axis=1).max() < 25


def test_counts_of_a_class_differ_by_at_most_one(built_in):
    counts = np.stack([built_in.class_counts(split) for split in SPLITS])
    assert np.ptp(counts, axis=0).max() <= 1
    assert counts.sum() == 1797


def test_images_are_grey_and_use_the_range(built_in):
    images = built_in.images["train"]
    assert (images == images[..., :1]).all()
    assert images.min() == 0
    assert images.max() == 255


def test_the_seed_alone_decides_the_split(built_in):
    again, other = digits(seed=SPLIT_SEED), digits(seed=SPLIT_SEED + 1)
    for split in SPLITS:
        assert again.images[split].tobytes() == built_in.images[split].tobytes()
        assert other.images[split].tobytes() != built_in.images[split].tobytes()


def test_the_origin_is_unknown(built_in):
    assert all((built_in.origins[split] == 2).all() for split in SPLITS)
