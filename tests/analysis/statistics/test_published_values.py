"""The functions of scipy and statsmodels that the analysis leans on, and ours, against published values."""

import numpy as np
import pingouin
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower, TTestPower
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from study.analysis.statistics.estimates import of_replicates
from study.analysis.statistics.intervals import mean_interval
from study.analysis.statistics.multiplicity import adjust
from study.analysis.statistics.paired import compare
from tests.analysis.rules import RULES


def test_brown_forsythe_and_bartlett_of_nist(reference):
    gear = reference["gear"]
    levene = stats.levene(*gear["batches"], center="median")
    assert levene.statistic == pytest.approx(gear["brown_forsythe"], abs=1e-9)
    assert levene.pvalue == pytest.approx(gear["p_brown_forsythe"], abs=1e-12)
    bartlett = stats.bartlett(*gear["batches"])
    assert bartlett.statistic == pytest.approx(gear["bartlett"], abs=1e-9)
    assert bartlett.pvalue == pytest.approx(gear["p_bartlett"], abs=1e-12)


def test_anova_and_tukey_of_r(reference):
    known = reference["plant_growth"]
    anova = stats.f_oneway(*known["groups"])
    assert anova.statistic == pytest.approx(known["f"], abs=5e-4)
    assert anova.pvalue == pytest.approx(known["p"], abs=5e-6)
    tukey = stats.tukey_hsd(*known["groups"]).pvalue
    for pair, p in known["tukey"].items():
        i, j = map(int, pair.split("-"))
        assert tukey[i, j] == pytest.approx(p, abs=5e-4)


def test_wilcoxon_of_r(reference):
    known = reference["depression"]
    found = stats.wilcoxon(known["first"], known["second"], alternative="greater")
    assert found.statistic == known["v"]
    assert found.pvalue == pytest.approx(known["p"], abs=5e-6)


def test_welch_of_r(reference):
    sleep, known = reference["sleep"], reference["sleep_welch"]
    found = stats.ttest_ind(sleep["first"], sleep["second"], equal_var=False)
    assert found.statistic == pytest.approx(known["t"], abs=5e-5)
    assert found.df == pytest.approx(known["df"], abs=5e-4)
    assert found.pvalue == pytest.approx(known["p"], abs=5e-6)


def test_power_of_r(reference):
    known = reference["power_two_sample"]
    power = TTestIndPower()
    assert power.power(1.0, 20, 0.05) == pytest.approx(known["power"], abs=1e-6)
    assert power.solve_power(1.0, power=0.9, alpha=0.05) == pytest.approx(known["n"], abs=1e-4)
    paired = TTestPower().solve_power(0.5, power=0.8, alpha=0.05, alternative="larger")
    assert paired == pytest.approx(reference["pwr_n"]["n"], abs=1e-4)


def test_benjamini_hochberg_of_r(reference):
    known = reference["benjamini_hochberg"]
    assert stats.false_discovery_control(known["p"]) == pytest.approx(known["adjusted"])
    assert multipletests(known["p"], method="fdr_bh")[1] == pytest.approx(known["adjusted"])


def test_equivalence_of_unpaired_sides_of_r(reference):
    first, second = (np.array(reference["tost"][side], float) for side in ("first", "second"))
    known = reference["tost_unpaired"]
    assert ttost_ind(first, second, -1, 1, usevar="pooled")[0] == pytest.approx(known["pooled"], abs=5e-8)
    assert ttost_ind(first, second, -1, 1, usevar="unequal")[0] == pytest.approx(known["welch"], abs=5e-8)


def test_the_z_of_demsar(reference):
    ranks = np.array(reference["demsar"]["rank_sums"]) / 14
    z = (ranks[0] - ranks[1:]) / np.sqrt(4 * 5 / (6 * 14))
    assert z == pytest.approx(reference["nemenyi"]["z"], abs=1.1e-3)
    assert 2 * stats.norm.sf(z) == pytest.approx(reference["nemenyi"]["p"], abs=1e-3)


def test_noether():
    """Noether (1987): replicates to find P(A > B) = 0.75 with power 0.95, alpha 0.05."""
    z = stats.norm.ppf(0.95)
    needed = ((z + stats.norm.ppf(0.95)) / (np.sqrt(6) * (0.75 - 0.5))) ** 2
    assert needed == pytest.approx(28.86, abs=0.01)


@pytest.mark.parametrize("margin", [0.005, 0.02, 0.05])
def test_equivalence_agrees_with_pingouin(rng, margin):
    first, second = 0.6 + 0.01 * rng.normal(size=(2, 9))
    expected = float(pingouin.tost(first, second, bound=margin, paired=True).iloc[0]["pval"])
    assert of_replicates(first - second).p_within(margin) == pytest.approx(expected)
    assert ttost_paired(first, second, -margin, margin)[0] == pytest.approx(expected)


def test_paired_t_and_holm_agree_with_pingouin(rng):
    first, second = 0.6 + 0.01 * rng.normal(size=(2, 9))
    table = pingouin.ttest(first, second, paired=True)
    row = compare(first, second, rules=RULES, rng=rng)
    assert row["p_t"] == pytest.approx(float(table.iloc[0]["p_val"]))
    interval = mean_interval(first - second, alpha=0.05)
    assert (float(interval.low), float(interval.high)) == pytest.approx(
        tuple(table.iloc[0]["CI95"]), abs=0.006
    )
    p = rng.random(6)
    assert adjust(p, correction="holm") == pytest.approx(pingouin.multicomp(p, method="holm")[1])
