"""What stands beside the weights: the row and the hash of the code of its kind."""

import json
import shutil
from dataclasses import replace

import pytest

from study import files
from study.backbones.catalogue.names import BACKBONES
from study.backbones.catalogue.obtain import obtain
from study.backbones.forward.extract import load_extractor
from study.backbones.forward.folder import read_row
from study.backbones.forward.row import Backbone, BackboneError, WeightsError, from_json, to_json
from study.backbones.kinds import registry

LITE = "efficientnet-lite0"


def weights_hash(root, name):
    """As it stands in the key of a run."""
    folder = obtain(name, "random", folder=root / name, seed=0).parent
    return files.sha256(*folder.iterdir())


@pytest.fixture
def hashes(tmp_path):
    return lambda: {name: weights_hash(tmp_path, name) for name in BACKBONES}


@pytest.mark.parametrize("name", BACKBONES)
def test_a_row_comes_back_from_its_folder(tmp_path, name):
    obtain(name, "random", folder=tmp_path / name, seed=0)
    row = BACKBONES[name]
    assert read_row(tmp_path / name) == replace(row, family=name, package=None, url=None)


def test_another_row_changes_no_hash_of_those_there(hashes, monkeypatch):
    before = hashes()
    monkeypatch.setitem(BACKBONES, "another", replace(BACKBONES["resnet50"], name="another"))
    after = hashes()
    assert set(after) - set(before) == {"another"}
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize(
    "change",
    [{"n_features": 7}, {"preprocessing": "tf"}, {"constructor": "ResNet50V2"}, {"native_size": 32},
     {"weights_file": "x"}, {"weights_hash": "0" * 32}, {"hash_kind": "sha256"}],
    ids=str,
)  # fmt: skip
def test_an_edited_row_changes_its_own_hash_alone(hashes, monkeypatch, change):
    before = hashes()
    monkeypatch.setitem(BACKBONES, "resnet50", replace(BACKBONES["resnet50"], **change))
    after = hashes()
    assert {name for name in before if after[name] != before[name]} == {"resnet50"}


def test_what_a_row_is_called_in_print_and_where_its_file_lies_change_no_hash(hashes, monkeypatch):
    before = hashes()
    row = replace(BACKBONES["resnet50"], family="Residual network", url="https://example.org/x")
    monkeypatch.setitem(BACKBONES, "resnet50", row)
    assert hashes() == before


@pytest.mark.parametrize("kind", registry.FILES)
def test_changed_code_of_a_kind_changes_the_hashes_of_its_rows_alone(hashes, tmp_path, monkeypatch, kind):
    copy = tmp_path / "backbones"
    shutil.copytree(registry.HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(registry, "HERE", copy)
    before = hashes()
    for name in registry.FILES[kind]:
        path = copy / name
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        after = hashes()
        path.write_bytes(content)
        changed = {name for name in before if after[name] != before[name]}
        assert changed == {name for name, row in BACKBONES.items() if row.kind == kind}
    assert hashes() == before


def test_another_version_of_a_library_of_one_kind_changes_the_hashes_of_its_rows_alone(hashes, monkeypatch):
    before = hashes()
    monkeypatch.setattr(registry.metadata, "version", lambda _: "9.9")
    after = hashes()
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {name for name, row in BACKBONES.items() if row.kind == "keras-hub"}


def test_weights_obtained_for_other_code_are_refused(tmp_path, monkeypatch):
    obtain(LITE, "random", folder=tmp_path / LITE, seed=0)
    monkeypatch.setitem(registry.FILES, "efficientnet-lite", ("torch_pickle.py",))
    with pytest.raises(WeightsError) as caught:
        load_extractor(LITE, tmp_path / LITE, 32)
    assert "expected the code" in str(caught.value)
    assert str(caught.value).endswith(f"run dvc repro --force --single-item weights@{LITE}")


def test_the_folder_of_another_backbone_is_refused(tmp_path):
    obtain(LITE, "random", folder=tmp_path / "w", seed=0)
    with pytest.raises(BackboneError, match=f"expected weights of resnet50, received those of {LITE}"):
        load_extractor("resnet50", tmp_path / "w", 32)


def test_a_folder_without_a_row_says_what_to_do(tmp_path):
    (tmp_path / LITE).mkdir()
    with pytest.raises(WeightsError, match=f"received none; run dvc repro weights@{LITE}"):
        read_row(tmp_path / LITE)


GOOD = json.loads(to_json(BACKBONES[LITE]))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", *(json.dumps({key: GOOD[key] for key in GOOD if key != gone}) for gone in GOOD),
     *(json.dumps(GOOD | wrong) for wrong in (
         {"n_features": "1280"}, {"n_features": True}, {"n_features": None}, {"kind": "x"},
         {"preprocessing": "none"}, {"weights_hash": 3}, {"name": None}))],
)  # fmt: skip
def test_a_damaged_row_is_one_line(tmp_path, text):
    (tmp_path / "row.json").write_text(text)
    with pytest.raises(WeightsError, match=r"row\.json: expected the row of a backbone, received"):
        read_row(tmp_path)


def test_what_stands_beside_a_row_comes_back():
    row, beside = from_json(to_json(BACKBONES[LITE], code="abc"))
    assert isinstance(row, Backbone)
    assert beside == {"code": "abc"}
