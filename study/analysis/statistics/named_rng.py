"""Random generators by name, so that one result's draws depend on no other result."""

from __future__ import annotations

import numpy as np


def generator(*names: str, seed: int) -> np.random.Generator:
    """The generator of one named thing, such as a model's factor; equal names and seed give equal draws."""
    return np.random.default_rng([seed, *"\x1f".join(names).encode()])
