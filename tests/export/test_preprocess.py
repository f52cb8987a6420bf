"""Preprocessing by layers of Keras gives what the extractor's own gives."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from study.backbones.catalogue.names import BACKBONES
from study.backbones.forward.preprocessing import PREPROCESSING
from study.export.assemble import ExportError, preprocess

ROW = BACKBONES["resnet50"]


@pytest.mark.parametrize("kind", PREPROCESSING)
def test_each_kind_is_layers_that_do_the_same(kind):
    inputs = keras.Input((4, 4, 3))
    outputs = preprocess(replace(ROW, preprocessing=kind), inputs)
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3)).astype(np.float32)
    received = images if outputs is inputs else np.asarray(keras.Model(inputs, outputs)(images))
    np.testing.assert_allclose(received, PREPROCESSING[kind](images), atol=1e-4)
    assert (outputs is inputs) == (kind == "inside")


def test_another_kind_is_one_line():
    with pytest.raises(ExportError, match=r"resnet50: expected the preprocessing inside, .* received new"):
        preprocess(replace(ROW, preprocessing="new"), keras.Input((4, 4, 3)))
