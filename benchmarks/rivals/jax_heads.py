"""Heads in JAX: all steps of one head in a scan, and the same mapped over heads."""

from __future__ import annotations

import functools
import time
from typing import Any

import numpy as np

from benchmarks import heads
from benchmarks.naive import SEED

_DROPOUT, _LR, _BETAS, _EPSILON = 0.5, 0.0005, (0.9, 0.999), 1e-7
_N_ROWS = 12_800


def step_seconds(kind: str, steps: int) -> float:
    """Seconds of so many steps of Adam, of one head or of all at once."""
    import jax

    train, state = _program(kind), _state(kind)
    features, labels = _placed()
    index = np.random.default_rng(np.random.SeedSequence(SEED)).integers(
        0, _N_ROWS, (steps, heads.BATCH), dtype=np.int32
    )
    began = time.perf_counter()
    jax.block_until_ready(train(state, features, labels, index))
    return time.perf_counter() - began


def evaluation_seconds(n_rows: int) -> float:
    """Seconds of so many images through the heads, to accuracy and loss."""
    import jax

    features, labels = _placed()
    parameters = _state("vmap")[0]
    began = time.perf_counter()
    for start in range(0, n_rows, 1024):
        index = np.arange(start, min(start + 1024, n_rows)) % _N_ROWS
        jax.block_until_ready(_evaluation()(parameters, features, labels, index))
    return time.perf_counter() - began


def losses(kind: str, weights: Any, batches: Any, targets: Any) -> list[float]:
    """The mean loss of one head at each step, without dropout, from given weights: for comparison."""
    import jax
    import jax.numpy as jnp

    parameters = [jnp.asarray(one) for one in weights]
    zeros = [jnp.zeros_like(one) for one in parameters]
    state = (parameters, zeros, zeros, jnp.zeros(()), jax.random.key(0))
    if kind == "vmap":
        state = jax.tree.map(lambda one: jnp.stack([one] * heads.N_HEADS), state)
    x, y = np.concatenate(batches), np.concatenate(targets)
    index = np.arange(len(x)).reshape(len(batches), -1)
    _, found = _program(kind, 0.0)(state, jnp.asarray(x), jnp.asarray(y), index)
    return [float(one) for one in np.asarray(found).reshape(-1, len(batches)).mean(0)]


@functools.cache
def _program(kind: str, dropout: float = _DROPOUT) -> Any:
    import jax

    def train(state: Any, features: Any, labels: Any, index: Any) -> Any:
        def body(state: Any, rows: Any) -> Any:
            return _step(state, features[rows].astype("float32"), labels[rows], dropout)

        return jax.lax.scan(body, state, index)

    if kind == "vmap":
        train = jax.vmap(train, in_axes=(0, None, None, None))
    return jax.jit(train)


@functools.cache
def _evaluation() -> Any:
    import jax
    import jax.numpy as jnp

    def evaluate(parameters: Any, features: Any, labels: Any, rows: Any) -> Any:
        logits = _logits(parameters, features[rows].astype("float32"), 0.0, None)
        right = jnp.mean(jnp.argmax(logits, -1) == labels[rows])
        return right, _cross_entropy(logits, labels[rows])

    return jax.jit(jax.vmap(evaluate, in_axes=(0, None, None, None)))


def _step(state: Any, x: Any, y: Any, dropout: float) -> Any:
    """One step of Adam as Keras takes it."""
    import jax
    import jax.numpy as jnp

    parameters, first, second, t, key = state
    key, own = jax.random.split(key)
    loss, slopes = jax.value_and_grad(lambda p: _cross_entropy(_logits(p, x, dropout, own), y))(parameters)
    t += 1
    rate = _LR * jnp.sqrt(1 - _BETAS[1] ** t) / (1 - _BETAS[0] ** t)
    first = [_BETAS[0] * m + (1 - _BETAS[0]) * g for m, g in zip(first, slopes, strict=True)]
    second = [_BETAS[1] * v + (1 - _BETAS[1]) * g * g for v, g in zip(second, slopes, strict=True)]
    moments = zip(parameters, first, second, strict=True)
    parameters = [p - rate * m / (jnp.sqrt(v) + _EPSILON) for p, m, v in moments]
    return (parameters, first, second, t, key), loss


def _logits(parameters: Any, x: Any, dropout: float, key: Any) -> Any:
    import jax
    import jax.numpy as jnp

    kernel, bias, out_kernel, out_bias = parameters
    hidden = jax.nn.relu(x @ kernel + bias)
    if dropout:
        kept = jax.random.bernoulli(key, 1 - dropout, hidden.shape)
        hidden = jnp.where(kept, hidden / (1 - dropout), 0)
    return hidden @ out_kernel + out_bias


def _cross_entropy(logits: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1))


@functools.cache
def _placed() -> tuple[Any, Any]:
    import jax.numpy as jnp

    features, labels = heads.data(_N_ROWS)
    return jnp.asarray(features.astype(np.float16)), jnp.asarray(labels)


@functools.cache
def _state(kind: str) -> Any:
    import jax
    import jax.numpy as jnp

    from study.training.batches import N_HIDDEN

    n_heads = heads.N_HEADS if kind == "vmap" else None
    lead = () if n_heads is None else (n_heads,)
    shapes = ((heads.N_FEATURES, N_HIDDEN), (N_HIDDEN,), (N_HIDDEN, heads.N_CLASSES), (heads.N_CLASSES,))
    keys = jax.random.split(jax.random.key(SEED), len(shapes))
    parameters = [
        0.05 * jax.random.normal(key, lead + shape) for key, shape in zip(keys, shapes, strict=True)
    ]
    zeros = [jnp.zeros_like(one) for one in parameters]
    own = jax.random.key(SEED) if n_heads is None else jax.random.split(jax.random.key(SEED), n_heads)
    return parameters, zeros, zeros, jnp.zeros(lead), own
