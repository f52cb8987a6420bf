"""The heads on JAX against those on TensorFlow, and against themselves in other company."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from study.training import batches, heads, heads_jax
from study.training.batches import N_HIDDEN
from study.training.optimisation import Optimisation, Sharing

N, D, C = 150, 33, 10
EPOCHS = 2
MIXED = [
    Optimisation(lr, dropout, l1, init_seed=i, dropout_seed=2**40 + i)
    for i, (lr, dropout, l1) in enumerate([(0.0005, 0.5, 0.0), (0.005, 0.3, 0.0005), (0.001, 0.0, 0.0)])
]
MIXED[2] = replace(MIXED[2], label_smoothing=0.1, weight_decay=0.01)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    labels = rng.integers(0, C, N).astype(np.int32)
    centres = rng.normal(size=(C, D))
    features = np.maximum(centres[labels] + 2.5 * rng.normal(size=(N, D)), 0).astype(np.float16)
    return features, labels


def run(module, data, optimisations, streams, *, dtype="float32", extra=0, batch_size=64):
    """Some epochs of heads on streams: their program, what they reported, and their predictions."""
    features, labels = data
    padding = np.zeros((extra, D), features.dtype)
    place = module.place if module is heads else jax.device_put
    inputs = place(np.concatenate([features, padding]))
    targets = place(np.eye(C, dtype=dtype)[np.concatenate([labels, np.zeros(extra, np.int32)])])
    distinct = list(dict.fromkeys(streams))
    program = module.Heads(
        Sharing.of(optimisations, [distinct.index(one) for one in streams]), D, C, dtype=dtype
    )
    program.start(optimisations)
    told = []
    for epoch in range(EPOCHS):
        orders = [batches.order(N, EPOCHS, seed=seed)[epoch] for seed in distinct]
        index, weight = zip(*[batches.pad(rows, batch_size) for rows in orders], strict=True)
        told += program.train_epoch(inputs, targets, np.stack(index), weight[0])
        told += program.evaluate(place(features), place(labels), np.arange(N, dtype=np.int32)[None])
    return program, np.array(told), program.predict(place(features))


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-5), ("float64", 1e-9)])
def test_without_dropout_both_backends_give_the_same(data, dtype, tolerance):
    """To the rounding of the type: in float64 a formula that is a little wrong would stand out."""
    optimisations = [
        Optimisation(lr, 0.0, l1, init_seed=i, dropout_seed=1)
        for i, (lr, l1) in enumerate([(0.0005, 0.0), (0.005, 0.0), (0.0005, 0.0005)])
    ]
    optimisations.append(replace(optimisations[1], init_seed=3, label_smoothing=0.3, weight_decay=0.5))
    expected, told, probs = run(heads, data, optimisations, [7, 8, 7, 8], dtype=dtype)
    with jax.enable_x64(dtype == "float64"):
        received, told_jax, probs_jax = run(heads_jax, data, optimisations, [7, 8, 7, 8], dtype=dtype)
        weights = received.weights
    np.testing.assert_allclose(told_jax, told, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(probs_jax, probs, atol=tolerance)
    for ours, theirs in zip(weights, expected.weights, strict=True):
        for our, their in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(our, their, atol=tolerance)
    started = batches.initial_weights(D, N_HIDDEN, C, seed=1)[0]
    assert np.abs(weights[1][0] - started).max() > 1e-2


def test_a_probability_at_its_bound_pulls_no_more_on_both(data):
    optimisations = [Optimisation(0.5, 0.0, 0.0, init_seed=0, dropout_seed=1)]
    _, told, probs = run(heads, data, optimisations, [0], dtype="float64")
    with jax.enable_x64(True):
        _, told_jax, probs_jax = run(heads_jax, data, optimisations, [0], dtype="float64")
    assert (probs[0] < 1e-7).any()
    np.testing.assert_allclose(told_jax, told, rtol=1e-6)
    np.testing.assert_allclose(probs_jax, probs, atol=1e-6)


def test_a_head_is_the_same_alone_and_in_any_place(data):
    """Also where the features of a group are more: rows of other runs, which this head never sees."""
    together, told, probs = run(heads_jax, data, MIXED, [4, 5, 4])
    for order in ([0], [1], [2], [2, 0, 1]):
        own = [MIXED[i] for i in order]
        other, told_other, probs_other = run(
            heads_jax, data, own, [[4, 5, 4][i] for i in order], extra=len(order) * 3
        )
        for position, i in enumerate(order):
            for ours, theirs in zip(together.weights[i], other.weights[position], strict=True):
                assert ours.tobytes() == theirs.tobytes()
            assert told[:, i].tobytes() == told_other[:, position].tobytes()
            assert probs[i].tobytes() == probs_other[position].tobytes()


def test_a_head_that_diverges_leaves_its_neighbours_alone(data):
    wild = Optimisation(1e30, 0.5, 0.0, init_seed=0, dropout_seed=1)
    _, told, _ = run(heads_jax, data, [wild, MIXED[0]], [4, 4])
    _, alone, _ = run(heads_jax, data, [MIXED[0]], [4])
    assert not np.isfinite(told[:, 0]).all()
    np.testing.assert_array_equal(told[:, 1], alone[:, 0])


def dropped(rate, seed, step, shape=(400, 333)):
    choices = heads_jax._Choices(
        0.0,
        0.0,
        0.0,
        0.0,
        np.float32(rate),
        np.int32(round(rate * 65536)),
        np.array(divmod(seed, 2**32), np.uint32),
    )
    return np.asarray(heads_jax._drop(np.ones(shape, np.float32), choices, step))


def test_dropout_drops_its_rate_and_keeps_the_mean():
    one = dropped(0.3, 7, 1)
    assert (one == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert one.mean() == pytest.approx(1.0, abs=0.01)
    assert (dropped(0.0, 7, 1) == 1).all()
    for other in (dropped(0.3, 7, 2), dropped(0.3, 8, 1), dropped(0.3, 7 + 2**32, 1)):
        assert (one != other).mean() == pytest.approx(2 * 0.3 * 0.7, abs=0.01)


def test_seed_and_step_alone_choose_what_is_dropped():
    """A smaller rate drops a part of what a larger one drops; another number of features in all, the same."""
    one, other = dropped(0.5, 3, 9), dropped(0.3, 3, 9)
    assert ((other == 0) <= (one == 0)).all()
    np.testing.assert_array_equal(one, dropped(0.5, 3, 9))


def test_few_shot_heads_are_evaluated_each_on_its_own_rows(data):
    features, labels = data
    program, _, probs = run(heads_jax, data, MIXED, [4, 5, 4])
    rows = np.stack([np.arange(i, i + 20, dtype=np.int32) for i in range(3)])
    loss, accuracy = program.evaluate(jax.device_put(features), jax.device_put(labels), rows)
    for i, own in enumerate(rows):
        assert accuracy[i] == pytest.approx((probs[i][own].argmax(1) == labels[own]).mean(), abs=1e-6)
        assert loss[i] == pytest.approx(-np.log(probs[i][own, labels[own]]).mean(), rel=1e-4)


def test_evaluation_in_chunks_is_evaluation_at_once(data, monkeypatch):
    program, _, probs = run(heads_jax, data, MIXED, [4, 5, 4])
    features, labels = (jax.device_put(one) for one in data)
    rows = np.arange(N, dtype=np.int32)[None]
    whole = program.evaluate(features, labels, rows)
    monkeypatch.setattr(heads_jax, "EVALUATION_ROWS", 64)
    np.testing.assert_allclose(program.evaluate(features, labels, rows), whole, rtol=1e-6)
    np.testing.assert_allclose(program.predict(features), probs, atol=1e-6)


def test_a_started_program_forgets_the_runs_before(data):
    program, _, _ = run(heads_jax, data, MIXED, [4, 5, 4])
    first = [[w.tobytes() for w in own] for own in program.weights]
    program.start(MIXED)
    features, labels = data
    for epoch in range(EPOCHS):
        index = [batches.pad(batches.order(N, EPOCHS, seed=seed)[epoch], 64) for seed in (4, 5)]
        program.train_epoch(
            jax.device_put(features), jax.device_put(np.eye(C, dtype=np.float32)[labels]),
            np.stack([one for one, _ in index]), index[0][1],
        )  # fmt: skip
    assert [[w.tobytes() for w in own] for own in program.weights] == first


def test_more_heads_than_places_are_refused():
    many = [Optimisation(0.001, 0.5, 0.0, init_seed=i, dropout_seed=i) for i in range(5)]
    with pytest.raises(ValueError, match="heads: expected at most 4, received 5"):
        heads_jax.Heads(Sharing.of(many, range(5)), D, C, places=4)


def test_a_placed_array_has_its_own_values_whether_mapped_from_a_file_or_not(tmp_path):
    array = np.random.default_rng(0).normal(size=(70, 33)).astype(np.float16)
    np.save(tmp_path / "a.npy", array)
    place = heads_jax.JaxPrograms(D, C).place
    for one in (
        np.load(tmp_path / "a.npy", mmap_mode="c"),
        np.load(tmp_path / "a.npy", mmap_mode="r"),
        array,
    ):
        assert np.asarray(place(one)).tobytes() == np.asarray(one).tobytes()
