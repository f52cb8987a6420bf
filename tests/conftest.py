"""TensorFlow's threads, set before anything imports it; the small study, run once."""

import os
import time

import pytest
from clone import Clone

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """A clone in which the small study has run once."""
    made = Clone(tmp_path_factory.mktemp("clone"))
    began = time.perf_counter()
    made.dvc("repro")
    made.seconds = time.perf_counter() - began
    made.commit("results")
    return made
