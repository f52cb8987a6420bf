import dataclasses
import hashlib
import json

import numpy as np
import pytest

from study.data import dataset, shared
from study.data.dataset import DataError, Dataset, load, manifest, save

SPLITS = ("train", "valid", "test")


@pytest.fixture
def small():
    rng = np.random.default_rng(0)
    sizes = {"train": 7, "valid": 5, "test": 4}
    return Dataset(
        name="small",
        source="drawn",
        classes=("cat", "dog"),
        images={split: rng.integers(0, 256, (n, 6, 5, 3), dtype=np.uint8) for split, n in sizes.items()},
        labels={split: (np.arange(n) % 2).astype(np.uint8) for split, n in sizes.items()},
        origins={split: (np.arange(n) % 3).astype(np.uint8) for split, n in sizes.items()},
    )


def test_what_is_saved_is_loaded(small, tmp_path):
    save(small, tmp_path / "set")
    loaded = load(tmp_path / "set")
    assert (loaded.name, loaded.source, loaded.classes) == (small.name, small.source, small.classes)
    for split in SPLITS:
        for part in ("images", "labels", "origins"):
            np.testing.assert_array_equal(getattr(loaded, part)[split], getattr(small, part)[split])
        assert isinstance(loaded.images[split], np.memmap)


def test_the_manifest_names_the_hash_of_every_file(small, tmp_path):
    save(small, tmp_path / "set")
    described = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert described == manifest(small)
    arrays = {path.name: path for path in (tmp_path / "set").iterdir() if path.suffix == ".npy"}
    assert described["sha256"].keys() == arrays.keys()
    for name, path in arrays.items():
        assert described["sha256"][name] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_set_gives_the_same_bytes(small, tmp_path):
    for folder in ("a", "b"):
        save(small, tmp_path / folder)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_the_manifest_counts_by_split_class_and_origin(small):
    counts = manifest(small)["counts"]
    assert counts["train"] == {
        "cat": {"cifar10": 2, "imagenet": 1, "unknown": 1},
        "dog": {"cifar10": 1, "imagenet": 1, "unknown": 1},
    }
    np.testing.assert_array_equal(small.class_counts("train"), [4, 3])


def test_the_manifest_gives_channel_moments(small):
    described = manifest(small)
    for split in SPLITS:
        fractions = small.images[split] / 255
        np.testing.assert_allclose(
            described["channel_mean"][split], fractions.mean(axis=(0, 1, 2)), rtol=1e-12
        )
        np.testing.assert_allclose(described["channel_sd"][split], fractions.std(axis=(0, 1, 2)), rtol=1e-12)


def test_the_manifest_counts_duplicates(small):
    for k in (2, 4):
        small.images["train"][k] = small.images["train"][0]
    small.images["test"][1] = small.images["train"][0]
    small.images["test"][2] = small.images["valid"][0]
    assert manifest(small)["duplicates"] == {
        "within": {"train": 2, "valid": 0, "test": 0},
        "across": {"train-valid": 0, "train-test": 1, "valid-test": 1},
    }


def test_a_failed_save_leaves_the_earlier_set(small, tmp_path, monkeypatch):
    save(small, tmp_path / "set")
    before = {path.name: path.read_bytes() for path in (tmp_path / "set").iterdir()}

    def fail(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(dataset, "manifest", fail)
    with pytest.raises(KeyboardInterrupt):
        save(dataclasses.replace(small, name="other"), tmp_path / "set")
    assert {path.name: path.read_bytes() for path in (tmp_path / "set").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_saving_replaces_what_was_there(small, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "stale.npy").write_bytes(b"old")
    save(small, tmp_path / "set")
    assert not (tmp_path / "set" / "stale.npy").exists()


@pytest.mark.parametrize("name", ["manifest.json", "valid_images.npy", "test_labels.npy"])
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_damaged_folder_is_one_line_with_the_file(small, tmp_path, name, damage):
    save(small, tmp_path / "set")
    path = tmp_path / "set" / name
    content = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(content[: len(content) - 3])
    with pytest.raises(DataError, match=name):
        load(tmp_path / "set")


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("images", np.zeros((4, 6, 5), np.uint8), "uint8 images of one size"),
        ("images", np.zeros((4, 5, 5, 3), np.uint8), "uint8 images of one size"),
        ("images", np.zeros((4, 6, 5, 3), np.float32), "uint8 images of one size"),
        ("labels", np.zeros(3, np.uint8), "a label and an origin for each of 4 images"),
        ("labels", np.full(4, 2, np.uint8), "labels below 2"),
        ("origins", np.full(4, 3, np.uint8), "origins below 3"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(small, part, value, message):
    with pytest.raises(DataError, match=f"small, test: expected .*{message}"):
        dataclasses.replace(small, **{part: getattr(small, part) | {"test": value}})


def doubled(small):
    """Train row 3 stands in valid too, and valid row 2 in test and train."""
    images = {split: array.copy() for split, array in small.images.items()}
    images["valid"][1] = images["train"][3]
    images["valid"][2] = images["train"][0] = images["test"][1]
    return dataclasses.replace(small, images=images)


def test_shared_images_stay_in_the_later_split(small, tmp_path):
    data = doubled(small)
    assert manifest(data)["duplicates"]["across"] == {"train-valid": 2, "train-test": 1, "valid-test": 1}
    own, lost = shared.without_shared(data, scratch=tmp_path)
    assert lost == {"train": 2, "valid": 1, "test": 0}
    assert manifest(own)["duplicates"]["across"] == {"train-valid": 0, "train-test": 0, "valid-test": 0}
    np.testing.assert_array_equal(own.images["train"], data.images["train"][[1, 2, 4, 5, 6]])
    np.testing.assert_array_equal(own.labels["train"], data.labels["train"][[1, 2, 4, 5, 6]])
    np.testing.assert_array_equal(own.images["test"], data.images["test"])
    assert list(tmp_path.iterdir()) == []


def test_a_set_without_shared_images_stays_as_it_is(small, tmp_path):
    own, lost = shared.without_shared(small, scratch=tmp_path)
    assert own is small
    assert set(lost.values()) == {0}


def test_a_class_that_stands_in_a_later_split_alone_is_refused(small, tmp_path):
    images = {split: array.copy() for split, array in small.images.items()}
    images["valid"][[1, 3]] = images["test"][1]
    with pytest.raises(DataError, match="valid/dog: expected images that no later split holds"):
        shared.without_shared(dataclasses.replace(small, images=images), scratch=tmp_path)


def test_a_changed_byte_of_any_array_is_noticed(small, tmp_path):
    save(small, tmp_path / "set")
    dataset.check(tmp_path / "set")
    for path in sorted((tmp_path / "set").glob("*.npy")):
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        with pytest.raises(DataError, match=rf"{path.name}: expected the SHA-256 of the manifest"):
            dataset.check(tmp_path / "set")
        content[-1] ^= 1
        path.write_bytes(content)
    path.unlink()
    with pytest.raises(DataError, match="expected an array"):
        dataset.check(tmp_path / "set")


def test_cinic10_stands_beside_its_published_channel_means(small):
    assert "published" not in manifest(small)
    published = manifest(dataclasses.replace(small, name="cinic10"))["published"]
    means = manifest(small)["channel_mean"]["train"]
    assert published["channel_mean"] == [0.47889522, 0.47227842, 0.43047404]
    assert published["largest_difference"] >= max(
        abs(a - b) for a, b in zip(means, published["channel_mean"], strict=True)
    )
