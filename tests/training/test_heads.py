"""The trainer against keras ``model.fit``, and runs against themselves in other company."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats
from tensorflow.python.eager import context

from study.training import batches
from study.training.batches import N_HIDDEN
from study.training.heads import Heads, Optimisation, Sharing, _drop, place

N, D, C = 300, 64, 10
REFERENCE = {"lr": 0.0005, "batch_size": 64, "l1": 0.0, "label_smoothing": 0.0, "weight_decay": 0.0}
EXTREMES = [
    {},
    {"lr": 0.0001},
    {"lr": 0.005},
    {"batch_size": 32},
    {"batch_size": 128},
    {"l1": 0.0001},
    {"l1": 0.0005},
    {"label_smoothing": 0.1},
    {"weight_decay": 0.004},
    {"lr": 0.005, "l1": 0.0001, "label_smoothing": 0.3, "weight_decay": 0.5},
]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    labels = rng.integers(0, C, N)
    centres = rng.normal(size=(C, D))
    features = np.maximum(centres[labels] + 2.5 * rng.normal(size=(N, D)), 0).astype(np.float32)
    return features, labels


def keras_model(lr, l1, dropout, weights, *, label_smoothing=0.0, weight_decay=0.0):
    kernel, bias, out_kernel, out_bias = weights
    model = keras.Sequential(
        [
            keras.Input((D,)),
            keras.layers.Dropout(dropout, seed=1),
            keras.layers.Dense(N_HIDDEN, "relu", kernel_regularizer=keras.regularizers.L1(l1)),
            keras.layers.Dense(C, "softmax"),
        ]
    )
    model.set_weights([kernel.T, bias, out_kernel, out_bias])
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)
    adam = keras.optimizers.AdamW(lr, weight_decay) if weight_decay else keras.optimizers.Adam(lr)
    model.compile(adam, loss, metrics=["accuracy"])
    return model


def run(features, labels, heads, epochs, *, batch_size, order_seeds, rows=None, dtype="float32"):
    """Train heads for some epochs, those of one order seed on one stream; returns (program, fit history)."""
    rows = np.arange(len(labels), dtype=np.int32) if rows is None else rows
    distinct = list(dict.fromkeys(order_seeds))
    sharing = Sharing.of(heads, [distinct.index(seed) for seed in order_seeds])
    program = Heads(sharing, D, C, dtype=dtype)
    inputs, targets = tf.constant(features, dtype), tf.one_hot(labels, C, dtype=dtype)
    program.start(heads)
    orders = [batches.order(len(rows), epochs, seed=seed) for seed in distinct]
    fits = []
    for epoch in range(epochs):
        index, weight = zip(*[batches.pad(rows[o[epoch]], batch_size) for o in orders], strict=True)
        fits.append(program.train_epoch(inputs, targets, np.stack(index), weight[0]))
    return program, fits


@pytest.mark.parametrize("change", EXTREMES, ids=str)
def test_hundred_steps_give_the_weights_of_keras_fit(data, change):
    """In float64, where the one rounding that flips a ReLU does not hide a wrong formula."""
    ours, theirs, fits, histories = beside_keras(data, REFERENCE | change, "float64")
    for (loss, accuracy), history in zip(fits, histories, strict=True):
        assert loss[0] == pytest.approx(history["loss"][0], rel=1e-4)
        assert accuracy[0] == pytest.approx(history["accuracy"][0], abs=1e-6)
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-4, rtol=0)


@pytest.mark.parametrize("change", [{}, {"lr": 0.005}, {"l1": 0.0005}], ids=str)
def test_hundred_steps_in_float32_part_from_keras_fit_by_rounding_alone(data, change):
    ours, theirs, fits, histories = beside_keras(data, REFERENCE | change, "float32")
    for (loss, _), history in zip(fits, histories, strict=True):
        assert loss[0] == pytest.approx(history["loss"][0], rel=1e-3)
    apart = np.concatenate([np.abs(our - their).ravel() for our, their in zip(ours, theirs, strict=True)])
    assert np.mean(apart > 1e-4) < 0.03
    assert apart.max() < 2e-2


def beside_keras(data, setting, dtype):
    """A hundred steps, or the epoch that ends them, of our head and of keras ``fit``."""
    features, labels = data
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        epochs = -(-100 // -(-N // setting["batch_size"]))
        optional = {name: setting[name] for name in ("label_smoothing", "weight_decay")}
        head = Optimisation(setting["lr"], 0.0, setting["l1"], init_seed=3, dropout_seed=4, **optional)
        program, fits = run(
            features, labels, [head], epochs, batch_size=setting["batch_size"], order_seeds=[9], dtype=dtype
        )
        model = keras_model(
            setting["lr"], setting["l1"], 0.0, batches.initial_weights(D, N_HIDDEN, C, seed=3), **optional
        )
        histories = [
            model.fit(
                features[rows].astype(dtype),
                np.eye(C, dtype=dtype)[labels[rows]],
                batch_size=setting["batch_size"],
                shuffle=False,
                verbose=0,
            ).history
            for rows in batches.order(N, epochs, seed=9)
        ]
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
    kernel, bias, out_kernel, out_bias = program.weights[0]
    return (kernel.T, bias, out_kernel, out_bias), model.get_weights(), fits, histories


def test_weights_move_far_more_than_the_tolerance(data):
    features, labels = data
    head = Optimisation(0.0005, 0.0, 0.0, init_seed=3, dropout_seed=4)
    program, _ = run(features, labels, [head], 20, batch_size=64, order_seeds=[9])
    initial = batches.initial_weights(D, N_HIDDEN, C, seed=3)
    assert np.abs(program.weights[0][0] - initial[0]).max() > 1e-2


def test_with_dropout_accuracies_agree_with_keras_in_distribution(data):
    features, labels = data
    train, held_out = np.arange(0, 150, dtype=np.int32), np.arange(150, N)
    n_seeds, epochs = 12, 6
    heads = [Optimisation(0.001, 0.7, 0.0, init_seed=s, dropout_seed=100 + s) for s in range(n_seeds)]
    program, _ = run(features, labels, heads, epochs, batch_size=32, order_seeds=range(n_seeds), rows=train)
    ours = [
        (p[held_out].argmax(1) == labels[held_out]).mean() for p in program.predict(tf.constant(features))
    ]

    theirs = []
    for seed in range(n_seeds):
        keras.utils.set_random_seed(seed)
        model = keras_model(0.001, 0.0, 0.7, batches.initial_weights(D, N_HIDDEN, C, seed=seed))
        model.fit(features[train], np.eye(C)[labels[train]], batch_size=32, epochs=epochs, verbose=0)
        theirs.append((model.predict(features[held_out], verbose=0).argmax(1) == labels[held_out]).mean())
    assert stats.ttest_rel(ours, theirs).pvalue > 0.01
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=0.02)


def test_dropout_drops_its_rate_and_keeps_the_mean():
    ones = tf.ones((400, 333))
    dropped = _drop(ones, tf.constant(0.3), tf.constant([7, 1], tf.int64)).numpy()
    assert (dropped == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert dropped.mean() == pytest.approx(1.0, abs=0.01)
    again = _drop(ones, tf.constant(0.3), tf.constant([7, 2], tf.int64)).numpy()
    assert (dropped != again).mean() == pytest.approx(2 * 0.3 * 0.7, abs=0.01)
    assert (_drop(ones, tf.constant(0.0), tf.constant([7, 1], tf.int64)).numpy() == 1).all()


def test_a_head_is_the_same_alone_and_among_others(data):
    features, labels = data
    heads = [
        Optimisation(lr, dropout, l1, init_seed=i, dropout_seed=50 + i)
        for i, (lr, dropout, l1) in enumerate(
            [(0.0005, 0.5, 0.0), (0.005, 0.3, 0.0005), (0.0001, 0.7, 0.0001), (0.001, 0.0, 0.0)]
        )
    ]
    heads[2:] = [replace(heads[2], label_smoothing=0.1), replace(heads[3], weight_decay=0.01)]
    together, _ = run(features, labels, heads, 3, batch_size=64, order_seeds=range(4))
    for i, head in enumerate(heads):
        alone, _ = run(features, labels, [head], 3, batch_size=64, order_seeds=[i])
        for ours, theirs in zip(together.weights[i], alone.weights[0], strict=True):
            assert ours.tobytes() == theirs.tobytes()
        rows = np.arange(N, dtype=np.int32)[None]
        loss, _ = together.evaluate(
            tf.constant(features), tf.constant(labels, tf.int32), np.repeat(rows, 4, 0)
        )
        loss_alone, _ = alone.evaluate(tf.constant(features), tf.constant(labels, tf.int32), rows)
        assert loss[i] == loss_alone[0]


def test_a_head_that_shares_batches_and_masks_is_the_same_as_alone(data):
    features, labels = data
    heads = [
        Optimisation(lr, dropout, l1, init_seed=1, dropout_seed=2)
        for lr, dropout, l1 in [
            (0.0005, 0.5, 0.0),
            (0.005, 0.5, 0.0),
            (0.0005, 0.3, 0.0),
            (0.0005, 0.5, 0.0005),
        ]
    ]
    heads += [replace(heads[0], label_smoothing=0.1), replace(heads[0], weight_decay=0.01)]
    together, fits = run(features, labels, heads, 3, batch_size=64, order_seeds=[4] * 6)
    assert Sharing.of(heads, [0] * 6).masks == (0, 0, 1, 0, 0, 0)
    rows = np.arange(N, dtype=np.int32)[None]
    shared = together.evaluate(tf.constant(features), tf.constant(labels, tf.int32), rows)
    for i, head in enumerate(heads):
        alone, fits_alone = run(features, labels, [head], 3, batch_size=64, order_seeds=[4])
        for ours, theirs in zip(together.weights[i], alone.weights[0], strict=True):
            assert ours.tobytes() == theirs.tobytes()
        assert [loss[i] for loss, _ in fits] == [loss[0] for loss, _ in fits_alone]
        own = alone.evaluate(tf.constant(features), tf.constant(labels, tf.int32), rows)
        assert (shared[0][i], shared[1][i]) == (own[0][0], own[1][0])


def test_a_program_refuses_heads_for_which_it_was_not_compiled():
    heads = [Optimisation(0.001, rate, 0.0, init_seed=1, dropout_seed=2) for rate in (0.5, 0.5)]
    program = Heads(Sharing.of(heads, [0, 0]), D, C)
    other = Optimisation(0.001, 0.3, 0.0, init_seed=1, dropout_seed=2)
    with pytest.raises(ValueError, match="expected Sharing"):
        program.start([heads[0], other])


def test_a_placed_array_has_its_own_values_whether_mapped_from_a_file_or_not(tmp_path):
    array = np.random.default_rng(0).normal(size=(70, 33)).astype(np.float16)
    np.save(tmp_path / "a.npy", array)
    for one in (
        np.load(tmp_path / "a.npy", mmap_mode="c"),
        np.load(tmp_path / "a.npy", mmap_mode="r"),
        array,
        array[1:],
    ):
        assert place(one).numpy().tobytes() == np.asarray(one).tobytes()


def test_a_started_program_forgets_the_runs_before(data):
    features, labels = data
    head = Optimisation(0.001, 0.5, 0.0, init_seed=1, dropout_seed=2)
    once, _ = run(features, labels, [head], 2, batch_size=64, order_seeds=[0])
    first = [w.tobytes() for w in once.weights[0]]
    once.start([head])
    order = batches.order(N, 2, seed=0)
    for epoch in range(2):
        index, weight = batches.pad(order[epoch], 64)
        once.train_epoch(tf.constant(features), tf.one_hot(labels, C), index[None], weight)
    assert [w.tobytes() for w in once.weights[0]] == first


def test_evaluation_agrees_with_prediction(data):
    features, labels = data
    head = Optimisation(0.001, 0.5, 0.0, init_seed=1, dropout_seed=2)
    program, _ = run(features, labels, [head], 2, batch_size=64, order_seeds=[0])
    probs = program.predict(tf.constant(features))[0]
    loss, accuracy = program.evaluate(
        tf.constant(features), tf.constant(labels, tf.int32), np.arange(N, dtype=np.int32)[None]
    )
    assert accuracy[0] == pytest.approx((probs.argmax(1) == labels).mean(), abs=1e-12)
    assert loss[0] == pytest.approx(-np.log(probs[np.arange(N), labels]).mean(), rel=1e-5)


def test_no_sum_of_a_program_depends_on_which_term_is_ready_first(data):
    """TensorFlow adds the terms of an AddN, which its optimiser makes, in the order of the threads."""
    features, labels = data
    context.enable_run_metadata()
    try:
        heads = [Optimisation(0.0005, 0.5, l1, 1, 2) for l1 in (0.0, 0.0005)]
        run(features, labels, heads, 2, batch_size=64, order_seeds=[3, 3])
        ran = context.export_run_metadata().partition_graphs
    finally:
        context.disable_run_metadata()
    nodes = [node for graph in ran for part in (graph, *graph.library.function) for node in nodes_of(part)]
    assert "ResourceApplyAdam" in {node.op for node in nodes}
    rounded = [
        node.name for node in nodes if node.op == "AddN" and not tf.as_dtype(node.attr["T"].type).is_integer
    ]
    assert rounded == []


def nodes_of(graph):
    return graph.node if hasattr(graph, "node") else graph.node_def
