"""How heads are optimised, whichever backend computes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
"""Of Adam, as Keras has them."""
CLIP = 1e-7
"""A probability in a loss lies in [CLIP, 1 - CLIP], as in Keras."""
EVALUATION_ROWS = 4096
"""Rows that go through a head at once where it is not trained."""
MAX_HEADS = 10
"""Heads that TensorFlow trains side by side at most; more gain nothing on a CPU."""
PLACES = {"cpu": 4, "gpu": 10}
"""Heads of a program of JAX by its device: few, so that their state stays near the cache, or as many as a
study has replicates. More would fill a GPU better, but most groups would leave places empty, which cost as
much."""
SHARE_OF_BUDGET = 1 / 4
"""Of a process's memory budget, for the heads of a group; the rest is the backbone's."""
BYTES_PER_PARAMETER = 4 * 4
"""Of a head in training: parameter, two moments and gradient, in float32."""


@dataclass(frozen=True)
class Optimisation:
    """What a head does with a batch.

    Attributes
    ----------
    lr, dropout, l1
        Learning rate of Adam, share of the features that are dropped, strength of the L1 penalty on the first
        kernel.
    init_seed, dropout_seed
        Of the initial weights and of the dropped features.
    label_smoothing
        This share of every target is spread evenly over the classes.
    weight_decay
        Before a step every weight and bias shrinks by this times the learning rate, as in AdamW.

    References
    ----------
    Szegedy et al. (2016), Rethinking the Inception architecture for computer vision.
    Loshchilov and Hutter (2019), Decoupled weight decay regularization.
    """

    lr: float
    dropout: float
    l1: float
    init_seed: int
    dropout_seed: int
    label_smoothing: float = 0.0
    weight_decay: float = 0.0


@dataclass(frozen=True)
class Sharing:
    """What the heads of a program have in common; a program is compiled for it.

    Attributes
    ----------
    streams
        For each head, which stream of batches it trains on; heads of one stream see the same rows.
    masks
        For each head, which dropout mask it takes; heads of one mask have one stream, rate and seed.
    penalised, smoothed, decayed
        For each head, whether it has an L1 penalty, label smoothing and weight decay.
    """

    streams: tuple[int, ...]
    masks: tuple[int, ...]
    penalised: tuple[bool, ...]
    smoothed: tuple[bool, ...]
    decayed: tuple[bool, ...]

    @classmethod
    def of(cls, optimisations: Sequence[Optimisation], streams: Sequence[int]) -> Sharing:
        """The sharing of heads that train on the given streams."""
        keys = [
            (stream, one.dropout, one.dropout_seed)
            for stream, one in zip(streams, optimisations, strict=True)
        ]
        first = {key: position for position, key in enumerate(dict.fromkeys(keys))}
        return cls(
            tuple(streams),
            tuple(first[key] for key in keys),
            tuple(one.l1 > 0 for one in optimisations),
            tuple(one.label_smoothing > 0 for one in optimisations),
            tuple(one.weight_decay > 0 for one in optimisations),
        )

    def check(self, optimisations: Sequence[Optimisation]) -> None:
        """Refuse heads that have something else in common.

        Raises
        ------
        ValueError
            They are not the heads for which a program of this sharing was made.
        """
        if Sharing.of(optimisations, self.streams) != self:
            raise ValueError(f"heads: expected {self}, received {optimisations}")
