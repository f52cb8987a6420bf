"""Claims read from YAML."""

import pytest

from study.analysis.claims import loading
from study.analysis.claims.loading import ClaimsError, load_claims

ONE = """
claims:
  - id: A1
    where: table 2
    statement: Less dropout is better.
    hypotheses:
      - kind: above
        metric: test_accuracy
        factor: dropout
        pairs: [[0.3, 0.5], ["0.3", 0.70]]
"""


def written(tmp_path, text):
    path = tmp_path / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_claim_of_ones_own_is_read_and_levels_are_named_as_the_tables_do(tmp_path):
    (claim,) = load_claims(written(tmp_path, ONE))
    assert (claim.id, claim.where) == ("A1", "table 2")
    assert claim.hypotheses[0].pairs == [["0.3", "0.5"], ["0.3", "0.7"]]
    assert "dropout 0.3 minus 0.5, 0.3 minus 0.7 is above 0" in claim.hypotheses[0].describe()


def test_a_claim_of_ones_own_is_judged(tmp_path, world):
    claims = load_claims(written(tmp_path, ONE))
    better = world(effects={("dropout", "0.3"): 0.02}).judge(claims)
    assert better["verdict"].to_dict() == {"A1": "supported"}
    assert world(effects={("dropout", "0.3"): -0.02}).judge(claims)["verdict"].item() == "refuted"


def test_a_margin_of_ones_own_decides_equivalence(tmp_path, world):
    text = ONE.replace("above", "equivalent").replace(
        'pairs: [[0.3, 0.5], ["0.3", 0.70]]', "levels: [0.3, 0.5]\n        margin: 0.03"
    )
    off = world(effects={("dropout", "0.3"): 0.02})
    assert off.judge(load_claims(written(tmp_path, text)))["verdict"].item() == "supported"
    narrow = load_claims(written(tmp_path, text.replace("0.03", "0.01")))
    assert off.judge(narrow)["verdict"].item() == "refuted"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: above", "kind: over", "A1, hypothesis 1: expected a kind of 'trend', 'above'"),
        ("        factor: dropout\n", "", "A1, hypothesis 1, factor: expected a value, received nothing"),
        ("metric: test_accuracy", "metric: accuracy", "A1, hypothesis 1, metric: expected 'test_accuracy'"),
        ("[0.3, 0.5]", "[0.3]", "A1, hypothesis 1, pairs, 1: expected at least 2 entries, received [0.3]"),
        ("id: A1", "id: 1", "claim 1, id: expected string, received 1"),
        ("where:", "place:", "A1, where: expected a value, received nothing (and 1 more)"),
        ("    hypotheses:", "    hypotheses: []\n    x:", "A1, hypotheses: expected at least 1 entries"),
        ("claims:", "claim:", "claims: expected a value, received nothing (and 1 more)"),
        ("claims:", "claims: [\n", "expected valid YAML"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path, old, new, message):
    path = written(tmp_path, ONE.replace(old, new, 1))
    with pytest.raises(ClaimsError) as raised:
        load_claims(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_id_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(ClaimsError, match="expected each claim once, received 'A1' again"):
        load_claims(written(tmp_path, ONE + ONE.removeprefix("\nclaims:\n")))


def test_a_file_that_is_missing_is_one_line(tmp_path):
    with pytest.raises(ClaimsError, match="no such file"):
        load_claims(tmp_path / "none.yaml")


def test_the_claims_of_the_original_report_stand_in_the_package():
    assert loading.ORIGINAL_REPORT.parent.name == "claims"
    assert load_claims(loading.ORIGINAL_REPORT)
