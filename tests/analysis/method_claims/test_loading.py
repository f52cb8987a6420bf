"""Files of claims on methods: what they may hold, and where a mistake stands."""

import json
from pathlib import Path

import pytest

from study.analysis.claims.loading import Claims, ClaimsError
from study.analysis.method_claims.loading import SCHEMA, load_claims, schema

ROOT = Path(__file__).parents[3]
ONE = """\
metric: acc
claims:
  - id: A1
    statement: It is better.
    hypotheses:
      - kind: above
        pairs: [[ours, 0.10]]
      - kind: published value
        method: ours
        value: 0.8
        n: 3
"""


def written(tmp_path, text):
    path = tmp_path / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read(tmp_path):
    found = load_claims(written(tmp_path, ONE))
    assert (found.metric, found.margin) == ("acc", 0.0)
    assert found.claims[0].hypotheses[0].pairs == [["ours", "0.1"]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: above", "kind: over", "line 6: A1, hypothesis 1: expected a kind of 'above', 'between'"),
        ("[ours, 0.10]", "[ours]", "line 7: A1, hypothesis 1, pairs, 1: expected at least 2 entries"),
        ("n: 3", "n: 0", "line 11: A1, hypothesis 2, n: expected greater than or equal to 1, received 0"),
        ("n: 3", "n: 3\n        plus_minus: 0.1", "expected plus_minus with plus_minus_is"),
        ("n: 3", "n: 1\n        plus_minus: 0.1\n        plus_minus_is: SD", "n of at least 2"),
        ("n: 3", "n: 3\n        plus_minus: 1.0\n        plus_minus_is: std", "line 13: A1, hypothesis 2"),
        ("metric: acc", "margin: -1", "line 1: margin: expected greater than or equal to 0, received -1"),
        ("metric: acc", "matric: acc", "line 1: matric: expected a field of this kind, received an unknown"),
        ("    statement: It is better.\n", "", "line 3: A1, statement: expected a value, received nothing"),
        ("claims:", "claims: [", "expected valid YAML"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path, old, new, said):
    path = written(tmp_path, ONE.replace(old, new, 1))
    with pytest.raises(ClaimsError) as raised:
        load_claims(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_id_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(ClaimsError, match="expected each claim once, received 'A1' again"):
        load_claims(written(tmp_path, ONE + ONE.partition("claims:\n")[2]))


def test_the_committed_schemas_are_those_of_the_models():
    assert SCHEMA.read_text(encoding="utf-8") == schema()
    study = ROOT / "study" / "analysis" / "claims" / "claims.schema.json"
    assert json.loads(study.read_text(encoding="utf-8")) == Claims.model_json_schema()


@pytest.mark.parametrize(
    "path",
    ["study/analysis/claims/claims.yaml", "examples/tabular/claims.yaml", "examples/control/claims.yaml"],
)
def test_each_file_of_claims_names_its_schema(path):
    first = (ROOT / path).read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert ((ROOT / path).parent / named).resolve().is_relative_to(ROOT / "study" / "analysis")
    assert ((ROOT / path).parent / named).exists()
