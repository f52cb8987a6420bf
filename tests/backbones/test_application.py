"""Models of keras.applications by name, held to Keras' own constructors and preprocessing."""

import ast
import inspect
import json
import sys

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format
from keras.src.utils import file_utils

from study.backbones.catalogue import keras_applications
from study.backbones.catalogue.names import backbone, known
from study.backbones.catalogue.obtain import obtain
from study.backbones.catalogue.published import PUBLISHED
from study.backbones.forward.extract import load_extractor
from study.backbones.forward.folder import read_row
from study.backbones.forward.network import _fill_at_random
from study.backbones.forward.preprocessing import PREPROCESSING
from study.backbones.forward.row import BackboneError, WeightsError
from study.backbones.forward.sizes import SMALLEST, SMALLEST_OF_MOST, check_image_size


@pytest.fixture(autouse=True)
def _forgotten():
    keras_applications.row.cache_clear()
    yield
    keras_applications.row.cache_clear()


MODULES = {name: sys.modules[getattr(keras.applications, name).__module__] for name in PUBLISHED}
A_MODEL_OF_EACH = {module: name for name, module in MODULES.items()}


def test_every_model_of_keras_has_its_published_file():
    assert set(PUBLISHED) == {name for name in dir(keras.applications) if name[0].isupper()}
    assert len(A_MODEL_OF_EACH) == 15


@pytest.mark.parametrize("name", A_MODEL_OF_EACH.values())
def test_preprocessing_is_that_of_keras(name):
    published = MODULES[name].preprocess_input
    images = np.random.default_rng(0).integers(0, 256, (5, 9, 9, 3)).astype(np.float32)
    kind = keras_applications._preprocessing(name, published)
    np.testing.assert_allclose(PREPROCESSING[kind](images), published(images.copy()), atol=1e-4)


def test_another_preprocessing_is_one_line():
    with pytest.raises(
        BackboneError, match=r"x: expected one of the preprocessings inside, .*, received another"
    ):
        keras_applications._preprocessing("x", lambda images: images / 2)


def calls(module):
    """File, address and hash of every file that the module's source fetches by constants."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_file":
            own = {key.arg: key.value for key in node.keywords}
            file, url, digest = node.args[0], node.args[1], own.get("file_hash")
            if (
                isinstance(file, ast.Constant)
                and isinstance(url, ast.Name)
                and isinstance(digest, ast.Constant)
            ):
                yield file.value, getattr(module, url.id), digest.value


@pytest.mark.parametrize("name", PUBLISHED)
def test_file_address_and_hash_are_those_in_the_source_of_keras(name):
    module, published = MODULES[name], PUBLISHED[name]
    source = inspect.getsource(module)
    found = {file: (url, digest) for file, url, digest in calls(module)}
    tables = [getattr(module, "WEIGHTS_HASHES", {})]
    if module.__name__.endswith(".resnet_v2"):
        tables.append(sys.modules["keras.src.applications.resnet"].WEIGHTS_HASHES)
    if published.file in found:
        assert found[published.file] == (published.url, published.hash)
    elif any(tables):
        hashes = {key: pair[1] for table in tables for key, pair in table.items()}
        keys = [key for key, digest in hashes.items() if digest == published.hash]
        assert len(keys) == 1
        assert keys[0].replace("-", "_") in published.file.replace("-", "_")
        others = [key for key in hashes if key.startswith(keys[0]) and key != keys[0]]
        assert not any(key.replace("-", "_") in published.file.replace("-", "_") for key in others)
    else:
        assert (published.hash or "get_file(") in source
    bases = [value for value in vars(module).values() if isinstance(value, str) and value.startswith("https")]
    resnet = sys.modules["keras.src.applications.resnet"]
    assert any(published.url.startswith(base) for base in [*bases, resnet.BASE_WEIGHTS_PATH])


@pytest.mark.parametrize(
    ("written", "constructor"),
    [("densenet121", "DenseNet121"), ("DenseNet-121", "DenseNet121"), ("mobilenet-v2", "MobileNetV2"),
     ("nasnet_mobile", "NASNetMobile"), ("vgg17", None), ("preprocess-input", None)],
)  # fmt: skip
def test_case_and_dashes_of_a_name_do_not_count(written, constructor):
    assert keras_applications.constructor(written) == constructor


def test_a_row_is_found_by_building():
    row = backbone("vgg-16")
    assert (row.name, row.family, row.constructor) == ("vgg-16", "VGG16", "VGG16")
    assert (row.n_features, row.preprocessing, row.kind) == (512, "caffe", "application")
    assert row.weights_hash == PUBLISHED["VGG16"].hash


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning:keras")
@pytest.mark.parametrize(
    ("constructor", "size"), [("MobileNetV2", 32), ("EfficientNetB0", 32), ("VGG16", 32)]
)
def test_features_are_those_of_plain_keras(constructor, size, tmp_path, images):
    name = constructor.lower()
    obtain(name, "random", folder=tmp_path / name, seed=3)
    extractor = load_extractor(name, tmp_path / name, size)
    features = extractor(images[:6])
    model = getattr(keras.applications, constructor)(
        weights=None, include_top=False, pooling="avg", input_shape=(size, size, 3)
    )
    _fill_at_random(model, seed=3)
    expected = model.predict(MODULES[constructor].preprocess_input(images[:6].astype(np.float32)), verbose=0)
    assert expected.std() > 1e-3 * np.abs(expected).max()
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
    assert extractor.row.n_features == features.shape[1]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning:keras")
def test_published_weights_of_efficientnet_go_with_inputs_rescaled_as_keras_does(
    tmp_path, images, monkeypatch
):
    """Keras adds a layer when it loads its own weights; a model built without them lacks it."""
    plain = keras.applications.EfficientNetB0(weights=None, include_top=False, input_shape=(32, 32, 3))
    _fill_at_random(plain, seed=1)
    (normalisation,) = (layer for layer in plain.layers if isinstance(layer, keras.layers.Normalization))
    normalisation.adapt_mean.assign([0.485, 0.456, 0.406])
    normalisation.adapt_variance.assign([0.229, 0.224, 0.225])
    path = tmp_path / PUBLISHED["EfficientNetB0"].file
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, plain)
    monkeypatch.setattr(file_utils, "get_file", lambda *_, **__: str(path))
    published = keras.applications.EfficientNetB0(include_top=False, pooling="avg", input_shape=(32, 32, 3))
    expected = published.predict(images[:4].astype(np.float32), verbose=0)
    assert len(published.layers) == len(plain.layers) + 2
    unhashed = PUBLISHED["EfficientNetB0"]._replace(hash=None)
    monkeypatch.setattr(keras_applications, "PUBLISHED", {"EfficientNetB0": unhashed})
    obtain("efficientnetb0", str(tmp_path), folder=tmp_path / "w", seed=0)
    features = load_extractor("efficientnetb0", tmp_path / "w", 32)(images[:4])
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("name", PUBLISHED)
def test_keras_refuses_an_image_that_is_smaller_than_is_known_here(name):
    size = SMALLEST.get(name, SMALLEST_OF_MOST)
    assert known(name.lower()).constructor == name
    check_image_size(name, "application", name, size)
    with pytest.raises(BackboneError, match=f"expected at least {size} for {name}, received {size - 1}"):
        check_image_size(name, "application", name, size - 1)
    with pytest.raises(ValueError, match=f"at least {size}x{size}"):
        getattr(keras.applications, name)(
            weights=None, include_top=False, input_shape=(size - 1, size - 1, 3)
        )


def test_an_image_too_small_for_it_is_one_line(tmp_path):
    obtain("xception", "random", folder=tmp_path / "w", seed=0)
    with pytest.raises(BackboneError, match="image_size: expected at least 71 for xception, received 32"):
        load_extractor("xception", tmp_path / "w", 32)


def test_a_file_without_a_published_hash_comes_from_a_folder_and_its_own_is_recorded(tmp_path):
    file = PUBLISHED["MobileNet"].file
    with pytest.raises(WeightsError) as caught:
        obtain("mobilenet", "imagenet", folder=tmp_path / "w", seed=0)
    assert f"expected a published hash of {file}, received none; put the file" in str(caught.value)
    (tmp_path / file).write_bytes(b"numbers")
    path = obtain("mobilenet", str(tmp_path), folder=tmp_path / "w", seed=0)
    row = read_row(tmp_path / "w")
    assert (row.hash_kind, row.weights_hash) == (
        "sha256", "f3c7807d475073ba009bf4801b2d934e9f0126cb96dd19a27dbffcae23a7f5a3",
    )  # fmt: skip
    path.write_bytes(b"other")
    with pytest.raises(WeightsError, match="expected sha256 "):
        load_extractor("mobilenet", tmp_path / "w", 32)


def test_a_model_whose_file_is_not_known_takes_random_weights_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(keras_applications, "PUBLISHED", {})
    for weights in ("imagenet", str(tmp_path)):
        with pytest.raises(WeightsError, match="only weights: random works for it"):
            obtain("vgg16", weights, folder=tmp_path / "w", seed=0)
    path = obtain("vgg16", "random", folder=tmp_path / "w", seed=4)
    assert json.loads(path.read_text())["seed"] == 4
