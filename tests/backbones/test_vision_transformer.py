"""Vision transformers against keras-hub's own backbones, where the extra ``vit`` is installed."""

import os
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest

from study.backbones.catalogue.names import BACKBONES
from study.backbones.catalogue.obtain import obtain
from study.backbones.forward.extract import load_extractor
from study.backbones.forward.folder import read_row
from study.backbones.forward.row import BackboneError, WeightsError
from study.backbones.forward.sizes import PATCHES
from study.backbones.kinds import vision_transformer
from tests.backbones.test_compiled import CODE, ROOT

SMALL = {
    "vit-base-16": {"num_layers": 2, "hidden_dim": 24, "num_heads": 3, "mlp_dim": 48},
    "dinov2-small": {"num_layers": 2, "hidden_dim": 24, "num_heads": 3, "intermediate_dim": 48},
}
SIZES = {"vit-base-16": 32, "dinov2-small": 28}
CONVERTERS = {
    "vit-base-16": {"scale": 1 / 127.5, "offset": -1.0},
    "dinov2-small": {
        "scale": [1 / (255 * deviation) for deviation in (0.229, 0.224, 0.225)],
        "offset": [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225],
    },
}
"""As keras-hub's presets have them."""


@pytest.fixture
def hub():
    return pytest.importorskip("keras_hub", reason="needs the extra vit")


@pytest.fixture
def small(monkeypatch):
    """Two layers, 24 wide; everything else is as published."""
    for name, sizes in SMALL.items():
        row = BACKBONES[name]
        own, architecture = vision_transformer.ARCHITECTURES[row.constructor]
        monkeypatch.setitem(
            vision_transformer.ARCHITECTURES, row.constructor, (own, {**architecture, **sizes})
        )
        monkeypatch.setitem(BACKBONES, name, replace(row, n_features=24))


def hub_backbone(hub, name, size):
    own, architecture = vision_transformer.ARCHITECTURES[BACKBONES[name].constructor]
    return getattr(hub.models, own)(**architecture, image_shape=(size, size, 3))


def shuffled(backbone):
    """Its weights replaced by numbers; kernels small enough that a class token tells images apart."""
    rng = np.random.default_rng(0)
    for weight in backbone.weights:
        if weight.path.split("/")[-1] != "interpolated_position_embeddings":
            centre = 1.0 if weight.name in ("gamma", "lambda1") else 0.0
            weight.assign(rng.normal(centre, 0.2, weight.shape))
    return backbone


def converted(hub, name, images, size):
    own = vision_transformer.ARCHITECTURES[BACKBONES[name].constructor][0]
    converter = getattr(hub.layers, own.replace("Backbone", "ImageConverter"))
    return np.asarray(converter(image_size=(size, size), **CONVERTERS[name])(images.astype(np.float32)))


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.usefixtures("small")
def test_features_are_the_class_tokens_of_the_backbone_of_keras_hub(hub, name, images, tmp_path):
    """From a file of weights of its layout, at the size at which it was trained."""
    size = BACKBONES[name].native_size
    own = shuffled(hub_backbone(hub, name, size))
    path = tmp_path / BACKBONES[name].weights_file
    own.save_weights(path)
    own.load_weights(path)
    obtain(name, str(tmp_path), folder=tmp_path / "w", seed=0)
    features = load_extractor(name, tmp_path / "w", size)(images[:2])
    expected = np.asarray(own(converted(hub, name, images[:2], size)))[:, 0]
    assert np.abs(expected[0] - expected[1]).max() > 1e-2
    np.testing.assert_allclose(features, expected, atol=2e-4)


@pytest.mark.usefixtures("small")
def test_at_another_size_positions_are_interpolated_as_keras_hub_does_for_dinov2(hub, images, tmp_path):
    name, native = "dinov2-small", BACKBONES["dinov2-small"].native_size
    path = tmp_path / BACKBONES[name].weights_file
    shuffled(hub_backbone(hub, name, native)).save_weights(path)
    own = hub_backbone(hub, name, 28)
    own_size = images[:4, :28, :28]
    own.load_weights(path)
    obtain(name, str(tmp_path), folder=tmp_path / "w", seed=0)
    features = load_extractor(name, tmp_path / "w", 28)(own_size)
    np.testing.assert_allclose(features, np.asarray(own(converted(hub, name, own_size, 28)))[:, 0], atol=2e-4)


@pytest.mark.usefixtures("small")
def test_at_another_size_positions_of_a_vit_are_interpolated(hub, images, tmp_path):
    name = "vit-base-16"
    native = shuffled(hub_backbone(hub, name, 224))
    path = tmp_path / BACKBONES[name].weights_file
    native.save_weights(path)
    own = hub_backbone(hub, name, 32)
    for source, target in zip(native.weights, own.weights, strict=True):
        values = np.asarray(source)
        if source.name == "embeddings":
            grid = keras.ops.image.resize(
                values[1:].reshape(1, 14, 14, 24), (2, 2), interpolation="bicubic", antialias=True
            )
            values = np.vstack([values[:1], np.asarray(grid).reshape(4, 24)])
        target.assign(values)
    obtain(name, str(tmp_path), folder=tmp_path / "w", seed=0)
    features = load_extractor(name, tmp_path / "w", 32)(images[:4])
    np.testing.assert_allclose(
        features, np.asarray(own(converted(hub, name, images[:4], 32)))[:, 0], atol=2e-4
    )


def test_a_grid_of_the_same_size_is_not_changed_and_a_plane_stays_a_plane():
    rows, columns = np.meshgrid(np.arange(6.0), np.arange(6.0), indexing="ij")
    plane = np.vstack([[[9.0, 9.0]], np.stack([rows.ravel(), columns.ravel()], axis=1)]).astype(np.float32)
    np.testing.assert_allclose(vision_transformer.interpolated(plane, 37), plane, atol=1e-5)
    larger = vision_transformer.interpolated(plane, 145)
    np.testing.assert_array_equal(larger[0], [9.0, 9.0])
    grid = larger[1:].reshape(12, 12, 2)[3:-3, 3:-3]
    np.testing.assert_allclose(np.diff(grid[..., 0], axis=0), 0.5, atol=1e-4)
    np.testing.assert_allclose(np.diff(grid[..., 1], axis=1), 0.5, atol=1e-4)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.usefixtures("hub", "small")
def test_random_weights_follow_their_seed_alone(name, images, tmp_path):
    def features(seed):
        obtain(name, "random", folder=tmp_path / "w", seed=seed)
        keras.utils.set_random_seed(seed * 7 + len(os.listdir(tmp_path)))
        return load_extractor(name, tmp_path / "w", SIZES[name])(images[:3])

    first = features(1)
    assert first.shape == (3, 24)
    assert np.isfinite(first).all()
    assert np.abs(first[0] - first[1]).max() > 1e-3
    (tmp_path / "another").touch()
    assert features(1).tobytes() == first.tobytes()
    assert features(2).tobytes() != first.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dinov2-small", "vit-base-16"])
@pytest.mark.usefixtures("hub")
def test_the_published_size_runs_on_both_backends(name, images, tmp_path):
    folder, size = obtain(name, "random", folder=tmp_path / "w", seed=0).parent, SIZES[name]
    np.save(tmp_path / "images.npy", images[:4])
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    code = CODE.replace("import tests.without_tensorflow\n", "")  # keras-hub imports it where it finds it
    subprocess.run(
        [sys.executable, "-c", code, folder, tmp_path / "images.npy", tmp_path, name, str(size)],
        check=True, cwd=ROOT, env=environment | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
    )  # fmt: skip
    expected = load_extractor(name, folder, size)(images[:4])
    assert expected.shape == (4, BACKBONES[name].n_features)
    apart = np.abs(np.load(tmp_path / f"{size}.npy") - expected).max()
    assert 0 < apart < 1e-3 * np.abs(expected).max()


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.usefixtures("hub", "small")
def test_a_network_is_made_again_of_its_configuration(name):
    row = BACKBONES[name]
    network = vision_transformer.build(row, SIZES[name])
    clone = keras.models.clone_model(network)
    clone.set_weights(network.get_weights())
    images = np.random.default_rng(0).normal(size=(2, SIZES[name], SIZES[name], 3)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(clone(images)), np.asarray(network(images)), atol=1e-5)


def test_the_known_patches_are_those_of_the_networks():
    built = {name: values["patch_size"] for name, (_, values) in vision_transformer.ARCHITECTURES.items()}
    assert built == PATCHES


def test_patches_that_do_not_tile_the_image_are_one_line(tmp_path):
    obtain("dinov2-small", "random", folder=tmp_path / "w", seed=0)
    with pytest.raises(BackboneError, match="a multiple of 14, the side of a patch of dinov2-small"):
        load_extractor("dinov2-small", tmp_path / "w", 32)


def test_without_keras_hub_one_line_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    obtain("vit-base-16", "random", folder=tmp_path / "w", seed=0)
    with pytest.raises(BackboneError, match=r"expected keras-hub, received .*install the extra vit"):
        load_extractor("vit-base-16", tmp_path / "w", 32)


def test_without_a_network_the_way_by_hand_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(WeightsError) as caught:
        obtain("vit-base-16", "imagenet", folder=tmp_path / "w", seed=0)
    assert str(caught.value).endswith(
        "install the extra vit, or take the file as model.weights.h5 of the Kaggle model "
        "keras/vit/keras/vit_base_patch16_224_imagenet/4, put it into a folder by hand, named "
        "vit_base_patch16_224_imagenet.weights.h5, and give that folder as weights"
    )


def test_the_hub_is_asked_for_the_file_of_the_row(tmp_path, monkeypatch):
    """The hub itself cannot be reached in a test; what it is asked for can be held."""
    kagglehub = pytest.importorskip("kagglehub", reason="needs the extra vit")
    asked = []
    (tmp_path / "model.weights.h5").write_bytes(b"weights")

    def download(handle, path):
        asked.append((handle, path))
        return str(tmp_path / path)

    monkeypatch.setattr(kagglehub, "model_download", download)
    obtain("dinov2-small", "imagenet", folder=tmp_path / "w", seed=0)
    assert asked == [("keras/dinov2/keras/dinov2_small/1", "model.weights.h5")]
    assert (tmp_path / "w" / "dinov2_small.weights.h5").read_bytes() == b"weights"
    assert len(read_row(tmp_path / "w").weights_hash) == 64


@pytest.mark.parametrize("name", [name for name, row in BACKBONES.items() if row.kind == "keras-hub"])
def test_rows_agree_with_the_presets_of_keras_hub(hub, name):
    row = BACKBONES[name]
    own, architecture = vision_transformer.ARCHITECTURES[row.constructor]
    preset = getattr(hub.models, own).presets[row.constructor]
    assert preset["kaggle_handle"] == row.url
    assert architecture["hidden_dim"] == row.n_features
    n_parameters = hub_backbone(hub, name, row.native_size if own == "ViTBackbone" else 224).count_params()
    assert abs(n_parameters / preset["metadata"]["params"] - 1) < 0.03
