"""An untouched study holds, and every forgery in it is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from forgeries import GROUPS, Forgery

from study.audit import Verdict

pytestmark = pytest.mark.slow
Audited = Callable[[str], list[Verdict]]


def test_an_untouched_study_holds(audited: Audited) -> None:
    verdicts = audited("")
    assert [str(one) for one in verdicts if one.outcome == "fails"] == []
    unchecked = [one for one in verdicts if one.outcome == "not checked"]
    assert [one.check for one in unchecked] == ["runs", "training"]
    assert "study verify --runs 30" in unchecked[1].text
    holds = {one.check for one in verdicts if one.outcome == "holds"}
    assert holds == {
        *("hashes", "lock", "commit", "inputs", "code", "data", "runs", "histories", "selection"),
        *("ensembles", "tables", "metrics", "report", "figures", "models"),
    }


@pytest.mark.parametrize(
    ("group", "forgery"),
    [
        pytest.param(group, forgery, id=forgery.name.replace(" ", "-"))
        for group, planted in GROUPS.items()
        for forgery in planted
    ],
)
def test_every_forgery_is_named(group: str, forgery: Forgery, audited: Audited) -> None:
    failing = [str(one) for one in audited(group) if one.outcome == "fails"]
    named = [line for line in failing if all(words in line for words in forgery.named)]
    assert named, "\n".join(failing)
