"""Two studies compared: what agrees, differs and cannot be told apart, against scipy and known truths."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis.studies import Study, tables
from study.params import Rules

RULES = Rules(
    alpha=0.05,
    margin=0.005,
    power=0.8,
    correction="holm",
    alternative="two-sided",
    selection_rule="mean",
    ordered_factors=(),
    calibration_bins=15,
)
LEVELS = ("reference", "lr=0.1", "lr=0.2", "lr=0.3")


def study(
    seed: int,
    *,
    sd: float = 0.002,
    shift: float = 0.0,
    seeds: str = "",
    verdict: str = "supported",
    best: str = "lr=0.1",
) -> Study:
    """Four settings of one model in ten replicates; ``shift`` is added to the accuracy of lr=0.2."""
    rng = np.random.default_rng(seed)
    rows = [
        ("m", name, "explore", r, 0.7 + 0.02 * k + x, 0.7 + 0.02 * k + x + shift * (name == "lr=0.2"))
        for k, name in enumerate(LEVELS)
        for r, x in enumerate(rng.normal(0, sd, 10))
    ]
    columns = ["model", "setting", "phase", "replicate", "valid_accuracy", "test_accuracy"]
    levels = [("lr", name.removeprefix("lr="), name, int(name == "reference")) for name in LEVELS]
    return Study(
        results=pd.DataFrame(rows, columns=columns),
        settings={name: (f"lr={name}",) for name in LEVELS},
        levels=pd.DataFrame(levels, columns=["factor", "level", "setting", "is_reference"]),
        claims=pd.DataFrame({"id": ["C1"], "statement": ["It is."], "verdict": [verdict]}),
        selection=pd.DataFrame({"model": ["m"], "setting": [best]}),
        facts={"data": "a"},
        seeds=seeds,
    )


def outcomes(found: dict[str, pd.DataFrame], name: str) -> list[str]:
    return found[f"{name}_compared"]["outcome"].tolist()


def test_what_is_shifted_differs_and_the_rest_agrees() -> None:
    found = tables(study(1), study(2, shift=0.02), rules=RULES)
    assert outcomes(found, "settings") == ["agree", "agree", "differ", "agree"]
    assert outcomes(found, "effects") == ["agree", "differ", "agree"]
    row = found["settings_compared"].iloc[2]
    sides = [one.runs("m", "lr=0.2", "explore")["test_accuracy"] for one in (study(1), study(2, shift=0.02))]
    welch = stats.ttest_ind(*sides, equal_var=False)
    interval = welch.confidence_interval(0.95)
    assert row["design"] == "unpaired"
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx([interval.low, interval.high])
    assert row["diff"] == pytest.approx(sides[0].mean() - sides[1].mean())
    assert row["p_holm"] == pytest.approx(min(1, 4 * welch.pvalue))


def test_few_noisy_seeds_cannot_be_told_apart() -> None:
    found = tables(study(1, sd=0.02), study(2, sd=0.02), rules=RULES)
    assert set(outcomes(found, "settings")) == {"cannot be told apart"}


def test_the_same_seeds_on_the_same_data_are_paired() -> None:
    found = tables(study(1, sd=0.02, seeds="7"), study(1, sd=0.02, seeds="7", shift=0.006), rules=RULES)
    assert set(found["settings_compared"]["design"]) == {"paired"}
    assert outcomes(found, "settings") == ["agree", "agree", "differ", "agree"]
    unpaired = tables(study(1, sd=0.02, seeds="7"), study(1, sd=0.02, seeds="8", shift=0.006), rules=RULES)
    assert set(outcomes(unpaired, "settings")) == {"cannot be told apart"}


@pytest.mark.parametrize(
    ("verdicts", "outcome"),
    [
        (("supported", "supported"), "agree"),
        (("refuted", "refuted"), "agree"),
        (("supported", "refuted"), "differ"),
        (("supported", "inconclusive"), "cannot be told apart"),
        (("inconclusive", "inconclusive"), "cannot be told apart"),
        (("not testable on this data", "refuted"), "cannot be told apart"),
    ],
)
def test_claims_agree_where_both_decide_alike(verdicts: tuple[str, str], outcome: str) -> None:
    one, other = (study(1, verdict=verdict) for verdict in verdicts)
    assert outcomes(tables(one, other, rules=RULES), "claims") == [outcome]


def test_other_choices_differ_where_validation_tells_them_apart() -> None:
    assert outcomes(tables(study(1), study(2), rules=RULES), "choices") == ["agree"]
    apart = tables(study(1), study(2, best="lr=0.3"), rules=RULES)
    assert outcomes(apart, "choices") == ["differ"]
    noisy = tables(study(1, sd=0.2), study(2, sd=0.2, best="lr=0.3"), rules=RULES)
    assert outcomes(noisy, "choices") == ["cannot be told apart"]


def test_settings_are_the_same_by_their_values_and_not_by_their_names() -> None:
    one, other = study(1), study(2)
    changed = {**other.settings, "reference": ("lr=9",)}
    moved = Study(**{**other.__dict__, "settings": changed})
    found = tables(one, moved, rules=RULES)
    assert found["settings_compared"]["setting"].tolist() == list(LEVELS[1:])
    assert found["effects_compared"].empty


@pytest.mark.slow
def test_two_studies_of_one_truth_differ_in_few_families() -> None:
    """100 pairs of studies: some setting differs in at most alpha of them, and three standard errors."""
    n, wrong = 100, 0
    for seed in range(n):
        found = tables(study(2 * seed, sd=0.01), study(2 * seed + 1, sd=0.01), rules=RULES)
        wrong += "differ" in outcomes(found, "settings")
    assert wrong / n <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / n)
    assert wrong > 0
