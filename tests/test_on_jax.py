"""What runs on both backends keeps its promises on JAX too, where there is no TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
XLA_FLAGS = "--xla_cpu_multi_thread_eigen=false --xla_gpu_deterministic_ops=true"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "chosen"),
    [
        ("tests/training/test_train.py", "in_company or every_seed or history or diverges or pool_is_made"),
        ("tests/test_augment.py", "quarter_turns or border or neutral or mixes or cutmix"),
    ],
)
def test_tests_pass_on_jax_without_tensorflow(file, chosen):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.without_tensorflow", "-p", "no:cacheprovider",
         file, "-k", chosen],
        cwd=ROOT, env=os.environ | {"KERAS_BACKEND": "jax", "XLA_FLAGS": XLA_FLAGS, "JAX_PLATFORMS": "cpu"},
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
    for backend, expected in (("jax", XLA_FLAGS), ("tensorflow", "None")):
        environment = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment | {"KERAS_BACKEND": backend},
            capture_output=True, check=True, text=True,
        )  # fmt: skip
        assert done.stdout.strip() == expected
