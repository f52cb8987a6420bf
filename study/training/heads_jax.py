"""One compiled JAX program that trains several heads, stacked in one array a parameter.

What a head is, and its arithmetic, stand in ``study.training.heads``. Here a whole epoch of all heads is
one ``lax.scan``: the batches of every head are gathered by index on the device, and every operation
works on all heads at once, which fills a GPU. A program always holds the same number of heads, so that
a head meets the same compiled code alone and in any group; places without a head train on nothing. On a GPU
products are in TensorFloat-32, as in Keras' layers there; parameters, moments and sums are in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from study.training.batches import N_HIDDEN, initial_weights
from study.training.optimisation import (
    BETA_1,
    BETA_2,
    CLIP,
    EPSILON,
    EVALUATION_ROWS,
    PLACES,
    Optimisation,
    Sharing,
)

Floats = NDArray[np.float32]
Rows = NDArray[np.int32]


class _State(NamedTuple):
    """Stacked parameters, their moments, and the summed magnitude of each first kernel."""

    parameters: tuple[Any, ...]
    first: tuple[Any, ...]
    second: tuple[Any, ...]
    magnitude: Any


class _Choices(NamedTuple):
    """Of each head; ``threshold``: the draws below which a unit is dropped; ``seed``: its two halves."""

    lr: Any
    l1: Any
    smoothing: Any
    decay: Any
    dropout: Any
    threshold: Any
    seed: Any


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
    places
        Heads that the program holds; by the device unless given.

    Raises
    ------
    ValueError
        There are more heads than places.
    """

    def __init__(
        self,
        sharing: Sharing,
        n_features: int,
        n_classes: int,
        *,
        dtype: str = "float32",
        places: int | None = None,
    ) -> None:
        self._sharing = sharing
        self._n_heads = len(sharing.streams)
        self._places = places or places_at_hand()
        if self._n_heads > self._places:
            raise ValueError(f"heads: expected at most {self._places}, received {self._n_heads}")
        self._shape = (n_features, N_HIDDEN, n_classes)
        self._dtype = np.dtype(dtype)
        self._steps = 0
        self._state: _State
        self._choices: _Choices

    def start(self, optimisations: Sequence[Optimisation]) -> None:
        """Give every head its initial weights and its way of optimising; training starts anew.

        Raises
        ------
        ValueError
            The heads have not in common what the program was made for.
        """
        self._sharing.check(optimisations)
        own = [initial_weights(*self._shape, seed=one.init_seed) for one in optimisations]
        stacked = [self._filled(np.stack(values)) for values in zip(*own, strict=True)]
        rates = np.array([one.dropout for one in optimisations], np.float32)
        seeds = np.array([divmod(one.dropout_seed, 2**32) for one in optimisations], np.uint64)
        self._state = _state(*map(jnp.asarray, stacked))
        self._choices = _Choices(
            jnp.asarray(self._filled([one.lr for one in optimisations])),
            jnp.asarray(self._filled([one.l1 for one in optimisations])),
            jnp.asarray(self._filled([one.label_smoothing for one in optimisations])),
            jnp.asarray(self._filled([one.weight_decay for one in optimisations])),
            jnp.asarray(self._filled(rates)),
            jnp.asarray(self._filled(np.round(rates * np.float32(65536)), np.int32)),
            jnp.asarray(self._filled(seeds, np.uint32)),
        )
        self._steps = 0

    @property
    def weights(self) -> list[list[Floats]]:
        """Each head's parameters, as ``initial_weights`` lays them out."""
        stacked = [np.asarray(values) for values in self._state.parameters]
        return [[values[i] for values in stacked] for i in range(self._n_heads)]

    def train_epoch(self, features: Any, targets: Any, index: Rows, weight: Floats) -> tuple[Floats, Floats]:
        """One epoch of every head; see ``backend.Heads``."""
        streams = [*self._sharing.streams, *[0] * (self._places - self._n_heads)]
        steps = self._steps + 1 + np.arange(index.shape[1])
        self._state, losses, hits = _train(
            self._state,
            self._choices,
            features,
            targets,
            jnp.asarray(np.ascontiguousarray(index[streams].swapaxes(0, 1))),
            jnp.asarray(weight, self._dtype),
            jnp.asarray(steps, jnp.int32),
            jnp.asarray(_correction(steps, self._dtype)),
        )
        self._steps += index.shape[1]
        return self._mean(losses, weight.sum()), self._mean(hits, weight.sum())

    def evaluate(self, features: Any, labels: Any, rows: Rows) -> tuple[Floats, Floats]:
        """Mean cross-entropy and accuracy without dropout; see ``backend.Heads``."""
        n_own, n_rows = rows.shape
        size = min(n_rows, EVALUATION_ROWS)
        parts = []
        for start in range(0, n_rows, size):
            n_chunk = min(size, n_rows - start)
            chunk = np.zeros((1 if n_own == 1 else self._places, size), np.int32)
            chunk[:n_own, :n_chunk] = rows[:, start : start + n_chunk]
            counts = np.zeros(size, self._dtype)
            counts[:n_chunk] = 1
            parts.append(_evaluate(self._state.parameters, features, labels, chunk, counts))
        losses, hits = (np.stack([np.asarray(part[k]) for part in parts]) for k in (0, 1))
        return self._mean(losses, n_rows), self._mean(hits, n_rows)

    def predict(self, features: Any) -> list[Floats]:
        """Class probabilities of every head, each of shape (n, n_classes)."""
        n_rows = len(features)
        size = min(n_rows, EVALUATION_ROWS)
        every = np.arange(-(-n_rows // size) * size, dtype=np.int32).reshape(-1, 1, size).clip(max=n_rows - 1)
        parts = [_predict(self._state.parameters, features, rows) for rows in every]
        probs = np.concatenate([np.asarray(part) for part in parts], axis=1)[:, :n_rows]
        return [np.ascontiguousarray(probs[i]) for i in range(self._n_heads)]

    def _filled(self, values: Any, dtype: Any = None) -> NDArray[Any]:
        """Values of the heads, then zeros for the places without a head."""
        own = np.asarray(values)
        filled = np.zeros((self._places, *own.shape[1:]), dtype or self._dtype)
        filled[: self._n_heads] = own
        return filled

    def _mean(self, sums: Any, n_rows: float) -> Floats:
        """Mean over rows from sums over batches (n_batches, places), in float64 on the host."""
        total = np.asarray(sums, np.float64).sum(axis=0)[: self._n_heads] / float(n_rows)
        return np.asarray(total, self._dtype)


class JaxPrograms:
    """Makes heads of one width; JAX keeps the compiled programs by itself."""

    def __init__(self, n_features: int, n_classes: int) -> None:
        self._shape = (n_features, n_classes)

    def heads_at_once(self, memory_bytes: float) -> int:  # noqa: ARG002 - of one size, whatever there is
        """The number of heads that every program holds."""
        return places_at_hand()

    def place(self, array: NDArray[Any]) -> Any:
        """An array on the device; on a CPU memory is shared where it can be."""
        return jax.device_put(array)

    def started(self, optimisations: Sequence[Optimisation], streams: Sequence[int]) -> Heads:
        """Heads with their initial weights, each on its stream of batches."""
        heads = Heads(Sharing.of(optimisations, streams), *self._shape)
        heads.start(optimisations)
        return heads


def places_at_hand() -> int:
    """Heads of a program on the device that JAX uses."""
    return PLACES.get(jax.default_backend(), PLACES["gpu"])


@jax.jit
def _state(*parameters: Any) -> _State:
    zeros = tuple(jnp.zeros_like(values) for values in parameters)
    again = tuple(jnp.zeros_like(values) for values in parameters)
    return _State(parameters, zeros, again, jnp.sum(jnp.abs(parameters[0]), axis=(1, 2)))


def _correction(steps: NDArray[np.int64], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Adam's factor for moments that began at zero; Keras rounds the betas to float32, whatever the type."""
    power_1, power_2 = ((np.float64(np.float32(beta)) ** steps).astype(dtype) for beta in (BETA_1, BETA_2))
    return np.asarray(np.sqrt(1 - power_2) / (1 - power_1), dtype)


@partial(jax.jit, donate_argnums=0)
def _train(
    state: _State,
    choices: _Choices,
    features: Any,
    targets: Any,
    index: Any,
    weight: Any,
    steps: Any,
    corrections: Any,
) -> tuple[_State, Any, Any]:
    """An epoch: the state after it, and each batch's summed losses and hits, (n_batches, places)."""

    def step(state: _State, batch: tuple[Any, ...]) -> tuple[_State, tuple[Any, Any]]:
        rows, counts, number, correction = batch
        inputs, truth = _taken((features, targets), rows)
        after, loss, hit = jax.vmap(_step, in_axes=(0, 0, 0, 0, None, None, None))(
            state, choices, inputs, truth, counts, number, correction
        )
        return after, (loss, hit)

    state, (losses, hits) = lax.scan(step, state, (index, weight, steps, corrections))
    return state, losses, hits


def _step(
    state: _State, choices: _Choices, inputs: Any, targets: Any, weight: Any, step: Any, correction: Any
) -> tuple[_State, Any, Any]:
    """One step of one head: its state after it, summed loss with penalty, and hits."""
    kernel = state.parameters[0]
    dropped = _drop(inputs.astype(kernel.dtype), choices, step)
    smooth = targets * (1 - choices.smoothing) + choices.smoothing / targets.shape[1]
    loss, hit, gradients = _backward(state.parameters, dropped, smooth, weight)
    loss += choices.l1 * state.magnitude * jnp.sum(weight)
    gradients = (gradients[0] + choices.l1 * jnp.sign(kernel), *gradients[1:])
    lr = choices.lr * correction
    shrunk = [values - values * choices.decay * choices.lr for values in state.parameters]
    moved = [_adam(*one, lr) for one in zip(shrunk, state.first, state.second, gradients, strict=True)]
    parameters, first, second = (tuple(values) for values in zip(*moved, strict=True))
    return _State(parameters, first, second, jnp.sum(jnp.abs(parameters[0]))), loss, hit


def _adam(value: Any, first: Any, second: Any, gradient: Any, lr: Any) -> tuple[Any, Any, Any]:
    beta_1, beta_2, epsilon = (jnp.asarray(one, value.dtype) for one in (BETA_1, BETA_2, EPSILON))
    first = first + (gradient - first) * (1 - beta_1)
    second = second + (gradient * gradient - second) * (1 - beta_2)
    return value - lr * first / (jnp.sqrt(second) + epsilon), first, second


def _drop(features: Any, choices: _Choices, step: Any) -> Any:
    """Inverted dropout; a unit is dropped where a uniform 16-bit number is below ``rate`` * 65536."""
    key = jax.random.fold_in(jax.random.wrap_key_data(choices.seed, impl="threefry2x32"), step)
    n_units = features.size
    words = jax.random.bits(key, ((n_units + 1) // 2,), "uint32")
    draws = lax.bitcast_convert_type(words, jnp.uint16).reshape(-1)[:n_units].reshape(features.shape)
    keep = draws.astype(jnp.int32) >= choices.threshold
    return jnp.where(keep, features / (1 - choices.dropout), 0)


def _backward(parameters: Any, inputs: Any, targets: Any, weight: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    """Summed loss, summed hits and the gradients of the mean loss over the rows that count, no penalty."""
    out_kernel = parameters[2]
    hidden, logits = _logits(parameters, inputs)
    probs = jax.nn.softmax(logits)
    clipped = jnp.clip(probs, CLIP, 1 - CLIP)
    pulling = jnp.where(clipped == probs, targets, 0)
    loss = -jnp.sum(targets * jnp.log(clipped) * weight[:, None])
    hit = jnp.sum((jnp.argmax(logits, 1) == jnp.argmax(targets, 1)) * weight)
    pull = jnp.sum(pulling, 1, keepdims=True)
    d_logits = (pull * probs - pulling) * (weight / jnp.sum(weight))[:, None]
    d_hidden = (d_logits @ out_kernel.T) * (hidden > 0)
    return (
        loss,
        hit,
        (
            d_hidden.T @ inputs,
            jnp.sum(d_hidden, 0),
            jax.nn.relu(hidden).T @ d_logits,
            jnp.sum(d_logits, 0),
        ),
    )


def _logits(parameters: Any, features: Any) -> tuple[Any, Any]:
    """Pre-activations (n, N_HIDDEN) and logits (n, n_classes) of one head."""
    kernel, bias, out_kernel, out_bias = parameters
    hidden = features @ kernel.T + bias
    return hidden, jax.nn.relu(hidden) @ out_kernel + out_bias


@jax.jit
def _evaluate(parameters: Any, features: Any, labels: Any, rows: Any, counts: Any) -> tuple[Any, Any]:
    """Summed cross-entropy and hits of each head, (places,), on rows that all share or on its own."""
    inputs, truth = _taken((features, labels), rows)
    logits = _all_logits(parameters, inputs)
    log_probs = jax.nn.log_softmax(logits)
    own = jnp.take_along_axis(log_probs, jnp.broadcast_to(truth, logits.shape[:2])[..., None], 2)[..., 0]
    return -jnp.sum(own * counts, 1), jnp.sum((jnp.argmax(logits, 2) == truth) * counts, 1)


@jax.jit
def _predict(parameters: Any, features: Any, rows: Any) -> Any:
    """Probabilities (places, n_rows, n_classes)."""
    (inputs,) = _taken((features,), rows)
    return jax.nn.softmax(_all_logits(parameters, inputs))


def _all_logits(parameters: Any, inputs: Any) -> Any:
    """(places, n_rows, n_classes) of inputs (places or 1, n_rows, n_features)."""
    inputs = inputs.astype(parameters[0].dtype)
    shared = len(inputs) == 1
    _, logits = jax.vmap(_logits, (0, None if shared else 0))(parameters, inputs[0] if shared else inputs)
    return logits


def _taken(arrays: tuple[Any, ...], rows: Any) -> Any:
    """Rows of each array. They are made before they are used, so that the arrays' lengths, which differ
    between groups, have no part in how the rest is compiled."""
    gathered = tuple(array.at[rows].get(mode="promise_in_bounds") for array in arrays)
    return lax.optimization_barrier(gathered)  # type: ignore[no-untyped-call]
