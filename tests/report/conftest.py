"""Reports of synthetic studies, built once."""

from __future__ import annotations

import pytest
from built_report import Built, built
from synthetic_study import HOSTILE, small, study


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Two backbones, all six factors, one diverged run."""
    made = study(small(), seed=1, diverged=("efficientnet-lite1/lr=0.003/explore/2",), sources=True)
    return built(made, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Names that are markup in one face or the other, letters beyond Latin, very long ones.

    Other data too: three classes, one origin, thirty epochs, two replicates.
    """
    values = small(backbones=list(HOSTILE), dataset="a_b%c#<script>&ż网", seeds=2, confirm_seeds=2, epochs=30)
    made = study(values, seed=3, classes=("a_b", "<b>ż%", "a rather long name of a class"), dirty=True)
    return built(made, tmp_path_factory.mktemp("hostile"))
