"""Rivals do the study's work: the same losses at every step from the same weights and batches."""

import importlib

import numpy as np
import pytest

from benchmarks import heads
from benchmarks.naive import head
from benchmarks.rivals import compared
from benchmarks.sides import Context
from study.training.batches import N_HIDDEN, initial_weights

RNG = np.random.default_rng(np.random.SeedSequence(1))
X = RNG.random((4, heads.BATCH, heads.N_FEATURES), np.float32)
Y = RNG.integers(0, heads.N_CLASSES, (4, heads.BATCH), np.int32)


@pytest.fixture(scope="module")
def weights():
    kernel, bias, out_kernel, out_bias = initial_weights(heads.N_FEATURES, N_HIDDEN, heads.N_CLASSES, seed=1)
    return [np.ascontiguousarray(kernel.T), bias, out_kernel, out_bias]


@pytest.fixture(scope="module")
def expected(weights):
    model = head(heads.N_FEATURES, heads.N_CLASSES, 0.0)
    model.set_weights(weights)
    model.optimizer.learning_rate = 0.0005
    targets = np.eye(heads.N_CLASSES, dtype=np.float32)[Y]
    return [float(model.train_on_batch(x, y)[0]) for x, y in zip(X, targets, strict=True)]


@pytest.mark.parametrize(
    ("library", "kind"),
    [
        ("jax", "scan"),
        ("jax", "vmap"),
        ("torch", "eager"),
        ("torch", "compiled"),
        ("torch", "stacked"),
        ("torch", "stacked compiled"),
    ],
)
def test_a_rival_has_the_losses_of_keras(library, kind, weights, expected):
    pytest.importorskip(library)
    rival = importlib.import_module(f"benchmarks.rivals.{library}_heads")
    found = rival.losses(kind, weights, X, Y)
    assert found[0] == pytest.approx(expected[0], rel=1e-5)
    assert found == pytest.approx(expected, rel=1e-3)  # the libraries add Adam's epsilon at other places


def test_what_is_not_installed_is_said(monkeypatch):
    monkeypatch.setattr(compared, "_BACKBONES", ())
    monkeypatch.setattr(compared, "STEPS", tuple(one for one in compared.STEPS if one.package == "sklearn"))
    monkeypatch.setattr(compared, "EVALUATIONS", (compared.Rival("none", "no_such_library", len),))
    with Context(size="smoke") as context:
        *steps, left_out = compared.measure(context)
    assert [row.name for row in steps] == [f"head step: {one.name}" for one in compared.STEPS]
    assert all(row.value > 0 for row in steps)
    assert left_out.cells()[1] == "not measured"
    assert left_out.note == "not measured: no_such_library is not installed"
