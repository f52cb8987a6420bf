"""The crate of the committed study: its metadata hold together, and its files are those of the study."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from study.commands import crate

ROOT = Path(__file__).parents[2]
STAGES = YAML(typ="safe").load(ROOT / "dvc.lock")["stages"]


def packed():
    return crate.archive(dict(crate._files(STAGES, with_models=False)))


@pytest.fixture(scope="module")
def content():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield packed()


@pytest.fixture(scope="module")
def archive(content):
    return zipfile.ZipFile(io.BytesIO(content))


@pytest.fixture(scope="module")
def graph(archive):
    found = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
    by_name = {entity["@id"]: entity for entity in found}
    assert len(by_name) == len(found)
    return by_name


def targets(value):
    if isinstance(value, dict):
        yield value["@id"]
    elif isinstance(value, list):
        for one in value:
            yield from targets(one)


def kinds(entity):
    return {entity["@type"]} if isinstance(entity["@type"], str) else set(entity["@type"])


def test_equal_files_give_equal_bytes(content):
    assert packed() == content


def test_every_reference_leads_somewhere(graph):
    missing = {
        target
        for entity in graph.values()
        for value in entity.values()
        for target in targets(value)
        if target not in graph and not target.startswith("http")
    }
    assert missing == set()


def test_every_file_is_in_the_archive_with_its_hash_and_every_file_of_the_archive_is_described(
    archive, graph
):
    described = {name: one for name, one in graph.items() if "File" in kinds(one)}
    inside = {name for name in archive.namelist() if not name.endswith("/")}
    assert set(described) == inside - {"ro-crate-metadata.json"}
    for name, one in described.items():
        if name != "dvc.yaml":
            assert one["sha256"] == hashlib.sha256(archive.read(name)).hexdigest(), name
            assert archive.read(name) == (ROOT / name).read_bytes()
    assert {"reports/report.html", "reports/tables/claims.csv", "dvc.lock", "params.yaml"} <= inside


def test_every_stage_is_a_step_with_its_action_parameters_and_outputs(graph):
    steps = [one for one in graph.values() if one["@type"] == "HowToStep"]
    assert [one["name"] for one in steps] == list(STAGES)
    assert list(targets(graph["dvc.yaml"]["step"])) == [one["@id"] for one in steps]
    assert set(targets(graph["#run"]["result"])) >= {"reports/tables/", "reports/report.html"}
    action = graph["#action-train@efficientnet-lite0"]
    assert "#param-sweep" in set(targets(action["object"]))
    assert "190 runs" in action["description"]
    assert graph["#param-epochs"]["value"] == "10"
    md5 = next(out for out in STAGES["data"]["outs"] if out["path"] == "data/dataset")["md5"]
    assert graph["#data/dataset"]["identifier"] == f"md5:{md5}"


def test_the_outcome_of_verify_stands_at_its_action(graph):
    assert graph["#action-verify"]["description"].startswith("Of 6 runs trained again, 6 came out the same")


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "study", "crate", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("spoil", "words", "said"),
    [
        (None, ("--out", "x.tar"), "--out: expected a name that ends in .zip, received x.tar"),
        (None, ("--models",), "data/models: expected exported models, received none"),
        ("dvc.lock", (), "dvc.lock: expected YAML, received FileNotFoundError"),
        ("reports/source.json", (), "reports/source.json: expected this file, received none"),
    ],
)
def test_what_is_missing_is_one_line_and_nothing_is_written(spoil, words, said, tmp_path):
    for name in ("dvc.yaml", "dvc.lock", "params.yaml", "CITATION.cff"):
        shutil.copy2(ROOT / name, tmp_path)
    shutil.copytree(
        ROOT / "reports", tmp_path / "reports", ignore=shutil.ignore_patterns("figures", "pictures")
    )
    shutil.copytree(ROOT / "study" / "stages", tmp_path / "study" / "stages")
    if spoil:
        (tmp_path / spoil).unlink()
    done = run(tmp_path, *words)
    assert done.returncode != 0
    assert done.stderr.strip().splitlines()[-1].endswith(said) or said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.glob("*.zip")) == []
