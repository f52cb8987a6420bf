"""Random generators by name, so that one result's draws depend on no other result."""

from __future__ import annotations

import numpy as np


def named_rng(*names: str, seed: int) -> np.random.Generator:
    """The generator of one named thing, such as a model's factor; equal names and seed give equal draws.

    Examples
    --------
    >>> one, same, other = (named_rng("pairs", model, seed=7).random() for model in ("a", "a", "b"))
    >>> one == same, one == other
    (True, False)
    """
    return np.random.default_rng([seed, *"\x1f".join(names).encode()])
