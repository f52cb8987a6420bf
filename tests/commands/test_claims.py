"""study claims new: a start that is valid as it is, and whole when its # are taken away."""

import json
import re

import pandas as pd
import pytest

from tests.commands.test_judge import study, write


def test_the_start_is_judged_and_so_is_all_of_it(tmp_path):
    write(tmp_path / "runs.csv")
    begun = study("claims", "new", "runs.csv", cwd=tmp_path)
    assert begun.returncode == 0, begun.stderr
    assert "next: change it, then study judge runs.csv --claims claims.yaml" in begun.stderr
    path = tmp_path / "claims.yaml"
    text = path.read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)", text)
    assert "hypotheses" in (tmp_path / named[1]).read_text(encoding="utf-8")
    assert "#   sac: 12" in text
    whole = re.sub(r"(?m)^  # {1,3}(- id|  |    )", lambda found: f"  {found[1]}", text)
    path.write_text(
        re.sub(
            r"(?m)^ +(metric|datasets|average|factor): .*(column|in these|over the|instead).*\n", "", whole
        )
    )
    judged = study("judge", "runs.csv", "--claims", "claims.yaml", "--strict", cwd=tmp_path)
    assert judged.returncode == 3, judged.stderr
    out = tmp_path / "runs-report"
    found = json.loads((out / "judgement.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in found["claims"]] == ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "P1"]
    assert {one["claim"] for one in found["asked"]} == {one["id"] for one in found["claims"]}
    assert "of 9 claims not supported" in judged.stderr
    table = pd.read_csv(out / "tables" / "claims.csv")
    page = (out / "report.html").read_text(encoding="utf-8")
    assert table["statement"][1] in page
    assert r"\section{Claims}" in (out / "report.tex").read_text(encoding="utf-8")
    assert len(pd.read_csv(out / "tables" / "asked.csv")) == len(found["asked"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["claims", "new", "runs.csv", "--out", "mine.yaml"], 1, "mine.yaml: expected a new file"),
        (["claims", "new", "runs.csv", "--seed", "s"], 2, "runs.csv: expected one of algo, seed, env"),
        (["claims", "old", "runs.csv"], 2, "action: expected one of new, received old"),
        (["judge", "runs.csv", "--claims", "none.yaml"], 1, "none.yaml: expected a file"),
        (["judge", "runs.csv", "--claims", "mine.yaml"], 1, "mine.yaml: line 1: claims: expected"),
    ],
)
def test_what_does_not_go_is_one_line_and_writes_nothing(tmp_path, words, code, said):
    write(tmp_path / "runs.csv")
    (tmp_path / "mine.yaml").write_text("claim: []\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    done = study(*words, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before
