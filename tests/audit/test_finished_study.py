"""What an audit says of a whole project, of one without its data, of archives, and of models."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import small_tree

from study import files, params
from study.audit import lock, models, pieces
from study.audit import report as reports
from study.audit.verdict import Verdict, guarded
from study.errors import StudyError
from study.pipeline import paths
from study.pipeline.opened import opened

ROOT = small_tree.ROOT


def lines(verdicts: list[Verdict]) -> list[str]:
    return [f"{one.outcome}: {one.text}" for one in verdicts]


def test_a_folder_has_the_hash_that_dvc_gave_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The committed lock is DVC's own work."""
    monkeypatch.chdir(ROOT)
    text = Path("dvc.lock").read_text(encoding="utf-8")
    for name in ("reports/results", "reports/features", "reports/results/explore"):
        assert f"path: {name}\n" in text
        assert lock.md5(Path(name)) in text
    assert lock.md5(paths.SELECTION_JSON) in text


def _models(folder: Path, *, recorded: str) -> params.Params:
    shutil.copy2(ROOT / "params.yaml", folder)
    chosen = params.load(Path("params.yaml")).model_copy(update={"backbones": ["a"], "models": "complete"})
    paths.MODELS.mkdir(parents=True)
    (paths.MODELS / "a.keras").write_bytes(b"weights")
    sha256 = files.file_sha256(paths.MODELS / "a.keras")
    one = {"name": "a", "file": "a.keras", "sha256": sha256, "temperature": 1.0}
    shape = {"classes": ["x"], "image_shape": [8, 8, 3]}
    files.write_json(paths.MODELS / "models.json", {**shape, "models": [one]})
    files.write_json(paths.MODELS_JSON, {"models": [{**one, "sha256": recorded or sha256}]})
    return chosen


def test_a_model_has_its_recorded_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = _models(tmp_path, recorded="")
    assert lines(list(models.check(chosen))) == ["holds: 1 model have the recorded hashes"]


def test_a_swapped_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = _models(tmp_path, recorded="")
    (paths.MODELS / "a.keras").write_bytes(b"other weights")
    (line,) = lines(list(models.check(chosen)))
    assert line.startswith("fails: data/models/a.keras: expected the SHA-256 recorded of it, ")


def test_a_model_swapped_with_its_hash_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = _models(tmp_path, recorded="0" * 64)
    (line,) = lines(list(models.check(chosen)))
    assert (
        line == "fails: data/models/models.json: expected the models of reports/models.json, received others"
    )


@pytest.mark.slow
def test_the_committed_study_without_its_data(tmp_path: Path) -> None:
    """As the program itself, from a folder in which a hostile module lies; what is not there is said."""
    shutil.copytree(ROOT / "reports", tmp_path / "study/reports")
    for name in ("params.yaml", "dvc.yaml", "dvc.lock"):
        shutil.copy2(ROOT / name, tmp_path / "study" / name)
    for name in ("multiprocessing.py", "base64.py", "numpy.py"):
        (tmp_path / "study" / name).write_text("open('ran', 'w')\n", encoding="utf-8")
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted((tmp_path / "study").rglob("*")):
            packed.write(path, path.relative_to(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "study", "audit", str(archive)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    said = done.stdout.splitlines()
    assert any(line.startswith("holds        tables      26,") for line in said), done.stdout + done.stderr
    unchecked = [line for line in said if line.startswith("not checked")]
    assert any("there is no git clone here" in line for line in unchecked)
    assert any(
        "such as data/runs/explore/efficientnet-lite0, which are not here" in line for line in unchecked
    )
    assert any("study verify --all: 840 runs" in line for line in unchecked)
    assert done.returncode == (1 if any(line.startswith("fails") for line in said) else 0)
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a/../../out.txt"])
def test_an_archive_that_leads_outside_is_refused(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("reports/tables/best.csv", "model\n")
        packed.writestr(name, "x")
    with pytest.raises(StudyError, match="expected a path inside the archive"), opened(archive):
        pass


def test_nothing_of_git_and_no_link_is_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("x/reports/tables/best.csv", "model\n")
        packed.writestr("x/.git/config", "[core]\n")
        link = zipfile.ZipInfo("x/reports/link")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    with opened(archive) as folder:
        found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        assert found == ["reports/tables/best.csv"]
    assert not folder.exists()


def test_a_folder_without_a_study_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(StudyError, match="expected a study's clone, its reports/ or an archive"),
        opened(tmp_path),
    ):
        pass


def test_text_in_a_block_that_never_ends_is_read() -> None:
    assert [one.text for one in pieces.of_page("<p>One.<p>Two.")] == ["Two.", "One."]


def test_a_page_is_compared_without_what_was_drawn() -> None:
    policy = "<meta content=\"style-src 'sha256-{}'; script-src 'sha256-a'\">"
    page = policy + "<style>p {{ }}\n.s1 {{ {} }}\n</style><svg>{}</svg><p>One.</p>"
    one, other = page.format("a", "fill: red", "x"), page.format("b", "fill: blue", "y")
    assert pieces.undrawn(one) == pieces.undrawn(other)
    assert pieces.undrawn(one) != pieces.undrawn(other.replace("<p>One.</p>", "<b>One.</b>"))
    assert pieces.undrawn(one) != pieces.undrawn(other.replace("p {", "p { display: none"))


def test_a_file_that_stops_a_check_is_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths.REPORTS.mkdir()
    paths.MODELS_JSON.write_text("[]", encoding="utf-8")
    shutil.copy2(ROOT / "params.yaml", tmp_path)
    chosen = params.load(paths.PARAMS)
    (line,) = lines(list(guarded("models", lambda: models.check(chosen))))
    assert line.startswith("fails: expected the files of a study, received what stops this check")


def test_every_difference_of_two_pages_is_named() -> None:
    page = '<h2>Results</h2><p>One. Two is 3. <em>Three</em>.</p><table id="t-table">'
    page += '<tr><th>A</th><th>B</th></tr><tr><th>x</th><td>1</td></tr></table><svg><path d="M 1"/></svg>'
    forged = page.replace("is 3", "is 4").replace("<td>1", "<td>7").replace("M 1", "M 2")
    was, now = pieces.of_page(page), pieces.of_page(forged)
    assert list(reports.differing(was, now)) == [
        "section Results: expected Two is 3., received Two is 4.",
        "section Results, table t, row x, column B: expected 1, received 7",
        'figure 1, drawing: expected <svg><path d="M 1"/></svg>, received <svg><path d="M 2"/></svg>',
    ]
    assert list(reports.differing(was, was[1:])) == ["section Results: expected Results, received nothing"]
