"""Every claim, judged on data whose truth is known."""

import re

import numpy as np
import pytest

from study.analysis.claims.loading import ORIGINAL_REPORT, load_claims
from study.tables.definitions import CLAIMS as SCHEMA

CLAIMS = load_claims(ORIGINAL_REPORT)
SIZE = 0.02
PUBLISHED = {"EfficientNetV2-B0": 0.0, "ResNet-50": 0.0, "ConvNeXt-Tiny": 0.0}
THREE = {
    "models": {"efficientnetv2-b0": 0.0, "resnet50": 0.0, "convnext-tiny": 0.0},
    "confirmed": {"efficientnetv2-b0": 0.6, "resnet50": 0.6, "convnext-tiny": 0.6},
}


def of(factor, **effects):
    return {(factor, name.removeprefix("x").replace("_", ".")): effect for name, effect in effects.items()}


RATES = {
    ("lr", level): 0.01 * step for step, level in enumerate(("0.0001", "0.0003", "0.0005", "0.001"), start=-2)
}
FALLING = {key: -effect for key, effect in RATES.items()}

# Claim -> worlds in which it is true, and worlds in which it is false.
TRUE = {
    "C01": {"effects": RATES},
    "C02": {"shaky": ("0.001",)},
    "C03a": {"effects": of("lr", x0_003=0.02, x0_005=0.03)},
    "C03b": {"effects": of("lr", x0_0001=-0.02, x0_0003=0.001, x0_001=-0.02)},
    "C04": {},
    "C05": {"effects": of("batch_size", x32=-0.01, x64=-0.02)},
    "C06a": {"effects": of("dropout", x0_3=0.01, x0_7=-0.02)},
    "C06b": {"effects": of("dropout", x0_3=-0.01, x0_7=-0.02)},
    "C07": {"effects": of("dropout", x0_7=-0.02)},
    "C08": {"effects": of("dropout", x0_3=0.01)},
    "C09": {"effects": of("l1", x0_0001=-0.01, x0_0005=-0.05)},
    "C10": {"effects": of("augmentation", zoom=0.01, contrast=0.008)},
    "C11": {"effects": of("augmentation", cutmix=-0.03)},
    "C12": {"effects": of("images_per_class", x10=-0.2, x50=-0.1, x200=-0.05)},
    "C13": {"effects": of("images_per_class", x10=-0.2)},
    "C14": {"methods": {"stacking": 0.7, "soft voting": 0.69, "hard voting": 0.65}},
    "C15a": {"methods": {"stacking": 0.7, "soft voting": 0.69, "hard voting": 0.65}},
    "C15b": {"methods": {"stacking": 0.7, "soft voting": 0.69, "hard voting": 0.6, "single": 0.65}},
    "C16": {**THREE, "confirmed": {**THREE["confirmed"], "convnext-tiny": 0.66}},
    "C17a": {**THREE, "models": {**THREE["models"], "efficientnetv2-b0": 0.01}},
    "C17b": {**THREE, "confirmed": {**THREE["confirmed"], "resnet50": 0.61}},
    "C18a": {"effects": of("dropout", x0_3=0.04)},
    "C18b": {"effects": of("augmentation", rotation=0.03)},
    "C19": {"methods": {"stacking": 0.7, "soft voting": 0.69, "hard voting": 0.65}},
    "P1": {**THREE, "dataset": "cinic10", "models": {**THREE["models"], "efficientnetv2-b0": -0.046}},
    "P2": {**THREE, "dataset": "cinic10", "models": {**THREE["models"], "resnet50": -0.0355}},
    "P3": {**THREE, "dataset": "cinic10", "effects": of("augmentation", contrast=0.0587)},
    "P4": {**THREE, "dataset": "cinic10", "methods": {"soft voting": 0.673}},
    "P5": {**THREE, "dataset": "cinic10", "methods": {"hard voting": 0.6323}},
    "P6": {**THREE, "dataset": "cinic10", "methods": {"stacking": 0.6785}},
}
FALSE = {
    "C01": {"effects": FALLING},
    "C02": {"shaky": ("0.0001",)},
    "C03a": {"effects": of("lr", x0_003=0.02, x0_005=-0.03)},
    "C03b": {"effects": of("lr", x0_001=0.02)},
    "C04": {"effects": of("batch_size", x32=0.01)},
    "C05": {"effects": of("batch_size", x32=0.01, x64=-0.02)},
    "C06a": {"effects": of("dropout", x0_3=-0.01)},
    "C06b": {"effects": of("dropout", x0_3=0.01)},
    "C07": {"effects": of("dropout", x0_7=-0.02), "train_effects": of("dropout", x0_7=0.02)},
    "C08": {"effects": of("dropout", x0_3=0.04)},
    "C09": {"effects": of("l1", x0_0001=-0.05, x0_0005=-0.01)},
    "C10": {"effects": of("augmentation", zoom=0.01, contrast=-0.01)},
    "C11": {"effects": of("augmentation", cutmix=0.03)},
    "C12": {"effects": of("images_per_class", x10=-0.2, x50=-0.15, x200=-0.05)},
    "C13": {"effects": of("images_per_class", x10=-0.4)},
    "C14": {"methods": {"stacking": 0.7, "soft voting": 0.6, "hard voting": 0.65}},
    "C15a": {"methods": {"stacking": 0.7, "soft voting": 0.69, "hard voting": 0.605}},
    "C15b": {"methods": {"stacking": 0.7, "soft voting": 0.69, "hard voting": 0.66, "single": 0.65}},
    "C16": {**THREE, "confirmed": {**THREE["confirmed"], "resnet50": 0.66}},
    "C17a": {**THREE, "models": {**THREE["models"], "resnet50": 0.01}},
    "C17b": {**THREE, "confirmed": {**THREE["confirmed"], "efficientnetv2-b0": 0.61}},
    "C18a": {"effects": of("dropout", x0_3=0.01)},
    "C18b": {"effects": of("augmentation", rotation=0.01)},
    "C19": {"methods": {"stacking": 0.68, "soft voting": 0.69, "hard voting": 0.65}},
    "P1": {**THREE, "dataset": "cinic10"},
    "P2": {**THREE, "dataset": "cinic10"},
    "P3": {**THREE, "dataset": "cinic10"},
    "P4": {**THREE, "dataset": "cinic10", "methods": {"soft voting": 0.68}},
    "P5": {**THREE, "dataset": "cinic10", "methods": {"hard voting": 0.64}},
    "P6": {**THREE, "dataset": "cinic10", "methods": {"stacking": 0.67}},
}
IDS = [claim.id for claim in CLAIMS]


def test_every_claim_of_the_source_has_an_entry():
    assert sorted(set(IDS)) == IDS
    numbers = {re.sub("[ab]$", "", name) for name in IDS}
    assert numbers == {f"C{number:02}" for number in range(1, 20)} | {f"P{number}" for number in range(1, 7)}
    assert set(TRUE) == set(FALSE) == set(IDS)


@pytest.mark.parametrize("claim", IDS)
def test_a_true_claim_is_supported(world, claim):
    row = world(**TRUE[claim]).row(claim)
    assert row["verdict"] == "supported", row["evidence"]


@pytest.mark.parametrize("claim", IDS)
def test_a_false_claim_is_refuted(world, claim):
    row = world(**FALSE[claim]).row(claim)
    assert row["verdict"] == "refuted", row["evidence"]


@pytest.mark.parametrize(
    "claim", [name for name in IDS if name[0] == "C" and name not in ("C02", "C13", "C17a")]
)
def test_a_noisy_study_leaves_a_claim_open(world, claim):
    methods = {"stacking": 0.61, "soft voting": 0.61, "hard voting": 0.61, "single": 0.61}
    noisy = world(**{**THREE, "methods": methods, "noise": 0.06, "replicates": 5})
    assert noisy.verdict(claim) == "inconclusive"


def test_stability_a_floor_and_a_share_can_stay_open_too(world):
    assert world().verdict("C02") == "inconclusive"
    at_floor = world(effects=of("images_per_class", x10=-0.305), noise=0.03)
    assert at_floor.verdict("C13") == "inconclusive"
    assert world(**THREE).verdict("C17a") == "inconclusive"


@pytest.mark.parametrize("claim", IDS)
def test_one_replicate_leaves_every_claim_open(world, claim):
    row = world(**{**TRUE[claim], "replicates": 1}).row(claim)
    assert row["verdict"] == "inconclusive"
    assert "no CI, n = 1" in row["evidence"]


def test_what_the_study_lacks_is_not_testable(world):
    table = world().judge()
    assert table.loc["C16", ["verdict", "evidence"]].tolist() == [
        "not testable on this data",
        "The study has no ConvNeXt-Tiny.",
    ]
    lacking = "The study has no stacking; the study has no soft voting."
    assert table.loc["C14", "evidence"] == lacking
    assert table.loc["P1", "evidence"] == "The value was published for cinic10."
    few = {**LEVELS_OF(world), "lr": ("0.0005",)}
    row = world(levels=few).row("C01")
    assert row["verdict"] == "not testable on this data"
    assert "study has no 0.0003 among the levels of lr" in row["evidence"]
    short = world(epochs=2).row("C02")
    assert short["verdict"] == "not testable on this data"
    assert "too short" in short["evidence"]


def test_what_is_testable_in_part_is_said_in_part(world):
    levels = {**LEVELS_OF(world), "images_per_class": ("10", "50", "all")}
    row = world(levels=levels, effects=of("images_per_class", x10=-0.2, x50=-0.1)).row("C12")
    assert row["verdict"] == "inconclusive"
    assert row["evidence"].startswith("2 comparisons, 2 for it, it holds in 2 of 2 models; ")
    assert row["evidence"].endswith(
        " Tested in part: the study has no 200 among the levels of images_per_class."
    )
    against = world(levels=levels, effects=of("images_per_class", x10=-0.1, x50=-0.2)).row("C12")
    assert against["verdict"] == "refuted"


def test_a_trend_needs_every_step(world):
    """Falling from 0 to 0.0005 by far, but not at all from 0 to 0.0001: a slope would not see that."""
    row = world(effects=of("l1", x0_0005=-0.05)).row("C09")
    assert row["verdict"] != "supported"
    assert "l1 0.0001 minus 0" in row["evidence"]
    assert world(**TRUE["C09"]).verdict("C09") == "supported"


def test_two_of_three_models_is_said(world):
    class Mixed(world):
        def _runs(self, rng, model, setting, phase, truth):
            sign = -1 if (model, setting) == ("c", "dropout=0.7") else 1
            return super()._runs(rng, model, setting, phase, 0.6 + sign * (truth - 0.6))

    three = {"models": {"a": 0.0, "b": 0.0, "c": 0.0}}
    row = Mixed(**three, effects=of("dropout", x0_3=0.02, x0_7=-0.03)).row("C06a")
    assert row["hypothesis"].startswith("On digits, in every model ")
    assert "it holds in 2 of 3 models" in row["evidence"]


def LEVELS_OF(world):  # noqa: N802
    return world().levels


def test_another_reference_is_not_what_was_published(world):
    cinic = {**TRUE["P2"]}
    without = {**LEVELS_OF(world), "lr": ("0.0001", "0.0005")}
    assert world(**cinic, levels=without).row("P2")["evidence"] == "The study has no such setting."


def test_published_ensembles_are_of_the_published_models(world):
    more = {**TRUE["P4"], "models": {**THREE["models"], "lite0": 0.0}}
    row = world(**more).row("P4")
    assert row["verdict"] == "not testable on this data"
    assert row["evidence"] == "The study combines other models."


def test_the_table_conforms_and_names_the_data(world):
    table = world(dataset="digits").judge().reset_index()
    SCHEMA.conform(table)
    assert table["hypothesis"].str.startswith("On digits, ").all()
    assert not table["evidence"].str.contains("nan").any()


def test_one_contradiction_refutes_what_is_said_of_every_model(world):
    class Mixed(world):
        def _runs(self, rng, model, setting, phase, truth):
            sign = -1 if (model, setting) == ("lite1", "dropout=0.3") else 1
            return super()._runs(rng, model, setting, phase, 0.6 + sign * (truth - 0.6))

    row = (
        Mixed(effects=of("dropout", x0_3=0.02, x0_7=-0.03), models={"lite0": 0.0, "lite1": 0.0})
        .judge()
        .loc["C06a"]
    )
    assert row["verdict"] == "refuted"
    assert "3 for it, 1 against it" in row["evidence"]
    assert "lite1, test accuracy at dropout 0.3 minus 0.5" in row["evidence"]


def test_replicates_that_a_side_lacks_are_left_out(world):
    class Holed(world):
        def _results(self, rng):
            results = super()._results(rng)
            gone = (results["setting"] == "dropout=0.3") & (results["replicate"] == 5)
            return results[~gone]

    for claim in ("C06a", "C18a"):
        row = Holed(**TRUE[claim]).row(claim)
        assert row["verdict"] == "supported"
        assert "n = 7" in row["evidence"]


def test_evidence_gives_the_number_with_n_and_interval(world):
    row = world(**TRUE["C18b"], replicates=6).row("C18b")
    found = re.fullmatch(
        r"2 comparisons, 2 for it, it holds in 2 of 2 models; the closest: (lite\d), test accuracy at "
        r"augmentation rotation minus none "
        r"\+(\d\.\d\d) points \(95 % CI over seeds alone \+(\d\.\d\d) to \+(\d\.\d\d), n = 6\)\.",
        row["evidence"],
    )
    assert found, row["evidence"]
    mean, low, high = map(float, found.groups()[1:])
    assert 100 * SIZE < low < mean < high
    assert mean == pytest.approx(3, abs=0.2)


def test_a_published_value_stands_beside_what_one_more_run_would_give(world):
    row = world(**FALSE["P4"]).row("P4")
    assert re.search(
        r"published 67\.30 %, mean 6\d\.\d\d % \(95 % prediction interval 67\.\d\d to 68\.\d\d, n = 8\)",
        row["evidence"],
    ), row["evidence"]


def test_a_stricter_level_supports_less(world):
    weak = {"effects": of("augmentation", cutmix=-0.004), "noise": 0.002}
    assert world(**weak).verdict("C11") == "supported"
    assert world(**weak).verdict("C11", alpha=0.0005) == "inconclusive"


def test_a_wider_margin_makes_more_equivalent(world):
    off = {"effects": of("batch_size", x32=0.01)}
    assert world(**off).verdict("C04", margin=0.02) == "supported"


def test_rows_of_results_may_stand_in_any_order(world):
    class Shuffled(world):
        def _results(self, rng):
            return super()._results(rng).sample(frac=1, random_state=1)

    methods = {"stacking": 0.7, "soft voting": 0.69, "hard voting": 0.65, "single": 0.6}
    straight, shuffled = (
        kind(**THREE, methods=methods).judge()["evidence"].drop("C02") for kind in (world, Shuffled)
    )
    assert np.array_equal(straight, shuffled)
