"""What a network gives on JAX, in a process without TensorFlow, against what it gives on TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from study.backbones.catalogue.obtain import obtain
from study.backbones.forward import compiled as module
from study.backbones.forward.compiled import BackendError, batch_size, compiled
from study.backbones.forward.extract import load_extractor
from study.backbones.forward.preprocessing import PREPROCESSING

ROOT = Path(__file__).parents[2]
CODE = """
import sys
from pathlib import Path
import numpy as np
import study.stages
import tests.without_tensorflow
from study.backbones.forward.extract import load_extractor
folder, images, out, name, *sizes = sys.argv[1:]
images = np.load(images)
for size in sizes:
    extractor = load_extractor(name, Path(folder), int(size), workers=2)
    features = extractor(images)
    assert extractor(images).tobytes() == features.tobytes()
    assert load_extractor(name, Path(folder), int(size), workers=1)(images).tobytes() == features.tobytes()
    np.save(Path(out) / f"{size}.npy", features)
"""


def apart_from_jax(name, folder, images, sizes, tmp_path):
    """Largest difference between the backends for each size, relative to the largest feature."""
    np.save(tmp_path / "images.npy", images)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    subprocess.run(
        [sys.executable, "-c", CODE, folder, tmp_path / "images.npy", tmp_path, name, *map(str, sizes)],
        check=True, cwd=ROOT, env=environment | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
    )  # fmt: skip
    found = []
    for size in sizes:
        expected = load_extractor(name, folder, size)(images)
        apart = np.abs(np.load(tmp_path / f"{size}.npy") - expected).max()
        assert apart > 0, "both backends gave the same bytes: JAX did not run"
        found.append(apart / np.abs(expected).max())
    return found


def test_features_on_jax_are_those_on_tensorflow(lite_folder, images, tmp_path):
    name = "efficientnet-lite0"
    assert max(apart_from_jax(name, lite_folder(name), images, [32, 48], tmp_path)) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "efficientnetv2-b0", "convnext-tiny"])
def test_features_of_an_application_on_jax_are_those_on_tensorflow(name, images, tmp_path):
    folder = obtain(name, "random", folder=tmp_path / "w", seed=0).parent
    assert max(apart_from_jax(name, folder, images[:8], [32], tmp_path)) < 1e-4


IDENTITY = """
import itertools
import sys
import study.stages
import numpy as np
import keras
from study.backbones.forward.compiled import compiled
from study.backbones.forward.preprocessing import PREPROCESSING
images, out = sys.argv[1:]
images = np.load(images).astype(np.float32)
inputs = keras.Input((None, None, 3))
nothing = keras.Model(inputs, keras.layers.Identity()(inputs))
cases = itertools.product(PREPROCESSING, [16, 32, 48])
np.savez(out, **{f"{name}-{size}": np.asarray(compiled(nothing, name, size)(images)) for name, size in cases})
"""


def test_both_backends_preprocess_and_resize_alike(images, tmp_path):
    """The network is the identity, so what it is given is seen."""
    np.save(tmp_path / "images.npy", images[:4])
    for backend in ("tensorflow", "jax"):
        subprocess.run(
            [sys.executable, "-c", IDENTITY, tmp_path / "images.npy", tmp_path / f"{backend}.npz"],
            check=True, cwd=ROOT, env=os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"},
        )  # fmt: skip
    expected, received = (np.load(tmp_path / f"{backend}.npz") for backend in ("tensorflow", "jax"))
    assert len(expected) == 3 * len(PREPROCESSING)
    for case in expected:
        size = int(case.split("-")[1])
        assert expected[case].shape == (4, size, size, 3)
        np.testing.assert_allclose(received[case], expected[case], atol=1e-3)


def test_another_backend_is_one_line(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(BackendError, match="KERAS_BACKEND: expected tensorflow or jax, received torch"):
        compiled(None, "inside", 32)


@pytest.mark.parametrize(("device", "expected"), [("cpu", [128, 128, 8, 1]), ("gpu", [2048, 512, 32, 2])])
def test_larger_images_go_through_in_smaller_batches(monkeypatch, device, expected):
    monkeypatch.setattr(module, "device", lambda: device)
    assert [batch_size(size) for size in (32, 64, 224, 1000)] == expected
