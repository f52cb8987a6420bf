"""The study for a GPU, on JAX, run small on a CPU; nothing here measures a GPU."""

import pytest

from benchmarks import gpu_heads, gpu_study
from benchmarks.forwards import PAPER
from benchmarks.sides import Context
from benchmarks.small import PARAMS
from study import params
from study.pipeline import provenance

SMALL = (
    "augment.views=fresh",
    "seeds=1",
    "confirm_seeds=1",
    "epochs=1",
    "sweep={batch_size: [128], dropout: [0.5], l1: [0.0], lr: [0.0005], augmentation: [none, zoom], "
    "images_per_class: [all]}",
)


@pytest.mark.slow
def test_it_runs_on_jax():
    chosen = params.load(
        PARAMS, changes=(*PAPER, *SMALL, "backbones=[efficientnet-lite0, efficientnet-lite1]")
    )
    took = gpu_study.together(chosen, 20, "jax")
    assert sorted(took) == ["efficientnet-lite0", "efficientnet-lite1"]
    assert min(took.values()) > 0


def test_without_a_gpu_it_says_that_nothing_was_measured(monkeypatch):
    monkeypatch.setattr(provenance, "device", lambda: "cpu")
    with Context(size="full") as context:
        (row,) = gpu_study.measure(context)
    assert row.value is None
    assert row.note == "not measured: no GPU is at hand"


@pytest.mark.slow
def test_heads_are_measured_on_jax():
    with Context(size="smoke") as context:
        rows = gpu_heads.measure(context)
    assert all(row.value > 0 for row in rows)
    assert "4 heads at once" in rows[0].note
