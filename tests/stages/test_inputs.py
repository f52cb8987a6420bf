"""What DVC runs again when what lies outside changes, and that it removes nothing for a wrong parameter."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest
from clone import Clone
from PIL import Image
from ruamel.yaml import YAML

LITE = "efficientnet-lite0"
RESULTS = (f"data/features/{LITE}/x", f"data/runs/explore/{LITE}/x", f"reports/results/explore/{LITE}.json")
KEPT = ("data/dataset/*", f"data/weights/{LITE}/*", *RESULTS)


def ran(output: str) -> list[str]:
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]


def params(clone: Clone, **values: object) -> None:
    path = clone.folder / "params.yaml"
    yaml = YAML()
    yaml.dump(yaml.load(path) | values, path)


def own(clone: Clone) -> Clone:
    """A clone whose data are an own folder beside params.yaml, as git and DVC do not see it."""
    rng = np.random.default_rng(0)
    for split in ("train", "valid", "test"):
        for label in ("cat", "dog"):
            folder = clone.folder / "data/photos" / split / label
            folder.mkdir(parents=True)
            for k in range(4):
                pixels = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"cifar10-{split}-{k}.png")
    params(clone, dataset="data/photos", weights="random")
    clone.commit("own data")
    return clone


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    made = own(Clone(tmp_path_factory.mktemp("inputs"), n_backbones=1))
    stages = ["data", "inputs", "limits", f"weights@{LITE}"]
    assert sorted(ran(made.dvc("repro", *stages))) == stages
    for file in RESULTS:
        (made.folder / file).parent.mkdir(parents=True, exist_ok=True)
        (made.folder / file).write_text("{}")
    made.commit("data")
    return made


def test_an_image_that_changes_is_packed_and_one_that_does_not_is_not(clone):
    image = clone.folder / "data/photos/train/cat/cifar10-train-0.png"
    packed = clone.folder / "data/dataset/train_images.npy"
    before, arrays = image.read_bytes(), packed.read_bytes()
    assert ran(clone.dvc("repro", "limits")) == ["inputs"]
    status = image.stat()
    pixels = np.asarray(Image.open(image)).copy()
    pixels[0, 0] ^= 1
    Image.fromarray(pixels).save(image)
    os.utime(image, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "data" in ran(clone.dvc("repro", "limits"))
    changed = packed.read_bytes()
    assert changed != arrays
    image.write_bytes(before)
    clone.dvc("repro", "limits")
    assert packed.read_bytes() == arrays
    assert ran(clone.dvc("repro", "limits")) == ["inputs"]
    assert clone.git("status", "--porcelain") == ""


def test_a_folder_that_is_gone_is_said_and_nothing_is_lost(clone, tmp_path):
    photos = clone.folder / "data/photos"
    kept = clone.bytes_of("data/dataset/*")
    shutil.move(photos, tmp_path / "photos")
    try:
        output = clone.dvc("repro", "limits")
        assert ran(output) == ["inputs"]
        assert "dataset: data/photos is gone; what was made of it stays" in output
        params(clone, dataset="data/other")
        output = clone.dvc("repro", "limits", check=False)
        assert "dataset: expected digits, cinic10, an address or the path of an archive or folder" in output
        params(clone, dataset="data/photos", drop_shared_images=True)
        output = clone.dvc("repro", "limits", check=False)
        assert "received data/photos" in output
        assert clone.bytes_of("data/dataset/*") == kept
    finally:
        clone.git("checkout", "-q", "params.yaml", "reports")
        shutil.move(tmp_path / "photos", photos)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"seeds": "ten"}, "seeds: expected a whole number of at least 1, received 'ten'"),
        ({"backbones": ["../../study"]}, "weights@../../study"),
        ({"batch_size": 1_000_000_000}, "batch_size: expected training to fit the 3 GB"),
    ],
)
def test_a_wrong_parameter_removes_nothing(clone, values, says):
    kept = clone.bytes_of(*KEPT)
    params(clone, **values)
    try:
        output = clone.dvc("repro", check=False)
        assert says in output
        assert "Traceback" not in output
        assert clone.bytes_of(*KEPT) == kept
    finally:
        clone.git("checkout", "-q", "params.yaml", "reports")


def test_a_name_that_a_shell_would_run_is_refused_and_does_not_run(clone):
    params(clone, backbones=["x; touch ran #", "$(touch ran)", "`touch ran`"])
    try:
        output = clone.dvc("repro", check=False)
        assert "backbones[0]: expected a name of letters" in output
        clone.dvc("repro", "--single-item", "weights@$(touch ran)", check=False)
        assert not list(clone.folder.rglob("ran"))
    finally:
        clone.git("checkout", "-q", "params.yaml", "reports")


def test_an_experiment_beside_the_checkout_finds_what_lies_in_the_checkout(clone):
    before = clone.bytes_of("data/dataset/*")
    output = clone.dvc("exp", "run", "--temp", "-S", "drop_shared_images=true", "limits")
    assert {"inputs", "data"} <= set(ran(output))
    assert clone.bytes_of("data/dataset/*") == before


def test_weights_of_a_folder_that_change_are_taken_anew(clone, tmp_path):
    file = tmp_path / "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    file.write_bytes(b"one")
    params(clone, weights=str(tmp_path), backbones=["resnet50"])
    try:
        clone.dvc("repro", "inputs")
        first = (clone.folder / "reports/inputs/weights.json").read_bytes()
        file.write_bytes(b"two")
        clone.dvc("repro", "inputs")
        assert (clone.folder / "reports/inputs/weights.json").read_bytes() != first
    finally:
        clone.git("checkout", "-q", "params.yaml", "reports")
