"""Rows of runs and columns of origins."""

import numpy as np
import pytest

from study.analysis.correctness import Correctness

MATRIX = np.array([[True, False, True], [False, False, True]])
ORIGINS = np.array(["cifar10", "imagenet", "imagenet"])


def test_rows_follow_the_names_asked_for():
    correct = Correctness(MATRIX, ("a", "b"), ORIGINS)
    assert correct.of(["b", "a", "b"]).tolist() == [MATRIX[row].tolist() for row in (1, 0, 1)]
    assert correct.of([]).shape == (0, 3)


def test_images_of_one_origin():
    correct = Correctness(MATRIX, ("a", "b"), ORIGINS)
    assert correct.of(["a"], origin="imagenet").tolist() == [[False, True]]
    assert correct.of(["a"], origin="unknown").shape == (1, 0)


def test_without_origins_no_image_is_of_any():
    assert Correctness(MATRIX, ("a", "b")).of(["a"], origin="cifar10").shape == (1, 0)


def test_a_run_without_predictions_is_named():
    with pytest.raises(ValueError, match="predictions of run c, received none"):
        Correctness(MATRIX, ("a", "b")).of(["a", "c"])


@pytest.mark.parametrize(
    ("matrix", "runs", "origins", "message"),
    [
        (MATRIX.astype(int), ("a", "b"), None, "expected a bool matrix"),
        (MATRIX[0], ("a",), None, "expected a bool matrix"),
        (MATRIX, ("a",), None, "expected 2 different names"),
        (MATRIX, ("a", "a"), None, "received 1 different ones of 2"),
        (MATRIX, ("a", "b"), ORIGINS[:2], "an origin for each of 3 images"),
    ],
)
def test_parts_that_do_not_fit_are_refused(matrix, runs, origins, message):
    with pytest.raises(ValueError, match=message):
        Correctness(matrix, runs, origins)
