"""The study's environment, before anything else is imported; the small study, run once; who runs what."""

import study.pipeline.environment  # noqa: F401, I001 - before any library reads it

import pytest
from clone import Clone
from xdist.scheduler import LoadScopeScheduling


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
