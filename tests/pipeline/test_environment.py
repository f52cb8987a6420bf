"""What a person's environment may say, and what every process of the study has whatever it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from study.pipeline import environment
from study.pipeline.cpu import parsed

ROOT = Path(__file__).parents[2]
HOSTILE = {
    "TF_NUM_INTRAOP_THREADS": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_XLA_FLAGS": "--tf_xla_auto_jit=2",
    "TF_FORCE_UPCAST": "1",
    "XLA_FLAGS": "--xla_cpu_enable_fast_math=true",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "ONEDNN_DEFAULT_FPMATH_MODE": "BF16",
    "DNNL_MAX_CPU_ISA": "SSE41",
    "NVIDIA_TF32_OVERRIDE": "1",
    "JAX_ENABLE_X64": "1",
    "JAX_DEFAULT_MATMUL_PRECISION": "bfloat16",
    "KERAS_MAX_EPOCHS": "1",
    "MKL_CBWR": "SSE2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3",
    "NPY_PROMOTION_STATE": "legacy",
    "OMP_NUM_THREADS": "3",
    "OPENBLAS_CORETYPE": "Nehalem",
    "OPENBLAS_NUM_THREADS": "7",
    "NPROC": "3",
    "SCIPY_ARRAY_API": "1",
    "SOURCE_DATE_EPOCH": "1",
    "MPLBACKEND": "no such backend",
    "MATPLOTLIBRC": "/nowhere",
    "LC_NUMERIC": "de_DE.UTF-8",
    "LC_ALL": "tr_TR.UTF-8",
}
HARMLESS = {
    "HOME": "/h",
    "PATH": "/p",
    "LD_LIBRARY_PATH": "/l",
    "CUDA_VISIBLE_DEVICES": "0",
    "DASK_SCHEDULER_ADDRESS": "tcp://a:1",
    "XLA_PYTHON_CLIENT_MEM_FRACTION": "0.4",
    "NVIDIA_VISIBLE_DEVICES": "all",
}


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
@pytest.mark.parametrize("portable", [True, False])
def test_nothing_hostile_is_left_and_nothing_else_is_lost(backend: str, portable: bool) -> None:
    choice = {"KERAS_BACKEND": backend}
    clean = environment.fixed(HARMLESS | choice, portable=portable)
    assert environment.fixed(HOSTILE | HARMLESS | choice, portable=portable) == clean
    assert clean.items() >= (HARMLESS | choice).items()
    for name in HOSTILE:
        assert clean.get(name) != HOSTILE[name]


def test_what_a_person_may_say_is_kept() -> None:
    assert environment.fixed({}, portable=True)["KERAS_BACKEND"] == "tensorflow"
    assert environment.fixed({"STUDY_THREADS": "5"}, portable=True)["TF_NUM_INTEROP_THREADS"] == "5"
    for odd in ("", "0", "many", "-1"):
        threads = environment.fixed({"STUDY_THREADS": odd}, portable=True)["TF_NUM_INTEROP_THREADS"]
        assert threads == str(environment.n_cores())


def test_a_fixed_environment_is_fixed() -> None:
    once = environment.fixed(HOSTILE, portable=True)
    assert environment.fixed(once, portable=True) == once
    assert not environment.fixed(once, portable=False).keys() & environment.PORTABLE.keys()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("execution: {portable: false}", False),
        ("execution: {portable: true}", True),
        ("execution: {workers: 1}", True),
        ("execution: 3", True),
        ("execution: {portable: [", True),
        (None, True),
    ],
)
def test_portable_unless_the_parameters_say_false(text: str | None, expected: bool, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert environment.is_portable(path) is expected


TELL = """
import json, os
import {first}
import study.stages
from study.pipeline import environment, provenance
import keras, numpy
from numpy._core._multiarray_umath import __cpu_features__ as features
print(json.dumps({{
    "keras": [keras.config.floatx(), keras.config.image_data_format(), keras.config.epsilon()],
    "beyond": [name for name in ("X86_V4", "AVX512_ICL", "AVX512_SPR") if features.get(name)],
    "instructions": provenance.backend()["instructions"],
    "late": environment.TOO_LATE,
}}))
"""


def told(folder: Path, first: str = "sys", **variables: str) -> dict[str, object]:
    (folder / "keras").mkdir(exist_ok=True)
    config = {"floatx": "float16", "image_data_format": "channels_first", "epsilon": 0.5, "backend": "jax"}
    (folder / ".keras").mkdir(exist_ok=True)
    for home in (".keras", "keras"):
        (folder / home / "keras.json").write_text(json.dumps(config), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", TELL.format(first=first)],
        cwd=folder, capture_output=True, text=True, check=True,
        env=environment.FOUND | HOSTILE | {
            "HOME": str(folder), "KERAS_HOME": str(folder / "keras"), "PYTHONPATH": str(ROOT),
        } | variables,
    )  # fmt: skip
    said: dict[str, object] = json.loads(done.stdout)
    return said


@pytest.mark.slow
def test_a_process_has_no_keras_json_and_nothing_beyond_avx2(tmp_path: Path) -> None:
    said = told(tmp_path)
    assert said["keras"] == ["float32", "channels_last", 1e-7]
    assert said["beyond"] == []
    assert said["late"] is False


@pytest.mark.slow
def test_a_library_that_was_there_first_is_told(tmp_path: Path) -> None:
    """As where a Dask worker is started without the study's environment."""
    said = told(tmp_path, first="numpy")
    assert said["late"] is True
    assert said["instructions"] != "x86-64-v3"
    prepared = told(tmp_path, first="numpy", **environment.PORTABLE)
    assert prepared["late"] is False
    assert prepared["instructions"] == environment.instructions()


def test_a_command_runs_in_the_studys_environment() -> None:
    show = [sys.executable, "-c", "import os, json; print(json.dumps(dict(os.environ)))"]
    done = subprocess.run(
        [sys.executable, "-m", "study.pipeline.environment", *show],
        cwd=ROOT, env=environment.FOUND | HOSTILE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout).items() >= (environment.SETTINGS | environment.PORTABLE).items()


@pytest.mark.parametrize("mask", ["-AVX2", "-AVX512F,-FMA", "-AVX2_Usable,-AVX512F_Usable"])
def test_a_c_library_without_fma_is_refused(mask: str) -> None:
    """Its exp and log round otherwise."""
    done = subprocess.run(
        [sys.executable, "-c", "import study.stages"], cwd=ROOT, capture_output=True, text=True, check=False,
        env=environment.FOUND | {"GLIBC_TUNABLES": f"glibc.cpu.hwcaps={mask}"},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("GLIBC_TUNABLES: expected none that switches off AVX2 or FMA")
    assert len(done.stderr.splitlines()) == 1


EPYC = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: {family}
model\t\t: {model}
model name\t: AMD EPYC
stepping\t: 1
flags\t\t: fpu sse2 avx f16c fma avx2 {more}

processor\t: 1
model name\t: another
"""


def test_two_kinds_of_one_name_are_told_apart() -> None:
    milan = parsed(EPYC.format(family=25, model=1, more="rdseed"))
    genoa = parsed(EPYC.format(family=25, model=17, more="avx512f avx512_bf16"))
    assert milan.name == genoa.name == "AMD EPYC"
    assert milan.identity == "AuthenticAMD, family 25, model 1, stepping 1"
    assert milan.identity != genoa.identity
    assert milan.instructions == ("avx", "avx2", "f16c", "fma")
    assert set(genoa.instructions) - set(milan.instructions) == {"avx512f", "avx512_bf16"}
    assert milan.has_avx2
    assert not parsed(EPYC.format(family=1, model=1, more="").replace(" fma ", " ")).has_avx2


def test_the_instructions_are_those_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [parsed(EPYC.format(family=25, model=model, more="avx512f")) for model in (1, 17)]

    def said(which: int) -> str:
        monkeypatch.setattr(environment, "cpu", lambda: both[which])
        return environment.instructions()

    monkeypatch.setattr(environment, "TOO_LATE", False)
    for name, value in environment.PORTABLE.items():
        monkeypatch.setenv(name, value)
    assert said(0) == said(1) == "x86-64-v3"
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA")
    assert said(0) != said(1)
    assert said(0).endswith("avx avx2 avx512f f16c fma")
