"""TensorFlow's threads, set before anything imports it; the small study, run once; who runs what."""

import os

import pytest
from clone import Clone
from xdist.scheduler import LoadScopeScheduling

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


class ByFolder(LoadScopeScheduling):
    """A worker runs all tests of a folder, or of a file beside this one: they share costly fixtures."""

    def _split_scope(self, nodeid):
        return nodeid.partition("::")[0].removeprefix("tests/").partition("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByFolder(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """The slow ones first, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: "slow" not in item.keywords)


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """A clone in which the small study has run once."""
    return Clone.ran(tmp_path_factory.mktemp("clone"))
