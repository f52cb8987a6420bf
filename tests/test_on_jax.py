"""What runs on both backends keeps its promises on JAX too, where there is no TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from study.pipeline.environment import XLA_FLAGS, XLA_PORTABLE

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "chosen"),
    [
        ("tests/training/test_train.py", "in_company or every_seed or history or diverges or pool_is_made"),
        ("tests/test_augment.py", "quarter_turns or border or neutral or mixes or cutmix"),
        ("tests/backbones/resident_on_jax.py", ""),
        ("tests/export/test_models.py", "backbone_and_head_give and lite0-32"),
    ],
)
def test_tests_pass_on_jax_without_tensorflow(file, chosen):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.without_tensorflow", "-p", "no:cacheprovider",
         file, "-k", chosen],
        cwd=ROOT, env=os.environ | {"KERAS_BACKEND": "jax"},
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_tensorflow_is_out_of_reach_there():
    done = subprocess.run(
        [sys.executable, "-c", "import tests.without_tensorflow, tensorflow"],
        cwd=ROOT, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert "No module named 'tensorflow'" in done.stderr


def test_the_stages_set_xla_for_jax_alone():
    code = "import study.stages, os; print(os.environ.get('XLA_FLAGS'))"
    for backend, expected in (("jax", XLA_FLAGS + XLA_PORTABLE), ("tensorflow", "None")):
        environment = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment | {"KERAS_BACKEND": backend},
            capture_output=True, check=True, text=True,
        )  # fmt: skip
        assert done.stdout.strip() == expected


HEADS = """
import hashlib, os, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])
import study.stages
import numpy as np
from study.training.backend import programs
from study.training.optimisation import Optimisation
rng = np.random.default_rng(0)
made = programs(1280, 10)
heads = made.started([Optimisation(0.0005, 0.5, 0.0001, i, i) for i in range(4)], range(4))
labels = rng.integers(0, 10, 512).astype(np.int32)
features = made.place(rng.random((512, 1280), np.float32).astype(np.float16))
targets = made.place(np.eye(10, dtype=np.float32)[labels])
index = rng.integers(0, 512, (4, 6, 64), dtype=np.int32)
told = heads.train_epoch(features, targets, index, np.ones((6, 64), np.float32))
told += heads.evaluate(features, made.place(labels), np.arange(512, dtype=np.int32)[None])
digest = hashlib.sha256(b"".join(one.tobytes() for one in (*told, *heads.predict(features))))
print(len(os.sched_getaffinity(0)), digest.hexdigest())
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be taken away here")
def test_bytes_do_not_depend_on_the_number_of_cores():
    environment = {name: value for name, value in os.environ.items() if name not in ("XLA_FLAGS", "NPROC")}
    told = []
    for cores in (1, 64):
        done = subprocess.run(
            [sys.executable, "-c", HEADS, str(cores)], cwd=ROOT,
            env=environment | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
            capture_output=True, check=True, text=True,
        )  # fmt: skip
        told.append(done.stdout.split())
    assert told[0][0] == "1"
    assert told[0][1] == told[1][1]
