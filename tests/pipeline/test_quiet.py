"""No line of TensorFlow's own while it is imported; what else is written then comes through."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from study.pipeline.quiet import without_chatter

ROOT = Path(__file__).parents[2]
CHATTER = "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"


def test_a_process_that_imports_keras_writes_nothing():
    code = "import study.pipeline.environment, keras, tensorflow; print(keras.backend.backend())"
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "tensorflow\n"
    assert done.stderr == ""


def test_other_lines_come_through_also_from_c(capfd):
    with without_chatter():
        os.write(2, CHATTER.encode() + b"I0000 00:00:1.2    3 port.cc:153] oneDNN custom\nE0000 bad: real\n")
    assert capfd.readouterr().err == "E0000 bad: real\n"


def test_an_error_within_is_raised_after_what_was_written(capfd):
    def failing():
        with without_chatter():
            os.write(2, b"why\n")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        failing()
    assert capfd.readouterr().err == "why\n"
