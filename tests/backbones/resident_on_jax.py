"""Views that stay on the device, on JAX; run by tests/test_on_jax.py, since Keras' backend is chosen once."""

from pathlib import Path

import jax
import keras
import numpy as np
import pytest

from study.backbones.catalogue.obtain import obtain
from study.backbones.forward.extract import load_extractor
from study.backbones.forward.resident import Resident
from study.params import Augment
from study.runs import augmented_features
from study.runs.augmented_features import BackboneViews

KINDS = ("rotation", "contrast", "brightness", "zoom", "cutmix")
N = 300
assert keras.backend.backend() == "jax"


@pytest.fixture(scope="module")
def extractor(tmp_path_factory):
    folder = obtain("efficientnetv2-b0", "random", folder=tmp_path_factory.mktemp("w"), seed=0)
    return load_extractor("efficientnetv2-b0", folder.parent, 32)


@pytest.fixture
def made(extractor, tmp_path, monkeypatch):
    """Makes the views of one study, resident or not."""
    images = np.random.default_rng(1).integers(0, 256, (N, 32, 32, 3), dtype=np.uint8)
    labels = (np.arange(N) % 10).astype(np.uint8)

    def make(*, resident: bool, n_views: int | str = "fresh") -> BackboneViews:
        monkeypatch.setattr(augmented_features, "device", lambda: "gpu" if resident else "cpu")
        return BackboneViews(
            images,
            labels,
            n_classes=10,
            extractor=lambda: extractor,
            strengths=Augment(
                views=n_views, rotation=15.0, contrast=0.3, brightness=0.2, zoom=0.2, cutmix_alpha=1.0
            ),
            scratch=Path(tmp_path),
            say=lambda _: None,
        )

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_those_that_go_through_the_host(made, kind, extractor):
    rows = [np.arange(N, dtype=np.int32), np.arange(5, N, 3, dtype=np.int32)]
    before = extractor.n_images
    stayed, targets = made(resident=True).fresh(kind, rows, seeds=[3, 4], epoch=2)
    n_rows = sum(map(len, rows))
    assert isinstance(stayed, jax.Array)
    assert extractor.n_images - before == n_rows
    went, same_targets = made(resident=False).fresh(kind, rows, seeds=[3, 4], epoch=2)
    np.testing.assert_allclose(np.asarray(stayed)[:n_rows], went, atol=2e-3 * np.abs(went).max())
    np.testing.assert_array_equal(targets, same_targets)
    assert np.abs(went[: N // 2] - went[N // 2 : N]).max() > 0.1 * np.abs(went).max()


def test_pools_stand_one_after_the_other_and_depend_on_no_other(made):
    rows = np.arange(N, dtype=np.int32)
    stayed, _ = made(resident=True, n_views=3).pools("cutmix", rows, seeds=[1, 2])
    went, _ = made(resident=False, n_views=3).pools("cutmix", rows, seeds=[1, 2])
    alone, _ = made(resident=False, n_views=3).pools("cutmix", rows, seeds=[2])
    np.testing.assert_allclose(np.asarray(stayed)[: 6 * N], went, atol=2e-3 * np.abs(went).max())
    np.testing.assert_array_equal(went[3 * N :], alone)
    assert np.abs(went[: 3 * N] - went[3 * N :]).max() > 0.1 * np.abs(went).max()


def test_a_view_is_the_same_whatever_else_is_asked_for(made):
    rows = np.arange(N, dtype=np.int32)
    both, _ = made(resident=True).fresh("cutmix", [rows, rows], seeds=[3, 4], epoch=0)
    alone, _ = made(resident=True).fresh("cutmix", [rows], seeds=[4], epoch=0)
    assert np.asarray(both)[N : 2 * N].tobytes() == np.asarray(alone)[:N].tobytes()


def test_images_of_another_size_than_the_batch_fill_it_up(extractor):
    resident = Resident(extractor, np.zeros((3, 32, 32, 3), np.uint8))
    assert resident.room(5).shape == (5 + extractor.batch_size, extractor.row.n_features)
