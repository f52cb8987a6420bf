"""What is counted of a backbone's features."""

import numpy as np
import pytest

from study.backbones.outputs import Outputs, outputs


def test_constant_features_and_zeros_are_counted_over_all_sets():
    train = np.array([[0, 1, 5, 0], [0, 2, 5, 0]], np.float16)
    test = np.array([[0, 1, 5, 3]], np.float16)
    assert outputs([train]) == Outputs(2, 4, 3, 0.5)
    assert outputs([train, test]) == Outputs(3, 4, 2, 5 / 12)


def test_a_difference_in_the_last_of_many_rows_counts():
    features = np.ones((10_000, 2), np.float16)
    features[-1, 1] = 2
    assert outputs([features[:0], features]) == Outputs(10_000, 2, 1, 0.0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_not_zero(value):
    features = np.array([[value, 0], [1, 0]], np.float16)
    assert outputs([features]) == Outputs(2, 2, 1, 0.5)
