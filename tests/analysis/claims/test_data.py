"""How unstable a validation curve is."""

import numpy as np
import pandas as pd
import pytest

from study.analysis.claims.data import instability
from study.tables.definitions import HISTORY


def history(**curves):
    rows = [
        {
            "run": run,
            "epoch": epoch,
            **dict.fromkeys(list(HISTORY.columns)[2:], 0.0),
            "valid_accuracy": value,
        }
        for run, curve in curves.items()
        for epoch, value in enumerate(curve, start=1)
    ]
    return HISTORY.conform(pd.DataFrame(rows))


def test_it_is_the_sd_of_the_late_changes():
    values = instability(history(a=[0.1, 0.5, 0.6, 0.7, 0.6, 0.8], b=[0.1, 0.5, 0.6, 0.61, 0.62, 0.63]))
    assert values["a"] == pytest.approx(np.std([0.1, -0.1, 0.2], ddof=1))
    assert values["b"] == pytest.approx(0, abs=1e-12)


def test_the_first_half_does_not_count():
    late = [0.6, 0.7, 0.6, 0.8]
    steep, flat = instability(history(a=[0.1, 0.5, *late], b=[0.6, 0.6, *late]))
    assert steep == pytest.approx(flat)


def test_rows_may_stand_in_any_order():
    frame = history(a=[0.1, 0.5, 0.6, 0.7, 0.6, 0.8], b=[0.3, 0.2, 0.1, 0.5, 0.9, 0.2])
    pd.testing.assert_series_equal(instability(frame), instability(frame.sample(frac=1, random_state=1)))


@pytest.mark.parametrize("curve", [[0.5], [0.1, 0.5]])
def test_a_short_training_has_none(curve):
    assert instability(history(a=curve)).isna().all()
