"""The data stage records where the data come from, and nothing that may be secret."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from file_server import FileServer
from PIL import Image
from ruamel.yaml import YAML

from study.stages import data

ROOT = Path(__file__).parents[2]


def small_archive() -> bytes:
    plain = io.BytesIO()
    rng = np.random.default_rng(1)
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for split in ("train", "valid", "test"):
            for label in ("cat", "dog"):
                image = io.BytesIO()
                Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(image, "PNG")
                info = tarfile.TarInfo(f"{split}/{label}/1.png")
                info.size = len(image.getvalue())
                archive.addfile(info, io.BytesIO(image.getvalue()))
    return plain.getvalue()


def test_a_password_and_a_query_are_written_to_no_file_and_shown_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = FileServer(small_archive())
    address = server.url.replace("://", "://me:secret@") + "?X-Amz-Signature=secret"
    values = YAML(typ="safe").load(ROOT / "params.yaml") | {"dataset": address, "dataset_mirrors": [address]}
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    YAML(typ="safe").dump(values, Path("params.yaml"))
    try:
        data.main()
    finally:
        server.close()
    told = capsys.readouterr().err
    assert f"dataset {server.url}\n" in told
    assert "params.yaml and dvc.lock keep an address as it is" in told
    assert "secret" not in told
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "params.yaml"]
    assert Path("reports/dataset.json") in [path.relative_to(tmp_path) for path in files]
    assert not [path for path in files if b"secret" in path.read_bytes() or "secret" in str(path)]
