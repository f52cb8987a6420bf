"""Build a backbone with its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from study.backbones.forward.folder import random_seed, verify
from study.backbones.forward.row import Backbone, WeightsError
from study.backbones.kinds.registry import family

_KERNELS = ("kernel", "pointwise_kernel", "depthwise_kernel")
_EMBEDDING_DEVIATION = 0.02


def build(row: Backbone, folder: Path, image_size: int) -> Any:
    """A Keras model: preprocessed images (n, image_size, image_size, 3) to features (n, n_features).

    Raises
    ------
    BackboneError
        The network cannot take images of that size, or its library is not installed.
    WeightsError
        ``folder`` holds neither the published weights nor a seed of random ones.
    """
    seed = random_seed(folder)
    path = folder / (row.weights_file or "")
    if seed is None:
        verify(row, path)
    own = family(row.kind)
    network = own.build(row, image_size)
    if seed is not None:
        _fill_at_random(network, seed=seed)
    else:
        try:
            own.load(network, row, path, image_size)
        except (ValueError, OSError, KeyError) as error:
            raise WeightsError(f"{path}: expected weights of {row.name}, received {error}") from None
    return own.finish(network)


def _fill_at_random(network: Any, *, seed: int) -> None:
    """He-normal kernels; scales, shifts and statistics keep their neutral initial values.

    Whatever else a layer draws when it is made, such as embeddings of positions, is normal with a deviation
    of 0.02.
    """
    for position, weight in enumerate(network.weights):
        if weight.name in _KERNELS:
            scale = np.sqrt(2.0 / _fan_in(weight.shape))
        elif _is_constant(weight):
            continue
        else:
            scale = _EMBEDDING_DEVIATION
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(position,)))
        weight.assign(rng.standard_normal(weight.shape, np.float32) * scale)


def _fan_in(shape: tuple[int, ...]) -> int:
    """Over how many inputs an output sums: of a depthwise kernel (height, width, n, 1), its window."""
    is_depthwise = len(shape) == 4 and shape[-1] == 1
    return int(np.prod(shape[:2] if is_depthwise else shape[:-1]))


def _is_constant(weight: Any) -> bool:
    values = np.asarray(weight)
    return values.size == 0 or bool((values == values.flat[0]).all())
