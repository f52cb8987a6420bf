"""Errors of the verdicts and coverage of the intervals on simulated studies, by what is true in them."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from study.analysis.methods.comparisons import judge
from study.analysis.statistics.estimates import of_replicates
from study.analysis.statistics.unpaired import welch
from tests.analysis.rules import RULES

pytestmark = pytest.mark.slow
STUDIES = 2_000
SD = 0.01


def values(kind, rng, n):
    """(n,) values of mean 0 and about the same spread."""
    if kind == "heavy tails":
        return SD * rng.standard_t(3, n) / np.sqrt(3)
    drawn = rng.normal(0, SD, n)
    return np.round(drawn / SD) * SD if kind == "ties" else drawn


def studies(kind, shifts, *, unequal, seed):
    """The judged comparisons of each simulated study; ``shifts`` are the true means of the methods."""
    rng = np.random.default_rng(seed)
    sizes = [5, 8, 12, 6] if unequal else [4] * 4 if kind == "few seeds" else [10] * 4
    for _ in range(STUDIES):
        block = 0.0 if unequal else rng.normal(0, SD, sizes[0])
        runs = [shift + block + values(kind, rng, n) for shift, n in zip(shifts, sizes, strict=False)]
        pairs = combinations(runs, 2)
        compared = [welch(*pair) if unequal else of_replicates(np.subtract(*pair)) for pair in pairs]
        yield pd.DataFrame(judge(compared, rules=RULES))


KINDS = [("normal", False), ("few seeds", False), ("ties", False), ("normal", True), ("heavy tails", True)]
HIGHEST = RULES.alpha + 3 * np.sqrt(RULES.alpha * (1 - RULES.alpha) / STUDIES)


@pytest.mark.parametrize(("kind", "unequal"), KINDS)
def test_family_wise_error(kind, unequal):
    """Where all methods are equal, at most alpha of the studies see any difference."""
    found = studies(kind, [0.0] * 4, unequal=unequal, seed=1)
    errors = sum(rows["verdict"].str.startswith("different").any() for rows in found)
    assert errors / STUDIES <= HIGHEST


@pytest.mark.parametrize(("kind", "unequal"), [("normal", False), ("few seeds", False), ("normal", True)])
def test_no_equivalence_from_a_missing_significance(kind, unequal):
    """Methods that differ by the margin: most studies miss the difference, few call it equivalent."""
    missed = equivalent = 0
    for rows in studies(kind, [0.0, RULES.margin], unequal=unequal, seed=2):
        missed += (rows["p_holm"] >= RULES.alpha).any()
        equivalent += rows["verdict"].isin(["equivalent", "different but trivial"]).any()
    assert missed / STUDIES > 0.7
    assert equivalent / STUDIES <= HIGHEST


@pytest.mark.parametrize("unequal", [False, True])
@pytest.mark.parametrize("kind", ["normal", "few seeds"])
def test_intervals_cover(kind, unequal):
    """Each interval covers as often as it says, and all of a study at once at least as often."""
    shifts = np.array([0.0, 0.004, 0.012])
    single, every = [], 0
    for rows in studies(kind, shifts, unequal=unequal, seed=3):
        truth = np.array([one - other for one, other in combinations(shifts, 2)])
        single.append((rows["ci_low"] < truth) & (truth < rows["ci_high"]))
        every += ((rows["simultaneous_low"] < truth) & (truth < rows["simultaneous_high"])).all()
    assert np.mean(single) == pytest.approx(0.95, abs=0.012)
    assert every / STUDIES >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / STUDIES)
