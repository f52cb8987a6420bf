"""Groups with exact intervals, and what a card says."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from scipy import stats

from study.export.card import Card, group, groups, render

TEMPLATES = Path(__file__).parents[2] / "templates"


def test_a_group_has_the_exact_interval():
    one = group("all", np.array([True] * 8 + [False] * 2), alpha=0.05)
    assert (one.n, one.accuracy) == (10, 0.8)
    # Clopper and Pearson by quantiles of the beta distribution.
    assert (one.low, one.high) == pytest.approx((stats.beta.ppf(0.025, 8, 3), stats.beta.ppf(0.975, 9, 2)))


def test_groups_are_all_then_origins_then_classes():
    labels, predicted = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0])
    found = groups(
        predicted,
        labels,
        np.array([0, 1, 1, 1]),
        classes=("a", "b", "c", "d"),
        origin_names=("x", "y"),
        alpha=0.1,
    )
    assert [(one.name, one.n, one.accuracy) for one in found] == [
        ("all", 4, 0.5),
        ("origin x", 1, 1.0),
        ("origin y", 3, pytest.approx(1 / 3)),
        ("class a", 2, 0.5),
        ("class b", 1, 1.0),
        ("class c", 1, 0.0),
    ]
    one_origin = groups(
        predicted, labels, np.zeros(4, int), classes="abc", origin_names=("x", "y"), alpha=0.1
    )
    assert [one.name for one in one_origin] == ["all", "class a", "class b", "class c"]


@pytest.fixture
def card():
    return Card(
        name="resnet50",
        file="resnet50.keras",
        what="A head.",
        data="pets",
        source="a folder",
        image_shape=(40, 50, 3),
        classes=("cat", "dog"),
        setting={"resnet50": {"lr": 0.001, "dropout": 0.5}},
        replicate=2,
        mean=0.8123,
        low=0.8,
        high=0.825,
        n=10,
        groups=[group("all", np.array([True, False]), alpha=0.05)],
        temperature=1.25,
        n_different=0,
        largest_difference=3e-7,
        selected_from="20 settings",
        confidence=0.95,
        limits=("One.", "Two."),
    )


def test_a_card_says_all_of_it(card):
    text = render(card, TEMPLATES)
    for said in (
        "# resnet50",
        "(n, 40, 50, 3)",
        "cat, dog",
        "pets, a folder",
        "| resnet50 | 0.001 | 0.5 |",
        "20 settings",
        "replicate 2",
        "Over 10 confirmed replicates, test accuracy is 81.2 %",
        "80.0 to 82.5",
        "| all | 2 | 50.0 | 1.3 | 98.7 |",
        "1.250",
        "3e-07",
        "- One.\n- Two.",
    ):
        assert said in text, said


def test_what_stands_before_a_card_is_what_a_hub_of_models_reads(card):
    hostile = dataclasses.replace(card, name="a: [b]\n---", data='"pets" }')
    _, head, _ = render(hostile, TEMPLATES).split("---\n", 2)
    found = YAML(typ="safe").load(head)
    assert (found["library_name"], found["pipeline_tag"]) == ("keras", "image-classification")
    (one,) = found["model-index"]
    assert one["name"] == "a: [b]\n---"
    (result,) = one["results"]
    assert result["dataset"] == {"name": '"pets" }', "type": '"pets" }', "split": "test"}
    assert result["metrics"][0]["value"] == card.mean
    assert result["metrics"][0]["name"] == "mean over 10 confirmed replicates"


def test_tables_of_a_card_have_as_many_cells_in_every_row(card):
    two = {"a": {"lr": 1, "l1": 2}, "b": {"lr": 3, "l1": 4}}
    text = render(dataclasses.replace(card, setting=two), TEMPLATES)
    blocks = [block for block in text.split("\n\n") if block.startswith("|")]
    assert [len(block.strip().splitlines()) for block in blocks] == [4, 3]
    for block in blocks:
        assert len({line.rstrip().count("|") for line in block.strip().splitlines()}) == 1


def test_an_interval_that_does_not_exist_is_a_dash(card):
    text = render(dataclasses.replace(card, low=float("nan"), high=float("nan")), TEMPLATES)
    assert "— to —" in text
