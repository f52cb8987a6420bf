"""Effects of factors: hand-worked on a grid, recognised where one is varied at a time."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis.methods.effects import centre, effects
from tests.analysis.methods.test_methods import measured
from tests.analysis.rules import RULES


def levels(*rows):
    frame = pd.DataFrame(rows, columns=["lr", "bs", "depth"][: len(rows[0])])
    return frame.set_index(pd.Index(["/".join(row) for row in rows]))


GRID = levels(*itertools.product(("0.1", "0.01"), ("32", "64")))


def of_grid(grid=GRID, *, seeds=6, interaction=0.0, shift=0):
    rng = np.random.default_rng(3)
    noise = {name: rng.normal(0, 0.01, seeds) for name in grid.index}
    values = {
        name: 0.5
        + 0.1 * (row["lr"] == "0.1")
        + 0.02 * (row["bs"] == "64")
        + interaction * (row["lr"] == "0.1") * (row["bs"] == "64")
        + noise[name]
        for name, row in grid.iterrows()
    }
    own = {name: range(place * shift, place * shift + seeds) for place, name in enumerate(values)}
    return values, measured(values, seeds=own)


def test_effects_of_a_grid_are_means_over_the_other_factor():
    values, table = of_grid(interaction=0.05)
    rows = effects(table, GRID, rules=RULES)
    assert rows["kind"].tolist() == ["main", "main", "interaction"]
    cell = {tuple(name.split("/")): one for name, one in values.items()}
    main = (cell["0.1", "32"] + cell["0.1", "64"] - cell["0.01", "32"] - cell["0.01", "64"]) / 2
    crossed = cell["0.1", "64"] - cell["0.01", "64"] - cell["0.1", "32"] + cell["0.01", "32"]
    for row, by_seed in ((rows.iloc[0], main), (rows.iloc[2], crossed)):
        interval = stats.ttest_1samp(by_seed, 0).confidence_interval()
        assert row["diff"] == pytest.approx(by_seed.mean())
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((interval.low, interval.high))
        assert (row["n"], row["design"]) == (6, "paired")
    assert rows.iloc[0][["factor", "level", "other_level"]].tolist() == ["lr", "0.1", "0.01"]
    assert rows.iloc[2][["by", "by_level", "by_other_level"]].tolist() == ["bs", "64", "32"]
    assert rows["verdict"].tolist() == ["different"] * 3


def test_other_seeds_in_each_cell_are_unpaired():
    values, table = of_grid(shift=10)
    row = effects(table, GRID, rules=RULES).iloc[2]
    parts = [one.var(ddof=1) / 6 for one in values.values()]
    df = sum(parts) ** 2 / sum(part**2 / 5 for part in parts)
    half = stats.t.ppf(0.975, df) * np.sqrt(sum(parts))
    assert row["design"] == "unpaired"
    assert row["ci_high"] - row["ci_low"] == pytest.approx(2 * half)


def test_a_grid_with_a_hole_has_no_effects():
    _, table = of_grid(GRID[:3])
    assert effects(table, GRID[:3], rules=RULES).empty


def test_a_third_factor_is_averaged_over():
    grid = levels(*itertools.product(("0.1", "0.01", "1"), ("32", "64"), ("2", "3")))
    _, table = of_grid(grid)
    rows = effects(table, grid, rules=RULES)
    assert rows["kind"].value_counts().to_dict() == {"main": 4, "interaction": 5}
    assert rows[rows["factor"] == "lr"].iloc[0]["diff"] == pytest.approx(0.1, abs=0.01)


STAR = levels(("0.1", "32"), ("0.01", "32"), ("1", "32"), ("0.1", "64"))


@pytest.mark.parametrize(
    ("factors", "found"),
    [
        (STAR, "0.1/32"),
        (STAR[1:], ""),
        (GRID, ""),
        (STAR[["lr"]][:3], ""),
        (levels(("0.1", "32"), ("0.01", "64")), ""),
    ],
)
def test_the_centre_of_factors_varied_one_at_a_time(factors, found):
    assert centre(factors) == found
