"""The study as plain Keras would do it: a frozen backbone and a head in one model, ``fit`` for each run.

Every image goes through the backbone in every epoch. The model, the loss, the optimiser, the initial weights
and the order of the batches are the study's.
"""

from __future__ import annotations

import functools
import math
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED = 1
_MODULES = {
    "ResNet50": "resnet",
    "ResNet101": "resnet",
    "EfficientNetV2B0": "efficientnet_v2",
    "EfficientNetV2S": "efficientnet_v2",
    "ConvNeXtTiny": "convnext",
    "ConvNeXtSmall": "convnext",
}


@functools.cache
def network(name: str, weights: str, image_size: int, *, repaired: bool) -> Any:
    """Images in 0..255 to averaged features, with the weights that the study's backbone has.

    Parameters
    ----------
    name, weights, image_size
        As in params.yaml.
    repaired
        Whether the study's own layers are used in place of those that Keras ships.
    """
    import keras

    from study.backbones.catalogue.names import backbone
    from study.backbones.catalogue.obtain import obtain
    from study.backbones.forward.network import build

    row = backbone(name)
    with tempfile.TemporaryDirectory() as folder:
        obtain(name, weights, folder=Path(folder) / name, seed=SEED)
        ours = build(row, Path(folder) / name, image_size)
    inputs = keras.Input((image_size, image_size, 3))
    if row.constructor not in _MODULES:
        return keras.Model(inputs, ours(keras.layers.Rescaling(1 / 128, -127 / 128)(inputs), training=False))
    module = getattr(keras.applications, _MODULES[row.constructor])
    shape = (image_size, image_size, 3)
    shipped = getattr(keras.applications, row.constructor)(
        weights=None, include_top=False, pooling="avg", input_shape=shape
    )
    for target, source in zip(shipped.weights, ours.weights, strict=True):
        same = target.shape == source.shape
        target.assign(source if same else keras.ops.transpose(source, (0, 1, 3, 2)))
    chosen = ours if repaired else shipped
    return keras.Model(inputs, chosen(module.preprocess_input(inputs), training=False))


def counted(frozen: Any) -> tuple[Any, Any]:
    """The frozen network behind a layer that counts the images passing it, and that layer's variable."""
    import keras

    class Counter(keras.layers.Layer):  # type: ignore[misc]
        def build(self, _: Any) -> None:
            self.seen = self.add_weight(shape=(), dtype="int64", initializer="zeros", trainable=False)

        def call(self, images: Any) -> Any:
            self.seen.assign_add(keras.ops.cast(keras.ops.shape(images)[0], "int64"))
            return images

    counter = Counter()
    inputs = keras.Input(frozen.input_shape[1:])
    frozen.trainable = False
    return keras.Model(inputs, frozen(counter(inputs), training=False)), counter.seen


def with_head(inputs: Any, features: Any, dropout: float, l1: float, n_classes: int) -> Any:
    """The source's head on ``features``, compiled as the study trains it."""
    import keras

    from study.training.batches import N_HIDDEN

    outputs = keras.layers.Dropout(dropout)(features)
    outputs = keras.layers.Dense(N_HIDDEN, "relu", kernel_regularizer=keras.regularizers.L1(l1))(outputs)
    outputs = keras.layers.Dense(n_classes, "softmax")(outputs)
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(), "categorical_crossentropy", metrics=["accuracy"])
    return model


@functools.cache
def head(n_features: int, n_classes: int, dropout: float) -> Any:
    """A head on cached features."""
    import keras

    inputs = keras.Input((n_features,))
    return with_head(inputs, inputs, dropout, 0.0, n_classes)


def restart(model: Any, n_features: int, n_classes: int, *, lr: float, init_seed: int) -> None:
    """The head as new: its initial weights, an optimiser without memory, the learning rate."""
    from study.training.batches import N_HIDDEN, initial_weights

    kernel, bias, out_kernel, out_bias = initial_weights(n_features, N_HIDDEN, n_classes, seed=init_seed)
    hidden, output = model.layers[-2:]
    hidden.set_weights([kernel.T, bias])
    output.set_weights([out_kernel, out_bias])
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    for variable in model.optimizer.variables:
        variable.assign(np.zeros(variable.shape, variable.dtype))
    model.optimizer.learning_rate = lr


class Study:
    """One model, fitted anew for each run.

    Parameters
    ----------
    images, labels
        Split to arrays.
    epochs
        Of each run.
    strengths
        Of augmentations; their draws are fresh in every epoch.
    """

    def __init__(
        self,
        frozen: Any,
        images: dict[str, NDArray[np.uint8]],
        labels: dict[str, NDArray[Any]],
        *,
        epochs: int,
        dropout: float,
        strengths: Any,
    ) -> None:
        self._images = images
        self._labels = labels
        self._n_classes = int(labels["train"].max()) + 1
        self._epochs = epochs
        self._strengths = strengths
        backbone, self._seen = counted(frozen)
        self._n_features = backbone.output_shape[1]
        self._model = with_head(backbone.input, backbone.output, dropout, 0.0, self._n_classes)

    @property
    def n_images(self) -> int:
        """Images that went through the backbone so far."""
        return int(self._seen.numpy())

    def run(self, run: Any) -> tuple[float, NDArray[np.float32]]:
        """Seconds of a run, and its class probabilities on test."""
        began = time.perf_counter()
        restart(self._model, self._n_features, self._n_classes, lr=run.setting.lr, init_seed=run.init_seed)
        one_hot = np.eye(self._n_classes, dtype=np.float32)
        valid = (self._images["valid"].astype(np.float32), one_hot[self._labels["valid"]])
        self._model.fit(
            self._batches(run), epochs=self._epochs, validation_data=valid, shuffle=False, verbose=0,
            validation_batch_size=run.setting.batch_size,
        )  # fmt: skip
        probabilities = self._model.predict(
            self._images["test"].astype(np.float32), batch_size=run.setting.batch_size, verbose=0
        )
        return time.perf_counter() - began, probabilities

    def _batches(self, run: Any) -> Any:
        import keras

        from study import augment
        from study.training import batches

        rows = batches.subset(self._labels["train"], run.setting.images_per_class, seed=run.subset_seed)
        orders = batches.order(len(rows), self._epochs, seed=run.order_seed)
        images, labels = self._images["train"][rows], self._labels["train"][rows]
        one_hot = np.eye(self._n_classes, dtype=np.float32)
        strengths, n_classes = self._strengths, self._n_classes

        class Epochs(keras.utils.PyDataset):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.epoch = -1
                self.on_epoch_end()

            def on_epoch_end(self) -> None:
                self.epoch = min(self.epoch + 1, len(orders) - 1)
                self.order = orders[self.epoch]
                self.shown: NDArray[Any] = images[self.order].astype(np.float32)
                self.targets = one_hot[labels[self.order]]
                if run.setting.augmentation != "none":
                    sequence = np.random.SeedSequence(run.augmentation_seed, spawn_key=(self.epoch,))
                    rng = np.random.default_rng(sequence)
                    drawn = augment.draw(run.setting.augmentation, len(rows), rng=rng, strengths=strengths)
                    view = augment.View(images[self.order], drawn)
                    self.shown, self.targets = view[:], view.targets(labels[self.order], n_classes)

            def __len__(self) -> int:
                return math.ceil(len(rows) / int(run.setting.batch_size))

            def __getitem__(self, batch: int) -> tuple[NDArray[Any], NDArray[Any]]:
                part = slice(batch * run.setting.batch_size, (batch + 1) * run.setting.batch_size)
                return self.shown[part], self.targets[part]

        return Epochs()
