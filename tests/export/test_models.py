"""Complete models: what a backbone, a head and a combination give apart, they give as one file."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from scipy.special import softmax

from study.backbones.catalogue.obtain import obtain
from study.backbones.forward.extract import load_extractor
from study.ensembles.combine import fit
from study.export import assemble, model_file
from study.export.assemble import ExportError

N_CLASSES = 5
LITES = ("efficientnet-lite0", "efficientnet-lite1")


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (140, 32, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory):
    root = tmp_path_factory.mktemp("weights")
    kind = dict.fromkeys(LITES, "imagenet")
    return lambda name: obtain(name, kind.get(name, "random"), folder=root / name, seed=3).parent


def random_head(features, seed=0):
    """A head that tells the given features apart, whatever their scale."""
    rng = np.random.default_rng(seed)
    n_features = features.shape[1]
    kernel = rng.normal(0, 1, (16, n_features)) / features.std() / np.sqrt(n_features)
    bias, out_bias = -kernel @ features.mean(axis=0), rng.normal(size=N_CLASSES)
    return [part.astype(np.float32) for part in (kernel, bias, rng.normal(size=(16, N_CLASSES)), out_bias)]


def through(head, features):
    kernel, bias, out_kernel, out_bias = head
    return np.maximum(features @ kernel.T + bias, 0) @ out_kernel + out_bias


def made(folder_of, images, name, *, size=32, dtype="float32", shift=0.0):
    """A member, its head and its features of ``images``; ``shift`` is added to the logit of class 1."""
    features = load_extractor(name, folder_of(name), size)(images)
    head = random_head(features, seed=int(name[-1]))
    head[3][1] += shift
    model = assemble.member(
        name, folder_of(name), head=head, image_shape=(32, 32, 3), image_size=size, feature_dtype=dtype
    )
    return model, head, features


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("efficientnet-lite0", 32),
        ("efficientnet-lite0", 48),
        ("efficientnet-lite0", 24),
        pytest.param("resnet50", 32, marks=pytest.mark.slow),
        pytest.param("efficientnetv2-b0", 32, marks=pytest.mark.slow),
    ],
)
def test_a_file_gives_what_backbone_and_head_give(name, size, folder_of, images, tmp_path):
    model, head, features = made(folder_of, images, name, size=size)
    expected = softmax(through(head, features), axis=1)
    model_file.save(assemble.classifier(model), tmp_path / "m.keras")
    found = model_file.predict(model_file.load(tmp_path / "m.keras"), images)
    assert found.shape == (140, N_CLASSES)
    np.testing.assert_allclose(found, expected, atol=2e-4)
    assert np.ptp(expected[:, 0]) > 0.01  # images differ, so that agreement says something


def test_features_are_rounded_as_the_trainer_saw_them(folder_of, images):
    model, head, features = made(folder_of, images, LITES[0], dtype="float16")
    found = model_file.predict(model, images)
    rounded = through(head, features.astype(np.float16).astype(np.float32))
    assert np.abs(found - rounded).max() < np.abs(found - through(head, features)).max() / 5


def test_a_file_opens_without_this_package(folder_of, images, tmp_path):
    model = assemble.classifier(made(folder_of, images, LITES[0])[0])
    model_file.save(model, tmp_path / "m.keras")
    np.save(tmp_path / "images.npy", images)
    code = (
        "import keras, numpy as np, sys; model = keras.saving.load_model('m.keras', safe_mode=True); "
        "np.save('probs.npy', model.predict(np.load('images.npy'), verbose=0)); "
        "assert 'study' not in sys.modules"
    )
    subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, check=True, capture_output=True)
    np.testing.assert_allclose(np.load(tmp_path / "probs.npy"), model_file.predict(model, images), atol=2e-6)


def test_the_same_model_gives_the_same_bytes_in_another_process(folder_of, tmp_path):
    code = (
        "import sys, numpy as np; from pathlib import Path; from study.export import assemble, model_file; "
        "head = [np.ones(s, np.float32) for s in ((4, 1280), (4,), (4, 3), (3,))]; "
        "one = assemble.member('efficientnet-lite0', Path(sys.argv[1]), head=head, image_shape=(32, 32, 3), "
        "image_size=32, feature_dtype='float32'); "
        "model_file.save(assemble.soft_vote([one], np.ones(1)), Path(sys.argv[2]))"
    )
    paths = [tmp_path / "a.keras", tmp_path / "b.keras"]
    subprocess.run(
        [sys.executable, "-c", code, str(folder_of(LITES[0])), str(paths[0])], check=True, capture_output=True
    )
    head = [np.ones(shape, np.float32) for shape in ((4, 1280), (4,), (4, 3), (3,))]
    one = assemble.member(
        LITES[0], folder_of(LITES[0]), head=head, image_shape=(32, 32, 3), image_size=32,
        feature_dtype="float32",
    )  # fmt: skip
    model_file.save(assemble.soft_vote([one], np.ones(1)), paths[1])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.keras", "b.keras"]


@pytest.fixture(scope="module")
def pair(folder_of, images):
    return [made(folder_of, images, name)[0] for name in LITES]


@pytest.fixture(scope="module")
def said(pair, images):
    return np.stack([model_file.predict(assemble.classifier(one), images) for one in pair])


@pytest.mark.parametrize("method", ["soft voting", "weighted soft voting", "stacking"])
def test_an_ensemble_file_gives_what_the_combination_gives(method, pair, said, images, tmp_path):
    labels = np.random.default_rng(1).integers(0, N_CLASSES, len(images))
    ensemble = fit(method, said, labels, seed=0)
    if ensemble.stacker is not None:
        one = ensemble.stacker
        model = assemble.stack(pair, centre=one.centre, scale=one.scale, kernel=one.kernel, bias=one.bias)
    else:
        model = assemble.soft_vote(pair, ensemble.weights)
    model_file.save(model, tmp_path / "e.keras")
    opened = model_file.load(tmp_path / "e.keras")
    np.testing.assert_allclose(model_file.predict(opened, images), ensemble(said), atol=5e-6)
    whole, members = model_file.predict_each(opened, images)
    np.testing.assert_allclose(whole, ensemble(said), atol=5e-6)
    assert (members == said.argmax(axis=2)).mean() > 0.99


def test_stacking_clips_what_is_hardly_possible(folder_of, images):
    one = made(folder_of, images, LITES[0], shift=-60.0)[0]
    probs = model_file.predict(assemble.classifier(one), images)[None]
    assert probs[0, :, 1].max() < 1e-8
    labels = np.arange(len(images)) % N_CLASSES
    stacker = fit("stacking", probs, labels, seed=0).stacker
    kernel = stacker.kernel + np.random.default_rng(0).normal(0, 0.3, stacker.kernel.shape)
    model = assemble.stack(
        [one], centre=stacker.centre, scale=stacker.scale, kernel=kernel, bias=stacker.bias
    )
    logs = np.log(np.clip(probs[0].astype(float), 1e-7, 1))
    expected = softmax((logs - stacker.centre) / stacker.scale @ kernel + stacker.bias, axis=1)
    np.testing.assert_allclose(model_file.predict(model, images), expected, atol=2e-5)


def test_a_model_alone_has_one_member(pair, images):
    whole, members = model_file.predict_each(assemble.classifier(pair[0]), images[:3])
    assert members.tolist() == [whole.argmax(axis=1).tolist()]


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_a_bad_file_is_one_line(content, tmp_path):
    path = tmp_path / "m.keras"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ExportError, match="expected a Keras model, received") as caught:
        model_file.load(path)
    assert "\n" not in str(caught.value)


def test_a_lambda_is_not_opened(tmp_path):
    inputs = keras.Input((2,))
    keras.Model(inputs, keras.layers.Lambda(lambda x: x)(inputs)).save(tmp_path / "m.keras")
    with pytest.raises(ExportError, match="expected a Keras model"):
        model_file.load(tmp_path / "m.keras")
