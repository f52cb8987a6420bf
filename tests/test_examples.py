"""The public studies under examples/, judged."""

from pathlib import Path

import pytest

import study

EXAMPLES = Path(__file__).parent.parent / "examples"
VERDICTS = {
    "tabular": {
        "T1": "supported",
        "T2": "supported",
        "T3": "supported",
        "T4": "supported",
        "T5": "refuted",
        "P1": "inconclusive",
        "P2": "inconclusive",
    },
    "control": {"R1": "supported", "R2": "inconclusive", "R3": "inconclusive", "R4": "supported"},
}


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_the_claims_of_a_public_study(name):
    folder = EXAMPLES / name
    found = study.judge(folder / "results.csv", claims=folder / "claims.yaml")
    assert dict(found.tables["claims"][["id", "verdict"]].to_numpy()) == VERDICTS[name]


def test_the_published_means_are_those_of_the_runs():
    table = study.judge(EXAMPLES / "tabular" / "results.csv").tables["methods"]
    means = table[table["method"] == "mlp"].set_index("dataset")["mean"].round(3)
    published = {
        "adult": 0.852,
        "aloi": 0.954,
        "california_housing": -0.499,
        "epsilon": 0.898,
        "year": -8.853,
    }
    assert {name: means[name] for name in published} == published
