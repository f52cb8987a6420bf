"""Two studies compared from their reports alone: clones, folders of reports, archives."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from study import files
from study.__main__ import parser
from study.errors import StudyError

ROOT = Path(__file__).parents[2]


def compare(*words: str) -> None:
    arguments = parser().parse_args(["compare", *words])
    arguments.do(arguments)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The committed study's reports with half of one setting's accuracy gone, and one claim turned."""
    tables = tmp_path / "other/reports/tables"
    shutil.copytree(ROOT / "reports/tables", tables)
    results = pd.read_csv(tables / "results.csv", dtype=str, keep_default_na=False)
    here = results["setting"] == "dropout=0.3"
    results.loc[here, "test_accuracy"] = (results.loc[here, "test_accuracy"].astype(float) / 2).astype(str)
    results.to_csv(tables / "results.csv", index=False, lineterminator="\n")
    claims = pd.read_csv(tables / "claims.csv", dtype=str, keep_default_na=False)
    turned = claims.index[claims["verdict"] == "supported"][0]
    claims.loc[turned, "verdict"] = "refuted"
    claims.to_csv(tables / "claims.csv", index=False, lineterminator="\n")
    files.write_sums(tables)
    return tmp_path / "other"


def test_a_study_agrees_with_itself(capsys: pytest.CaptureFixture[str]) -> None:
    compare(str(ROOT), str(ROOT / "reports"))
    said = capsys.readouterr().out
    assert "Of 3 chosen settings in both studies, 3 agree." in said
    assert "differ" not in said.replace("different", "")


def test_what_differs_is_named(other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "other.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in [*sorted(other.rglob("*.csv")), other / "reports/tables/SHA256SUMS"]:
            packed.write(path, Path("x") / path.relative_to(other))
    compare(str(ROOT), str(archive), "--out", str(tmp_path / "out"))
    said = capsys.readouterr().out
    assert "dropout=0.3, explore, is +" in said
    assert "unpaired" in said
    assert "and refuted in other: " in said
    assert "Unknown: data." in said
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "cannot be told apart" in page
    table = pd.read_csv(tmp_path / "out/tables/settings_compared.csv")
    differ = table[table["outcome"] == "differ"]
    assert set(differ["setting"]) == {"dropout=0.3"}
    assert set(differ["model"]) == set(table["model"])


def test_a_changed_table_is_refused(other: Path) -> None:
    path = other / "reports/tables/results.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("0.8", "0.9", 1), encoding="utf-8")
    with pytest.raises(StudyError, match=r"results\.csv: expected the SHA-256 that stands beside it"):
        compare(str(ROOT), str(other))


def test_a_folder_that_holds_something_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError, match="--out: expected a new or empty folder"):
        compare(str(ROOT), str(ROOT), "--out", str(tmp_path))
