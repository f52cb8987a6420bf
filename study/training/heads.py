"""One compiled program that trains several heads side by side on the same features.

A head is the source's: dropout, a dense layer of ReLU units with an L1 penalty on its kernel, a
softmax; trained with Adam (Kingma and Ba, 2015) as ``keras.optimizers.Adam`` computes it, or, where its
weights decay, as ``keras.optimizers.AdamW`` does. The heads are unrolled in one graph, each with its own
variables. Heads that see the same batches share the gathered rows, and those that also drop the same units
share the dropped rows; sharing saves work and changes no number, so a head's numbers do not depend on its
neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from study.training.batches import N_HIDDEN, initial_weights
from study.training.optimisation import (
    BETA_1,
    BETA_2,
    BYTES_PER_PARAMETER,
    CLIP,
    EPSILON,
    EVALUATION_ROWS,
    MAX_HEADS,
    Optimisation,
    Sharing,
)

_ALIGNMENT = 64

Floats = NDArray[np.float32]


class HeadVariables:
    """Variables of one head: the four parameters and the two moments of each."""

    def __init__(self, n_features: int, n_classes: int, dtype: Any) -> None:
        shapes = ((N_HIDDEN, n_features), (N_HIDDEN,), (N_HIDDEN, n_classes), (n_classes,))
        self.parameters = [tf.Variable(tf.zeros(shape, dtype)) for shape in shapes]
        self.first = [tf.Variable(tf.zeros(shape, dtype)) for shape in shapes]
        self.second = [tf.Variable(tf.zeros(shape, dtype)) for shape in shapes]

    def reset(self, values: Sequence[Floats]) -> None:
        for variable, value in zip(self.parameters, values, strict=True):
            variable.assign(tf.cast(value, variable.dtype))
        for variable in (*self.first, *self.second):
            variable.assign(tf.zeros_like(variable))

    def logits(self, features: Any) -> tuple[Any, Any]:
        """Pre-activations (n, N_HIDDEN) and logits (n, n_classes)."""
        kernel, bias, out_kernel, out_bias = self.parameters
        hidden = tf.matmul(features, kernel, transpose_b=True) + bias
        return hidden, tf.matmul(tf.nn.relu(hidden), out_kernel) + out_bias

    def apply(self, gradients: Sequence[Any], lr: Any, power_1: Any, power_2: Any, decay: Any | None) -> None:
        """A step of Adam; ``decay`` is None where weights do not decay."""
        for variable, first, second, gradient in zip(
            self.parameters, self.first, self.second, gradients, strict=True
        ):
            if decay is not None:
                variable.assign_sub(variable * decay * lr)
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=power_1,
                beta2_power=power_2,
                lr=lr,
                beta1=tf.constant(BETA_1, variable.dtype),
                beta2=tf.constant(BETA_2, variable.dtype),
                epsilon=tf.constant(EPSILON, variable.dtype),
                grad=gradient,
            )


class Heads:
    """Several heads trained side by side.

    Parameters
    ----------
    sharing
        What the heads have in common, and so how many there are.
    n_features, n_classes
        The width of their input and of their output.
    dtype
        Of all weights and of the arithmetic; features may have another.
    variables
        Where the heads live, at least as many as there are; programs that are not used at the same time can
        have the same. None: new ones.
    """

    def __init__(
        self,
        sharing: Sharing,
        n_features: int,
        n_classes: int,
        *,
        dtype: str = "float32",
        variables: Sequence[HeadVariables] | None = None,
    ) -> None:
        self._sharing = sharing
        self._shape = (n_features, N_HIDDEN, n_classes)
        self._dtype = tf.as_dtype(dtype)
        n_heads = len(sharing.streams)
        if variables is None:
            variables = [HeadVariables(n_features, n_classes, self._dtype) for _ in range(n_heads)]
        self._heads = variables[:n_heads]
        self._steps = 0
        self._train = tf.function(self._train_graph, reduce_retracing=True)
        self._evaluate = tf.function(self._evaluate_graph, reduce_retracing=True)
        self._predict = tf.function(self._predict_graph, reduce_retracing=True)

    def start(self, optimisations: Sequence[Optimisation]) -> None:
        """Give every head its initial weights and its way of optimising; training starts anew.

        Raises
        ------
        ValueError
            The heads have not in common what the program was compiled for.
        """
        self._sharing.check(optimisations)
        for head, one in zip(self._heads, optimisations, strict=True):
            head.reset(initial_weights(*self._shape, seed=one.init_seed))
        self._steps = 0
        self._lr = tf.constant([one.lr for one in optimisations], self._dtype)
        self._l1 = tf.constant([one.l1 for one in optimisations], self._dtype)
        self._smoothing = tf.constant([one.label_smoothing for one in optimisations], self._dtype)
        self._decay = tf.constant([one.weight_decay for one in optimisations], self._dtype)
        self._dropout = tf.constant([one.dropout for one in optimisations], self._dtype)
        self._seeds = tf.constant([one.dropout_seed for one in optimisations], tf.int64)

    @property
    def weights(self) -> list[list[Floats]]:
        """Each head's parameters, as ``initial_weights`` lays them out."""
        return [[variable.numpy() for variable in head.parameters] for head in self._heads]

    def train_epoch(
        self, features: Any, targets: Any, index: NDArray[np.int32], weight: Floats
    ) -> tuple[Floats, Floats]:
        """One epoch of every head; see ``backend.Heads``."""
        loss, accuracy = self._train(
            features,
            targets,
            tf.constant(index),
            tf.constant(weight, self._dtype),
            tf.constant(self._steps, tf.int64),
            self._lr,
            self._l1,
            self._smoothing,
            self._decay,
            self._dropout,
            self._seeds,
        )
        self._steps += index.shape[1]
        return loss.numpy(), accuracy.numpy()

    def evaluate(self, features: Any, labels: Any, rows: NDArray[np.int32]) -> tuple[Floats, Floats]:
        """Mean cross-entropy and accuracy without dropout; see ``backend.Heads``."""
        loss, accuracy = self._evaluate(features, labels, tf.constant(rows), len(rows) == 1)
        return loss.numpy(), accuracy.numpy()

    def predict(self, features: Any) -> list[Floats]:
        """Class probabilities of every head, each of shape (n, n_classes)."""
        chunks = [
            [
                probabilities.numpy()
                for probabilities in self._predict(features[start : start + EVALUATION_ROWS])
            ]
            for start in range(0, len(features), EVALUATION_ROWS)
        ]
        return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]

    def _train_graph(
        self,
        features: Any,
        targets: Any,
        index: Any,
        weight: Any,
        steps_before: Any,
        lr: Any,
        l1: Any,
        smoothing: Any,
        decay: Any,
        dropout: Any,
        seeds: Any,
    ) -> tuple[Any, Any]:
        n_batches = tf.shape(index)[1]
        zeros = tuple(tf.zeros((), self._dtype) for _ in self._heads)

        def body(batch: Any, losses: Any, penalties: Any, hits: Any) -> tuple[Any, Any, Any, Any]:
            step = steps_before + tf.cast(batch, tf.int64) + 1
            power_1 = _power(BETA_1, step, self._dtype)
            power_2 = _power(BETA_2, step, self._dtype)
            new_losses, new_penalties, new_hits = [], [], []
            streams: dict[int, tuple[Any, Any]] = {}
            masked: dict[int, Any] = {}
            for i, head in enumerate(self._heads):
                stream, mask = self._sharing.streams[i], self._sharing.masks[i]
                if stream not in streams:
                    rows = index[stream, batch]
                    inputs = tf.cast(tf.gather(features, rows), self._dtype)
                    streams[stream] = (inputs, tf.gather(targets, rows))
                inputs, truth = streams[stream]
                if mask not in masked:
                    masked[mask] = _drop(inputs, dropout[i], tf.stack([seeds[i], step]))
                strength = l1[i] if self._sharing.penalised[i] else None
                if self._sharing.smoothed[i]:
                    truth = _smooth(truth, smoothing[i])
                loss, penalty, hit, gradients = _backward(head, masked[mask], truth, weight[batch], strength)
                decayed = decay[i] if self._sharing.decayed[i] else None
                head.apply(gradients, lr[i], power_1, power_2, decayed)
                new_losses.append(losses[i] + loss)
                new_penalties.append(penalties[i] + penalty)
                new_hits.append(hits[i] + hit)
            return batch + 1, tuple(new_losses), tuple(new_penalties), tuple(new_hits)

        _, losses, penalties, hits = tf.while_loop(
            lambda batch, *_: batch < n_batches, body, (tf.constant(0), zeros, zeros, zeros)
        )
        n_rows = tf.reduce_sum(weight)
        return (tf.stack(losses) + tf.stack(penalties)) / n_rows, tf.stack(hits) / n_rows

    def _evaluate_graph(self, features: Any, labels: Any, rows: Any, same: bool) -> tuple[Any, Any]:
        n_rows = tf.shape(rows)[1]
        zeros = tuple(tf.zeros((), tf.float64) for _ in self._heads)

        def body(start: Any, losses: Any, hits: Any) -> tuple[Any, Any, Any]:
            chunk = rows[:, start : start + EVALUATION_ROWS]
            new_losses, new_hits = [], []
            for i, head in enumerate(self._heads):
                if i == 0 or not same:
                    inputs = tf.cast(tf.gather(features, chunk[i]), self._dtype)
                    truth = tf.gather(labels, chunk[i])
                _, logits = head.logits(inputs)
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(truth, logits)
                hit = tf.equal(tf.argmax(logits, 1, tf.int32), truth)
                new_losses.append(losses[i] + tf.reduce_sum(tf.cast(loss, tf.float64)))
                new_hits.append(hits[i] + tf.reduce_sum(tf.cast(hit, tf.float64)))
            return start + EVALUATION_ROWS, tuple(new_losses), tuple(new_hits)

        _, losses, hits = tf.while_loop(
            lambda start, *_: start < n_rows, body, (tf.constant(0), zeros, zeros)
        )
        total = tf.cast(n_rows, tf.float64)
        return tf.stack(losses) / total, tf.stack(hits) / total

    def _predict_graph(self, features: Any) -> list[Any]:
        inputs = tf.cast(features, self._dtype)
        return [tf.nn.softmax(head.logits(inputs)[1]) for head in self._heads]


class TensorFlowPrograms:
    """Makes heads of one width; a program is compiled once for what its heads have in common.

    All programs train the same variables, so memory holds one group of heads whatever was compiled before.
    """

    def __init__(self, n_features: int, n_classes: int) -> None:
        self._shape = (n_features, n_classes)
        self._variables: list[HeadVariables] = []
        self._made: dict[Sharing, Heads] = {}

    def heads_at_once(self, memory_bytes: float) -> int:
        """How many heads fit, with parameters, moments and gradients; more than ten gain nothing."""
        return int(np.clip(memory_bytes // (self._shape[0] * N_HIDDEN * BYTES_PER_PARAMETER), 1, MAX_HEADS))

    def place(self, array: NDArray[Any]) -> Any:
        """An array as a tensor."""
        return place(array)

    def started(self, optimisations: Sequence[Optimisation], streams: Sequence[int]) -> Heads:
        """Heads with their initial weights, each on its stream of batches."""
        sharing = Sharing.of(optimisations, streams)
        while len(self._variables) < len(streams):
            self._variables.append(HeadVariables(*self._shape, tf.float32))
        if sharing not in self._made:
            self._made[sharing] = Heads(sharing, *self._shape, variables=self._variables)
        self._made[sharing].start(optimisations)
        return self._made[sharing]


def place(array: NDArray[Any]) -> Any:
    """An array as a tensor; memory is shared where it can be, so that a file mapped into it stays one."""
    if array.ctypes.data % _ALIGNMENT or not array.flags.writeable or not array.flags.c_contiguous:
        return tf.constant(array)
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


def _power(beta: float, step: Any, dtype: Any) -> Any:
    """``beta`` to the power ``step``; Keras rounds beta to float32 here, whatever the type of the weights."""
    return tf.pow(tf.cast(tf.constant(beta, tf.float32), dtype), tf.cast(step, dtype))


def _drop(features: Any, rate: Any, seed: Any) -> Any:
    """Inverted dropout; a unit is dropped where a uniform 16-bit number is below ``rate`` * 65536."""
    shape = tf.shape(features)
    n_units = shape[0] * shape[1]
    words = tf.random.stateless_uniform(
        [(n_units + 1) // 2], seed, minval=None, maxval=None, dtype=tf.uint32, alg="philox"
    )
    draws = tf.reshape(tf.reshape(tf.bitcast(words, tf.uint16), [-1])[:n_units], shape)
    keep = tf.cast(draws, tf.int32) >= tf.cast(tf.round(rate * 65536.0), tf.int32)
    return tf.where(keep, features / (1.0 - rate), tf.zeros((), features.dtype))


def _smooth(targets: Any, share: Any) -> Any:
    """Targets of which a share is spread evenly over the classes, as Keras' cross-entropy does."""
    return targets * (1 - share) + share / tf.cast(tf.shape(targets)[1], targets.dtype)


def _backward(
    head: HeadVariables, inputs: Any, targets: Any, weight: Any, l1: Any
) -> tuple[Any, Any, Any, list[Any]]:
    """Summed loss, penalty, summed hits and the gradients of the mean loss over the rows that count.

    Loss and penalty are not added here: of three terms in a row TensorFlow makes one operation, which adds
    them in the order in which they are ready, so that the last bit would depend on the threads.

    As Keras' cross-entropy of a softmax output: a probability is clipped to [CLIP, 1 - CLIP], and a
    target whose probability is clipped pulls no more. ``l1`` is None where there is no penalty.
    """
    kernel, _, out_kernel, _ = head.parameters
    hidden, logits = head.logits(inputs)
    n_rows = tf.reduce_sum(weight)
    probs = tf.nn.softmax(logits)
    clipped = tf.clip_by_value(probs, CLIP, 1 - CLIP)
    pulling = tf.where(tf.equal(clipped, probs), targets, tf.zeros_like(targets))
    loss = -tf.reduce_sum(targets * tf.math.log(clipped) * weight[:, None])
    hit = tf.reduce_sum(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(targets, 1)), weight.dtype) * weight)

    d_logits = (tf.reduce_sum(pulling, 1, keepdims=True) * probs - pulling) * (weight / n_rows)[:, None]
    d_hidden = tf.matmul(d_logits, out_kernel, transpose_b=True) * tf.cast(hidden > 0, hidden.dtype)
    d_kernel = tf.matmul(d_hidden, inputs, transpose_a=True)
    penalty = tf.zeros((), loss.dtype)
    if l1 is not None:
        penalty = l1 * tf.reduce_sum(tf.abs(kernel)) * n_rows
        d_kernel += l1 * tf.sign(kernel)
    return (
        loss,
        penalty,
        hit,
        [
            d_kernel,
            tf.reduce_sum(d_hidden, 0),
            tf.matmul(tf.nn.relu(hidden), d_logits, transpose_a=True),
            tf.reduce_sum(d_logits, 0),
        ],
    )
