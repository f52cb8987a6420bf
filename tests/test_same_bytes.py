"""A whole small study gives the same bytes whatever the environment is, and other bytes without its caps."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from one_process import BACKBONES
from PIL import Image
from ruamel.yaml import YAML

from study.data.digits import SPLIT_SEED, digits
from study.pipeline import environment
from study.pipeline.cpu import cpu

ROOT = Path(__file__).parents[1]
PER_CLASS = 12
N_CLASSES = 4
PARAMETERS = {
    "dataset": "set",
    "backbones": list(BACKBONES),
    "seeds": 2,
    "confirm_seeds": 2,
    "variance_seeds": 0,
    "epochs": 2,
    "models": "none",
    "sweep": {
        "lr": [0.0005, 0.005],
        "batch_size": [16],
        "dropout": [0.5],
        "l1": [0.0],
        "augmentation": ["none", "rotation"],
        "images_per_class": ["all"],
    },
}
WITHOUT_AVX512 = "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512F_Usable,-AVX512VL_Usable"
FOREIGN = {
    "GLIBC_TUNABLES": WITHOUT_AVX512,
    "JAX_ENABLE_X64": "1",
    "KERAS_MAX_EPOCHS": "1",
    "LC_ALL": "tr_TR.UTF-8",
    "LANG": "de_DE.UTF-8",
    "MPLBACKEND": "pdf",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4",
    "OMP_NUM_THREADS": "3",
    "ONEDNN_DEFAULT_FPMATH_MODE": "BF16",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Nehalem",
    "PYTHONHASHSEED": "7",
    "SOURCE_DATE_EPOCH": "7",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTEROP_THREADS": "5",
    "TF_NUM_INTRAOP_THREADS": "3",
    "TF_XLA_FLAGS": "--tf_xla_auto_jit=2",
    "TZ": "Asia/Kathmandu",
}
KERAS_JSON = {"floatx": "float16", "epsilon": 0.01, "image_data_format": "channels_first"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which each run starts: some digits as images, parameters and templates, in git."""
    folder = tmp_path_factory.mktemp("prepared")
    data = digits(seed=SPLIT_SEED)
    for split, images in data.images.items():
        for label in range(N_CLASSES):
            (folder / "set" / split / str(label)).mkdir(parents=True)
            for number, image in enumerate(images[data.labels[split] == label][:PER_CLASS]):
                name = f"cifar10-{split}-{number}.png"
                Image.fromarray(image[8:40, 8:40]).save(folder / "set" / split / str(label) / name)
    values = YAML().load(ROOT / "params.yaml") | PARAMETERS
    values["analysis"]["verify_runs"] = 0
    values["augment"]["views"] = 2
    YAML().dump(values, folder / "params.yaml")
    shutil.copytree(ROOT / "templates", folder / "templates")
    names = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q"], ["add", "templates"], [*names, "commit", "-q", "-m", "start"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def ran(
    prepared: Path, folder: Path, *, one_core: bool = False, last: str = "report", **variables: str
) -> dict[str, bytes]:
    """Every file that all stages leave, but timings, by its name."""
    shutil.copytree(prepared, folder)
    (folder / "bin").mkdir()
    (folder / "bin/git").symlink_to(str(shutil.which("git")))
    own = {"PYTHONPATH": str(ROOT), "PATH": str(folder / "bin")}  # without TeX, for a PDF takes longest
    some = sorted(os.sched_getaffinity(0))[:1]
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/one_process.py"), str(folder), last],
        cwd=folder,
        env=environment.FOUND | own | variables,
        capture_output=True,
        check=False,
        text=True,
        preexec_fn=partial(os.sched_setaffinity, 0, some) if one_core else None,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for below in ("data", "reports")
        for path in sorted((folder / below).rglob("*"))
        if path.is_file() and "timings" not in path.parts
    }


@pytest.fixture(scope="module")
def usual(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the study leaves in the environment of these tests."""
    return ran(prepared, tmp_path_factory.mktemp("usual") / "study")


def test_no_byte_depends_on_the_environment(prepared: Path, usual: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "home/.keras").mkdir(parents=True)
    (tmp_path / "home/.keras/keras.json").write_text(json.dumps(KERAS_JSON), encoding="utf-8")
    other = ran(prepared, tmp_path / "study", one_core=True, HOME=str(tmp_path / "home"), **FOREIGN)
    assert {"reports/report.html", f"data/features/{BACKBONES[0]}/train.npy"} <= usual.keys()
    assert len(usual) > 100
    assert sorted(other) == sorted(usual)
    assert [name for name in usual if usual[name] != other[name]] == []


@pytest.mark.skipif(
    "avx512f" not in cpu().instructions, reason="this processor has no AVX-512, so there is no cap to lift"
)
def test_without_the_caps_bytes_are_others(prepared: Path, usual: dict[str, bytes], tmp_path: Path) -> None:
    """So the caps are needed, and the test above can fail."""
    free = tmp_path / "free"
    shutil.copytree(prepared, free)
    text = (free / "params.yaml").read_text(encoding="utf-8")
    assert "portable: true" in text
    (free / "params.yaml").write_text(text.replace("portable: true", "portable: false"), encoding="utf-8")
    other = ran(free, tmp_path / "study", last="train")
    for backbone in BACKBONES:
        name = f"data/features/{backbone}/train.npy"
        assert other[name] != usual[name]
        record = f"reports/results/explore/{backbone}.json"
        told = [json.loads(files[record])["record"][0] for files in (usual, other)]
        assert told[0]["instructions"] == "x86-64-v3"
        assert "avx512f" in told[1]["instructions"]
        assert told[0]["results"] != told[1]["results"]
