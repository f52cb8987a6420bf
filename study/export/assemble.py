"""Put preprocessing, backbone and head together as one Keras model, and several of those as another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from study.backbones.forward.depthwise import Depthwise
from study.backbones.forward.folder import read_row
from study.backbones.forward.network import build
from study.backbones.forward.preprocessing import TORCH_DEVIATIONS, TORCH_MEANS
from study.backbones.forward.row import Backbone
from study.errors import StudyError

CLIP = 1e-7
"""Smallest probability of which stacking takes the logarithm."""

Floats = NDArray[np.floating[Any]]
Head = Sequence[Floats]
"""Kernel (n_hidden, n_features), bias, kernel (n_hidden, n_classes) and bias, as the trainer keeps them."""

MEMBER = "member-"
"""What the name of a layer begins with that gives what one member of an ensemble says."""


class ExportError(StudyError):
    """A model that cannot be made of plain Keras layers."""


def member(
    name: str,
    folder: Path,
    *,
    head: Head,
    image_shape: tuple[int, int, int],
    image_size: int,
    feature_dtype: str,
) -> Any:
    """From images to logits, of Keras' own layers alone.

    Parameters
    ----------
    name
        What the model is called, as the backbone is.
    folder
        Of its weights.
    head
        The trained weights.
    image_shape
        (height, width, 3) of the images to come, RGB in 0..255.
    image_size
        Pixels a side that the backbone sees.
    feature_dtype
        To which the trainer's features were rounded.

    Returns
    -------
    A functional model: (n, height, width, 3) to (n, n_classes).

    Keras counts what it names; the count starts anew here, so that a file does not tell what else was made.
    """
    keras.utils.clear_session(free_memory=False)
    row = read_row(folder)
    network = plain(build(row, folder, image_size))
    network.trainable = False
    network.name = f"{name}-backbone"
    images = keras.Input(image_shape, name="images")
    seen = images
    if image_shape[:2] != (image_size, image_size):
        seen = keras.layers.Resizing(
            image_size,
            image_size,
            interpolation="bilinear",
            antialias=image_size < image_shape[0],
            name="resize",
        )(seen)
    features = network(preprocess(row, seen))
    if feature_dtype != "float32":
        features = keras.layers.Activation("linear", dtype=feature_dtype, name="round")(features)
    kernel, bias, out_kernel, out_bias = head
    hidden = keras.layers.Dense(len(bias), activation="relu", name="hidden")
    logits = keras.layers.Dense(len(out_bias), name="logits")
    made = keras.Model(images, logits(hidden(features)), name=name)
    hidden.set_weights([kernel.T, bias])
    logits.set_weights([out_kernel, out_bias])
    return made


def plain(network: Any) -> Any:
    """The same network, of Keras' own layers alone."""

    def own(layer: Any) -> Any:
        kind = keras.layers.DepthwiseConv2D if isinstance(layer, Depthwise) else layer.__class__
        return kind.from_config(layer.get_config())

    made = keras.models.clone_model(network, clone_function=own)
    made.set_weights(network.get_weights())
    return made


def preprocess(row: Backbone, images: Any) -> Any:
    """RGB in 0..255 as the network of ``row`` takes it, by layers of Keras.

    Raises
    ------
    ExportError
        Nobody has said how this kind of preprocessing is a layer.
    """
    if row.preprocessing == "inside":
        return images
    if row.preprocessing == "centred":
        return keras.layers.Rescaling(1 / 128, offset=-127 / 128, name="centre")(images)
    if row.preprocessing == "caffe":
        layer = keras.layers.Conv2D(3, 1, trainable=False, name="bgr-less-means")
        made = layer(images)
        kernel = np.eye(3, dtype=np.float32)[::-1].reshape(1, 1, 3, 3)
        layer.set_weights([kernel, np.array([-103.939, -116.779, -123.68], np.float32)])
        return made
    if row.preprocessing == "tf":
        return keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="centre")(images)
    if row.preprocessing == "torch":
        unit = keras.layers.Rescaling(1 / 255, name="unit")(images)
        variance = [deviation**2 for deviation in TORCH_DEVIATIONS]
        return keras.layers.Normalization(mean=TORCH_MEANS, variance=variance, name="standardise-colours")(
            unit
        )
    raise ExportError(
        f"{row.name}: expected the preprocessing inside, centred, caffe, tf or torch, "
        f"received {row.preprocessing}"
    )


def classifier(one: Any) -> Any:
    """From images to class probabilities, of a member."""
    return keras.Model(
        one.input, keras.layers.Activation("softmax", name="probabilities")(one.output), name=one.name
    )


def soft_vote(members: Sequence[Any], weights: Floats) -> Any:
    """The weighted mean of the members' probabilities; weights (n_members,) that add to one."""
    images, logits = _said(members)
    probs = [
        keras.layers.Activation("softmax", name=f"{MEMBER}{one.name}")(said)
        for one, said in zip(members, logits, strict=True)
    ]
    parts = [
        keras.layers.Rescaling(float(weight), name=f"weigh-{one.name}")(said)
        for one, said, weight in zip(members, probs, weights, strict=True)
    ]
    return keras.Model(images, keras.layers.Add(name="probabilities")(parts), name="ensemble")


def stack(members: Sequence[Any], *, centre: Floats, scale: Floats, kernel: Floats, bias: Floats) -> Any:
    """A regression on the members' log probabilities, standardised.

    Parameters
    ----------
    centre, scale, kernel, bias
        As in ``study.ensembles.stacking.Stacker``. Standardising is a Normalization layer.
    """
    images, logits = _said(members)
    floor = float(np.log(CLIP))
    logs = [
        keras.layers.Activation("log_softmax", name=f"{MEMBER}{one.name}")(said)
        for one, said in zip(members, logits, strict=True)
    ]
    joined = keras.layers.Concatenate(name="log-probabilities")(logs)
    above = keras.layers.ReLU(name="clip")(keras.layers.Rescaling(1.0, offset=-floor, name="lift")(joined))
    standard = keras.layers.Normalization(
        mean=(centre - floor).tolist(), variance=np.square(scale).tolist(), name="standardise"
    )(above)
    dense = keras.layers.Dense(kernel.shape[1], activation="softmax", name="probabilities")
    made = keras.Model(images, dense(standard), name="ensemble")
    dense.set_weights([kernel.astype(np.float32), bias.astype(np.float32)])
    return made


def _said(members: Sequence[Any]) -> tuple[Any, list[Any]]:
    images = keras.Input(members[0].input.shape[1:], name="images")
    return images, [one(images) for one in members]
