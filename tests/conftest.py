"""TensorFlow's threads, set before anything imports it; the small study, run once; who runs what."""

import os
from pathlib import Path

import pytest
from clone import Clone

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """A worker runs all tests that share costly fixtures: first those of clones, then folder by folder."""
    for item in items:
        place = "clone" if "clone" in item.fixturenames else item.path.relative_to(HERE).parts[0]
        item.add_marker(pytest.mark.xdist_group(place))
    items.sort(key=lambda item: "slow" not in item.keywords)


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """A clone in which the small study has run once."""
    return Clone.ran(tmp_path_factory.mktemp("clone"))
