"""Paired comparisons against R, and what equal differences give."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis.factor_levels import pair
from study.analysis.statistics.crossed import crossed_difference
from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.multiplicity import adjust, judge, verdict
from study.analysis.statistics.paired import compare
from study.analysis.statistics.power import detectable_effect
from tests.analysis.rules import RULES

NO_TEST = {"differences", "n", "diff", "wins", "seeds", "judged", "verdict", "seeds_only_verdict"}
FAMILY = [(0.01, 0.8), (0.03, 0.04), (0.9, 0.03)]


def holm(p_values):
    return adjust(p_values, correction="holm")


def paired(first, second, correct=None):
    return compare(
        np.array(first, dtype=float),
        np.array(second, dtype=float),
        rules=RULES,
        rng=np.random.default_rng(0),
        correct=correct,
    )


def test_paired_t_of_r(reference):
    sleep = reference["sleep"]
    row = paired(sleep["first"], sleep["second"])
    assert (row["n"], row["diff"]) == (10, pytest.approx(sleep["mean"]))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(sleep["interval"]), abs=1e-7)
    assert row["p_t"] == pytest.approx(sleep["p"], abs=1e-6)
    assert row["dz"] == pytest.approx(sleep["t"] / np.sqrt(10), abs=1e-4)


def test_wins_count_a_tie_as_half(reference):
    sleep = reference["sleep"]
    row = paired(sleep["second"], sleep["first"])
    assert row["wins"] == 0.95  # nine gains, one tie
    low = stats.binomtest(9, 10).proportion_ci().low
    assert (row["wins_ci_low"], row["wins_ci_high"]) == pytest.approx((low, 1.0))


@pytest.mark.parametrize("n", [5, 10])
def test_interval_of_all_wins_is_that_of_r(reference, n):
    row = paired(np.linspace(1, 2, n), np.zeros(n))
    low = reference["clopper_pearson"]["low_by_n"][str(n)]
    assert (row["wins"], row["wins_ci_high"]) == (1.0, 1.0)
    assert row["wins_ci_low"] == pytest.approx(low, abs=5e-5)


@pytest.mark.parametrize("margin", ["1", "2"])
def test_equivalence_of_r(reference, margin):
    tost = reference["tost"]
    differences = np.array(tost["first"], dtype=float) - np.array(tost["second"])
    p = of_replicates(differences).p_within(float(margin))
    assert p == pytest.approx(tost["p_by_margin"][margin], abs=1e-7)


def test_equivalence_is_the_interval_of_twice_alpha_inside_the_margin(rng):
    for differences in rng.normal(0.1, 0.2, size=(200, 6)):
        low, high = stats.ttest_1samp(differences, 0).confidence_interval(0.9)
        inside = low > -0.25 and high < 0.25
        assert (of_replicates(differences).p_within(0.25) < 0.05) == inside


@pytest.mark.parametrize("n", [5, 10, 20])
def test_detectable_effect_of_r(reference, n):
    expected = reference["detectable"]["effect_by_n"][str(n)]
    assert detectable_effect(n, alpha=0.05, power=0.8) == pytest.approx(expected, abs=0.005)


def test_detectable_effect_inverts_the_power_of_pwr(reference):
    # One-sided at alpha is two-sided at twice alpha but for the far tail, which is below 0.0001 here.
    known = reference["power"]
    effect = detectable_effect(known["n"], alpha=2 * known["alpha"], power=known["power"])
    assert effect == pytest.approx(known["d"], abs=1e-4)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.1, 0.5])
@pytest.mark.parametrize("n", [2, 3, 10, 1000])
def test_detectable_effect_has_the_power_asked_for(n, alpha):
    effect = detectable_effect(n, alpha=alpha, power=0.9)
    quantile = stats.t.ppf(1 - alpha / 2, n - 1)
    sds = stats.chi(n - 1, scale=(n - 1) ** -0.5).ppf((np.arange(100_000) + 0.5) / 100_000)
    shift = effect * np.sqrt(n)
    power = stats.norm.sf(quantile * sds - shift) + stats.norm.cdf(-quantile * sds - shift)
    assert power.mean() == pytest.approx(0.9, abs=1e-4)


def test_detectable_effect_at_the_ends():
    assert np.isnan(detectable_effect(1, alpha=0.05, power=0.8))
    assert detectable_effect(9, alpha=0.1, power=0.05) == 0.0


@pytest.mark.parametrize("family", [1, 18])
def test_detectable_difference_is_that_of_holms_first_step(reference, family):
    sleep = reference["sleep"]
    sd = np.std(np.array(sleep["first"]) - sleep["second"], ddof=1)
    rows = judge([paired(sleep["first"], sleep["second"])] * family, rules=RULES)
    expected = sd * detectable_effect(10, alpha=0.05 / family, power=0.8)
    assert rows[0]["mde"] == pytest.approx(expected)


def test_interval_over_images_is_the_crossed_one(rng):
    sides = tuple(rng.uniform(size=(2, 5, 40)) < 0.6)
    row = paired(sides[0].mean(axis=1), sides[1].mean(axis=1), correct=sides)
    assert (row["image_ci_low"], row["image_ci_high"]) == crossed_difference(*sides, alpha=0.05)
    assert np.isnan(paired([0.1, 0.2], [0.1, 0.1])["image_ci_low"])


def test_equal_sides_are_equivalent_where_chance_does_not_make_them_so():
    row = judge([paired([0.3, 0.5, 0.7, 0.4, 0.6, 0.2], [0.3, 0.5, 0.7, 0.4, 0.6, 0.2])], rules=RULES)[0]
    assert (row["diff"], row["ci_low"], row["ci_high"], row["dz"], row["mde"]) == (0, 0, 0, 0, 0)
    assert (row["p_t"], row["p_signflip"], row["p_tost"], row["wins"]) == (1, 1, 2 / 2**6, 0.5)
    assert row["verdict"] == "equivalent"


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("shift", [0.0, 0.001, 0.1])
def test_few_equal_differences_have_no_interval_and_no_verdict(n, shift):
    second = np.linspace(0.2, 0.6, n)
    row = judge([paired(second + shift, second)], rules=RULES)[0]
    assert row["verdict"] == row["seeds_only_verdict"] == "inconclusive"
    assert np.isnan([row[name] for name in ("ci_low", "ci_high", "simultaneous_low", "mde")]).all()


def test_a_constant_difference_is_judged_by_its_signs():
    # 0.1 + 0.2 - 0.2 differs from 0.1 in its last bit: such noise is no variance.
    second = np.array([0.2, 0.7, 0.4, 0.1, 0.3, 0.6])
    row = judge([paired(second + 0.1, second)], rules=RULES)[0]
    assert row["p_t"] == row["p_signflip"] == 2 / 2**6
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.1, 0.1), abs=1e-12)
    assert row["ci_low"] == row["ci_high"]
    assert np.isnan(row["dz"])
    assert (row["p_tost"], row["mde"]) == (1.0, 0.0)
    assert paired(second + 0.001, second)["p_tost"] == 2 / 2**6


def test_one_replicate_gives_a_difference_and_nothing_else():
    row = judge([paired([0.6], [0.5])], rules=RULES)[0]
    assert (row["n"], row["diff"], row["wins"]) == (1, pytest.approx(0.1), 1.0)
    assert np.isnan([value for name, value in row.items() if name not in NO_TEST]).all()
    assert row["verdict"] == "inconclusive"


def test_no_shared_replicate_gives_nan():
    row = paired([], [])
    assert row["n"] == 0
    assert np.isnan([value for name, value in row.items() if name not in NO_TEST - {"diff", "wins"}]).all()


def test_a_missing_value_is_not_dropped():
    row = paired([0.6, np.nan, 0.7], [0.5, 0.5, 0.5])
    assert row["n"] == 3
    assert np.isnan([row["diff"], row["p_t"], row["p_signflip"], row["p_tost"], row["wins"]]).all()


def test_sides_of_different_length_are_refused():
    with pytest.raises(ValueError, match=r"received \(2,\) and \(3,\)"):
        paired([1, 2], [1, 2, 3])


@pytest.mark.parametrize("name", ["holm", "holm_of_ties"])
def test_holm(reference, name):
    known = reference[name]
    assert holm(np.array(known["p"])) == pytest.approx(np.array(known["adjusted"]), abs=1e-12)


def test_a_missing_p_is_not_in_holms_family():
    adjusted = holm(np.array([0.02, np.nan, 0.03]))
    assert adjusted[[0, 2]] == pytest.approx([0.04, 0.04])
    assert np.isnan(adjusted[1])
    assert np.isnan(holm(np.array([np.nan]))).all()
    assert holm(np.array([])).shape == (0,)


@pytest.mark.parametrize(
    ("different", "equivalent", "expected"),
    [
        (0.01, 0.9, "different"),
        (0.01, 0.01, "different but trivial"),
        (0.3, 0.01, "equivalent"),
        (0.3, 0.3, "inconclusive"),
        (0.05, 0.05, "inconclusive"),
        (np.nan, np.nan, "inconclusive"),
    ],
)
def test_four_verdicts(different, equivalent, expected):
    assert verdict(different, equivalent, alpha=0.05) == expected


def with_p(p, p_tost):
    """A row whose tests of a difference and of equivalence have these p, with nine degrees of freedom."""
    se = 0.005 / (stats.t.isf(p / 2, 9) + stats.t.isf(p_tost, 9))
    one = Estimate(stats.t.isf(p / 2, 9) * se, se, 9.0, 10)
    return {"judged": one, "seeds": one}


def test_judging_corrects_both_tests_within_the_family():
    settled = judge([with_p(p, p_tost) for p, p_tost in FAMILY], rules=RULES)
    assert [row["p_holm"] for row in settled] == pytest.approx([0.03, 0.06, 0.9])
    assert [row["p_tost_holm"] for row in settled] == pytest.approx([0.8, 0.09, 0.09])
    assert [row["verdict"] for row in settled] == ["different", "inconclusive", "inconclusive"]
    alone = judge([with_p(*FAMILY[2])], rules=RULES)[0]
    assert alone["verdict"] == "equivalent"


def test_what_differs_on_these_images_only_is_told_from_what_differs(rng):
    """The same two heads in every replicate: seeds alone are sure, twelve images of forty are not."""
    first = np.tile(rng.uniform(size=40) < 0.6, (8, 1))
    first[np.arange(8), np.arange(8)] ^= True
    second = first.copy()
    second[:, :3] = False
    row = judge([paired(first.mean(axis=1), second.mean(axis=1), (first, second))], rules=RULES)[0]
    assert row["seeds_only_verdict"] == "different"
    assert row["verdict"] == "inconclusive"
    assert row["p_images"] == row["p_holm"] > 0.05 > row["p_t"]
    assert row["simultaneous_low"] == row["image_ci_low"] < 0 < row["ci_low"]


def test_simultaneous_intervals_share_alpha(reference):
    sleep = reference["sleep"]
    row = paired(sleep["first"], sleep["second"])
    expected = stats.ttest_rel(sleep["first"], sleep["second"]).confidence_interval(1 - 0.05 / 18)
    settled = judge([row] * 18, rules=RULES)[0]
    assert (settled["simultaneous_low"], settled["simultaneous_high"]) == pytest.approx(tuple(expected))


def test_t_test_holds_its_level_and_holm_that_of_a_family(rng):
    families = rng.normal(size=(800, 4, 7))
    p = np.array([[of_replicates(differences).p_zero for differences in family] for family in families])
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.012)
    false = np.mean([(holm(family) < 0.05).any() for family in p])
    assert 0.03 < false < 0.07


def frame(replicates, values):
    return pd.DataFrame({"replicate": replicates, "x": values})


def test_pairs_meet_by_replicate_and_not_by_position():
    first, second = pair(frame([3, 1, 0], [30, 10, 0]), frame([0, 2, 1, 3], [5, 25, 15, 35]))
    assert list(first["x"]) == [0, 10, 30]
    assert list(second["x"]) == [5, 15, 35]


def test_a_replicate_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match="received replicate 1 twice"):
        pair(frame([0, 1, 1], [1, 2, 3]), frame([0, 1], [1, 2]))


accuracies = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 600)), min_size=2, max_size=8)


@settings(deadline=None, max_examples=60)
@given(accuracies, st.randoms(use_true_random=False))
def test_order_of_replicates_does_not_matter(counts, random):
    straight = np.array(counts) / 600
    shuffled = np.array(random.sample(counts, len(counts))) / 600
    rows = [paired(*values.T) for values in (straight, shuffled)]
    for name in rows[0].keys() - {"seeds", "judged", "differences"}:
        assert rows[0][name] == pytest.approx(rows[1][name], nan_ok=True, abs=1e-9), name


@settings(deadline=None, max_examples=60)
@given(accuracies)
def test_swapping_the_sides_turns_signs_and_keeps_p(counts):
    first, second = np.array(counts).T / 600
    row, turned = paired(first, second), paired(second, first)
    for name in ("diff", "dz"):
        assert turned[name] == pytest.approx(-row[name], nan_ok=True)
    assert turned["wins"] == pytest.approx(1 - row["wins"])
    for low, high in (("ci_low", "ci_high"), ("wins_ci_low", "wins_ci_high")):
        whole = 1 if low.startswith("wins") else 0
        assert turned[low] == pytest.approx(whole - row[high], abs=1e-12, nan_ok=True)
    for name in ("p_t", "p_signflip", "p_tost"):
        assert turned[name] == pytest.approx(row[name], abs=1e-12)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_holm_is_monotone_larger_than_p_and_free_of_order(p, random):
    values = np.array(p)
    adjusted = holm(values)
    order = np.argsort(values, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()
    assert (adjusted >= values).all()
    assert (adjusted <= 1).all()
    shuffle = random.sample(range(len(p)), len(p))
    assert holm(values[shuffle]) == pytest.approx(adjusted[shuffle])
