"""The row of a model of keras.applications, found by building it."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any

import keras
import numpy as np

from study.backbones.catalogue.names import plain
from study.backbones.catalogue.published import PUBLISHED
from study.backbones.forward.preprocessing import PREPROCESSING
from study.backbones.forward.row import Backbone, BackboneError, Preprocessing

_CLOSE = 1e-3


def constructor(name: str) -> str | None:
    """What keras.applications calls a model, whatever case and dashes ``name`` has; None: it has none."""
    return _constructors().get(plain(name))


@lru_cache
def row(name: str, constructor: str) -> Backbone:
    """The row of a model of keras.applications.

    Parameters
    ----------
    name
        What the study calls it.
    constructor
        From ``constructor``.

    Raises
    ------
    BackboneError
        Its preprocessing is none of those that are known here.
    """
    make = getattr(keras.applications, constructor)
    network = make(weights=None, include_top=False, pooling="avg")
    published = PUBLISHED.get(constructor)
    return Backbone(
        name=name,
        family=constructor,
        n_features=int(network.output_shape[-1]),
        native_size=None,
        preprocessing=_preprocessing(name, sys.modules[make.__module__].preprocess_input),
        constructor=constructor,
        kind="application",
        weights_file=published.file if published else None,
        hash_kind="sha256" if published and len(published.hash or "") == 64 else "md5",
        weights_hash=published.hash if published else None,
        url=published.url if published else None,
    )


def _constructors() -> dict[str, str]:
    return {plain(name): name for name in dir(keras.applications) if name[0].isupper()}


def _preprocessing(name: str, published: Any) -> Preprocessing:
    """The preprocessing here that does what Keras' own does, on colours that tell all apart."""
    colours = np.array([[0, 0, 0], [255, 255, 255], [20, 110, 230], [200, 3, 77]], np.float32)[None, None]
    expected = np.asarray(published(colours.copy()))
    for kind, own in PREPROCESSING.items():
        if np.abs(own(colours) - expected).max() < _CLOSE:
            return kind
    raise BackboneError(
        f"{name}: expected one of the preprocessings {', '.join(PREPROCESSING)}, received another from Keras"
    )
