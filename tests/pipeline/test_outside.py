"""What is recorded of the data set and the weights that params.yaml names."""

import json
from pathlib import Path

import pytest

from study import params
from study.backbones.catalogue import names
from study.params import ParamsError
from study.pipeline import outside

SHIPPED = Path(__file__).parents[2] / "params.yaml"
ADDRESS = "https://user:secret@example.org/set.tar.gz"
MOBILENET = "mobilenet_1_0_224_tf_no_top.h5"


@pytest.fixture(autouse=True)
def _in_a_checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)


def data(**changes):
    outside.record_dataset(params.load(SHIPPED, changes=[f"{key}={value}" for key, value in changes.items()]))
    return json.loads(Path("reports/inputs/dataset.json").read_text())["inputs"]


def weights(folder):
    chosen = params.load(SHIPPED, changes=["backbones=[mobilenet]", f"weights={folder}"])
    outside.record_weights(chosen, [names.known("mobilenet")])
    return json.loads(Path("reports/inputs/weights.json").read_text())["inputs"]


def test_a_word_and_an_md5_need_no_hash():
    assert (
        data(dataset="digits") == data(dataset="cinic10") == data(dataset=ADDRESS, dataset_md5="a" * 32) == []
    )


def test_a_download_counts_by_its_content_while_it_is_there():
    assert data(dataset=ADDRESS) == []
    file = outside.acquire.kept(ADDRESS, md5=None, cache=outside.paths.downloads())
    file.parent.mkdir(parents=True)
    file.write_bytes(b"one")
    first = data(dataset=ADDRESS)
    assert len(first) == 1
    assert "secret" not in json.dumps(first)
    file.unlink()
    assert data(dataset=ADDRESS) == first
    file.write_bytes(b"two")
    assert data(dataset=ADDRESS) != first
    file.unlink()
    assert data(dataset="https://example.org/another.tar.gz") == []


def test_weights_of_a_folder_count_by_their_content_and_words_do_not():
    assert weights("imagenet") == weights("random") == []
    Path("w").mkdir()
    with pytest.raises(
        ParamsError, match=f"or the path of a folder that holds the file, received w/{MOBILENET}"
    ):
        weights("w")
    Path("w", MOBILENET).write_bytes(b"one")
    first = weights("w")
    Path("w", MOBILENET).write_bytes(b"two")
    assert weights("w") != first
    Path("w", MOBILENET).write_bytes(b"one")
    assert weights("w") == first
