import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.src.legacy.saving import legacy_h5_format
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from study.backbones.catalogue.names import BACKBONES
from study.backbones.catalogue.obtain import obtain
from study.backbones.forward.extract import load_extractor
from study.backbones.forward.row import BackboneError, WeightsError
from study.data.labelled import read_labelled

LITE = "efficientnet-lite0"
ROOT = Path(__file__).parent.parent.parent
ARCHIVE_MAKER = ROOT.parent / "shared" / "data" / "make_cinic_archive.py"


@pytest.fixture(scope="module")
def lite(lite_folder):
    return load_extractor(LITE, lite_folder(LITE), 32)


def test_a_feature_does_not_depend_on_how_many_images_come_with_it(lite, images):
    assert len(images) > lite.batch_size
    together = lite(images)
    assert together.shape == (150, 1280)
    assert together.dtype == np.float32
    for n in (1, 2, 127, 128, 129):
        assert lite(images[:n]).tobytes() == together[:n].tobytes()


def test_a_feature_depends_on_its_place_by_rounding_alone(lite, images):
    np.testing.assert_allclose(lite(images[::-1])[::-1], lite(images), atol=2e-5)


def test_bytes_do_not_depend_on_the_number_of_workers(lite, lite_folder, images):
    expected = lite(np.tile(images, (4, 1, 1, 1))).tobytes()
    for workers in (1, 5):
        extractor = load_extractor(LITE, lite_folder(LITE), 32, workers=workers)
        assert extractor(np.tile(images, (4, 1, 1, 1))).tobytes() == expected


def test_bytes_do_not_depend_on_the_threads_of_tensorflow(lite, images, lite_folder, tmp_path):
    np.save(tmp_path / "images.npy", images)
    code = (
        "import sys, numpy as np; from pathlib import Path; "
        "from study.backbones.forward.extract import load_extractor; "
        f"extractor = load_extractor('{LITE}', Path(sys.argv[1]), 32, workers=1); "
        "np.save(sys.argv[3], extractor(np.load(sys.argv[2])))"
    )
    environment = os.environ | {"TF_NUM_INTEROP_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-c", code, lite_folder(LITE), tmp_path / "images.npy", tmp_path / "features.npy"],
        check=True, env=environment, capture_output=True,
    )  # fmt: skip
    assert np.load(tmp_path / "features.npy").tobytes() == lite(images).tobytes()


def test_floats_give_the_same_as_bytes(lite, images):
    assert lite(images.astype(np.float32)).tobytes() == lite(images).tobytes()


def test_images_are_counted_and_progress_is_told(lite, images):
    before, steps = lite.n_images, []
    lite(images, advance=steps.append)
    assert lite.n_images - before == 150
    assert steps == [128, 22]


def test_no_images_give_no_features(lite, images):
    assert lite(images[:0]).shape == (0, 1280)


def test_features_are_written_where_asked_and_images_are_taken_slice_by_slice(lite, images):
    class Slices:
        shape = images.shape
        asked: ClassVar[list[slice]] = []

        def __len__(self):
            return len(images)

        def __getitem__(self, rows):
            self.asked.append(rows)
            return images[rows]

    out = np.zeros((150, 1280), np.float16)
    assert lite(Slices(), out=out) is out
    assert out.tobytes() == lite(images).astype(np.float16).tobytes()
    assert sorted(rows.start for rows in Slices.asked) == [0, 128]
    with pytest.raises(BackboneError, match=r"out: expected shape \(150, 1280\), received \(150, 7\)"):
        lite(images, out=np.zeros((150, 7), np.float32))


def test_images_of_another_shape_are_refused(lite, images):
    with pytest.raises(
        BackboneError, match=r"expected shape \(n, height, width, 3\), received \(150, 32, 32\)"
    ):
        lite(images[..., 0])


def test_larger_input_is_bilinear(lite_folder, images):
    resized = tf.image.resize(images[:5].astype(np.float32), (64, 64)).numpy()
    extractor = load_extractor(LITE, lite_folder(LITE), 64)
    np.testing.assert_allclose(extractor(images[:5]), extractor(resized), atol=1e-4)
    assert np.abs(extractor(images[:5]) - load_extractor(LITE, lite_folder(LITE), 32)(images[:5])).max() > 0.1


@pytest.mark.parametrize("name", [LITE, "resnet50"])
def test_random_weights_follow_their_seed(name, tmp_path, images):
    def features(seed):
        obtain(name, "random", folder=tmp_path / str(seed), seed=seed)
        return load_extractor(name, tmp_path / str(seed), 32)(images[:3])

    first = features(1)
    assert first.shape == (3, BACKBONES[name].n_features)
    assert np.isfinite(first).all()
    if name == LITE:
        assert features(1).tobytes() == first.tobytes()
        assert features(2).tobytes() != first.tobytes()


APPLICATIONS = {
    "resnet50": (keras.applications.ResNet50, keras.applications.resnet.preprocess_input),
    "efficientnetv2-b0": (
        keras.applications.EfficientNetV2B0,
        keras.applications.efficientnet_v2.preprocess_input,
    ),
    "convnext-tiny": (keras.applications.ConvNeXtTiny, keras.applications.convnext.preprocess_input),
    "resnet101": (keras.applications.ResNet101, keras.applications.resnet.preprocess_input),
    "efficientnetv2-s": (
        keras.applications.EfficientNetV2S,
        keras.applications.efficientnet_v2.preprocess_input,
    ),
    "convnext-small": (keras.applications.ConvNeXtSmall, keras.applications.convnext.preprocess_input),
}


def test_every_row_that_keras_publishes_is_held_to_it():
    assert set(APPLICATIONS) == {name for name, row in BACKBONES.items() if row.kind == "application"}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning:keras")
@pytest.mark.parametrize("name", APPLICATIONS)
def test_features_are_those_of_the_published_application(name, tmp_path, images, monkeypatch):
    """With random numbers in a weights file of the layout that Keras publishes."""
    constructor, preprocess = APPLICATIONS[name]
    model = constructor(weights=None, include_top=False, pooling="avg", input_shape=(32, 32, 3))
    rng = np.random.default_rng(0)
    for weight in model.weights:
        is_kernel = len(weight.shape) > 1
        spread = np.sqrt(2 / np.prod(weight.shape[:-1])) if is_kernel else 0.1
        centre = 1.0 if weight.name in ("moving_variance", "gamma") else 0.0
        weight.assign(rng.normal(centre, spread, weight.shape))
    path = tmp_path / BACKBONES[name].weights_file
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    unhashed = replace(BACKBONES[name], weights_hash=None)
    monkeypatch.setitem(BACKBONES, name, unhashed)
    obtain(name, str(tmp_path), folder=tmp_path / "w", seed=0)
    expected = np.asarray(model(preprocess(images[:4].astype(np.float32)), training=False))
    features = load_extractor(name, tmp_path / "w", 32)(images[:4])
    assert expected.std() > 1e-3
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def test_an_image_too_small_is_one_line(tmp_path):
    obtain("resnet50", "random", folder=tmp_path / "w", seed=0)
    with pytest.raises(BackboneError, match="image_size: expected at least 32 for resnet50, received 16"):
        load_extractor("resnet50", tmp_path / "w", 16)


def test_missing_or_other_weights_are_one_line(tmp_path):
    path = obtain(LITE, "imagenet", folder=tmp_path / LITE, seed=0)
    path.write_bytes(b"other")
    with pytest.raises(WeightsError, match="expected sha256"):
        load_extractor(LITE, tmp_path / LITE, 32)
    path.unlink()
    with pytest.raises(WeightsError, match=f"expected the file {BACKBONES[LITE].weights_file}"):
        load_extractor(LITE, tmp_path / LITE, 32)


@pytest.mark.slow
@pytest.mark.skipif(not ARCHIVE_MAKER.exists(), reason="needs the images beside the project")
@pytest.mark.parametrize(("size", "accuracy"), [(32, 0.44), (64, 0.64), (128, 0.76)])
def test_a_linear_probe_reaches_its_known_accuracy(lite_folder, tmp_path_factory, size, accuracy):
    """500 images a class of CIFAR-10; fewer to test at the larger sizes, which take long.

    The expected accuracies are those that an earlier probe of these weights reached.
    """
    path = tmp_path_factory.getbasetemp() / "cinic.tar.gz"
    if not path.exists():
        subprocess.run([sys.executable, ARCHIVE_MAKER, path, "--per-class", "500"], check=True)
    data = read_labelled(
        path,
        name="set",
        source="made here",
        scratch=tmp_path_factory.getbasetemp(),
        size=None,
        split_seed=1797,
    )
    extractor = load_extractor(LITE, lite_folder(LITE), size)
    scaler = StandardScaler()
    train = scaler.fit_transform(extractor(data.images["train"]))
    probe = LogisticRegression(C=0.01, max_iter=300).fit(train, data.labels["train"])
    every = slice(None, None, size // 32)
    test = scaler.transform(extractor(data.images["test"][every]))
    reached = probe.score(test, data.labels["test"][every])
    print(f"linear probe at {size}: {reached:.4f}")  # noqa: T201
    assert abs(reached - accuracy) < 0.03
