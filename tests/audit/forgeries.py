"""Forgeries of a finished study, as by somebody who makes the hashes beside them fit."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from study import files
from study.pipeline import paths
from study.runs.phase import predictions_sha256
from study.tables.definitions import HISTORY

ONE, TWO = "efficientnet-lite0", "efficientnet-lite1"


@dataclass(frozen=True)
class Forgery:
    """What is planted in the present folder, and words that a failing verdict has to have."""

    name: str
    plant: Callable[[], None]
    named: tuple[str, ...]


def _json(path: Path, change: Callable[[Any], None]) -> None:
    value = files.read_json(path)
    change(value)
    files.write_json(path, value)


def _rows(path: Path, change: Callable[[list[dict[str, str]]], None]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    files.write_sums(path.parent)


def _text(path: Path, pattern: str, by: str) -> None:
    text, n = re.subn(pattern, by, path.read_text(encoding="utf-8"), count=1)
    assert n == 1, pattern
    path.write_text(text, encoding="utf-8")


def _array(path: Path, change: Callable[[Any], None]) -> None:
    array = np.load(path)
    change(array)
    np.save(path, array)
    files.write_sums(path.parent)


def _swap(array: Any) -> None:
    """Make the first prediction right, or wrong where it is right."""
    label = int(np.load(paths.DATASET / "test_labels.npy")[0])
    array[0, 0] = (label + 1) % 3 if array[0, 0] == label else label


def _result(phase: str, backbone: str, change: Callable[[dict[str, Any]], None], row: int = 0) -> None:
    _json(
        paths.RESULTS / phase / f"{backbone}.json",
        lambda value: change(value["record"][0]["results"][row]),
    )


def prediction_with_its_hash() -> None:
    folder = paths.RUNS / "explore" / TWO
    _array(folder / "test_class.npy", _swap)
    arrays = {name: np.load(folder / f"{name}.npy")[0] for name in ("valid_class", "test_class")}
    _result("explore", TWO, lambda row: row.update(predictions_sha256=predictions_sha256(arrays)))


def probability_with_its_hash() -> None:
    folder = paths.RUNS / "confirm" / ONE
    _array(folder / "test_probs.npy", lambda probs: probs.__setitem__((0, 0), probs[0, 0][::-1].copy() * 0.9))
    names = ("valid_class", "test_class", "valid_probs", "test_probs")
    arrays = {name: np.load(folder / f"{name}.npy")[0] for name in names}
    _result("confirm", ONE, lambda row: row.update(predictions_sha256=predictions_sha256(arrays)))


def _history(phase: str, change: Callable[[Any], None]) -> Callable[[], None]:
    def plant() -> None:
        path = paths.RUNS / phase / ONE / "history.parquet"
        frame = HISTORY.from_parquet(path)
        change(frame)
        HISTORY.to_parquet(frame, path)
        files.write_sums(path.parent)

    return plant


def figure_data() -> None:
    def other(found: re.Match[str]) -> str:
        text = unquote(found[2])
        head, first, *rest = text.splitlines(keepends=True)
        forged = first.replace("0.", "0.9", 1)
        assert forged != first
        return found[1] + quote("".join([head, forged, *rest]), safe=",;:/@+()*!$")

    path = paths.REPORTS / "report.html"
    pattern = r'(download="overview\.csv" href="data:text/csv;charset=utf-8,)([^"]+)'
    text, n = re.subn(pattern, other, path.read_text(encoding="utf-8"), count=1)
    assert n == 1
    path.write_text(text, encoding="utf-8")


def lock_of(name: str) -> None:
    """Make dvc.lock say of a file what it now is."""
    import hashlib

    path = Path("dvc.lock")
    digest = hashlib.md5(Path(name).read_bytes(), usedforsecurity=False).hexdigest()
    text = re.sub(rf"(path: {name}\n +hash: md5\n +md5: )\w+", rf"\g<1>{digest}", path.read_text())
    path.write_text(text)


def headline() -> None:
    _json(paths.METRICS_JSON, lambda value: value.update({f"{ONE}_acc": 0.99}))
    lock_of("reports/metrics.json")


def other_study() -> None:
    def change(value: Any) -> None:
        value["record"][0].update(data_sha256="0" * 64)

    _json(paths.RESULTS / "variance" / f"{ONE}.json", change)


def other_selection() -> None:
    def change(value: Any) -> None:
        row = value["selection"][0]
        row["setting"], row["runner_up"] = row["runner_up"], row["setting"]

    _json(paths.SELECTION_JSON, change)


PAGE = paths.REPORTS / "report.html"
GROUPS: dict[str, tuple[Forgery, ...]] = {
    "report": (
        Forgery("a table cell", lambda: _rows(paths.TABLES / "best.csv", lambda rows: rows[0].update(mean="0.99")), ("best.csv: row efficientnet-lite0, column mean: expected 0.", "received 0.99")),
        Forgery("a verdict of a claim", lambda: _rows(paths.TABLES / "claims.csv", lambda rows: rows[0].update(verdict="supported!")), ("claims.csv: row", "column verdict", "received supported!")),
        Forgery("a table's row left out", lambda: _rows(paths.TABLES / "comparisons.csv", lambda rows: rows.pop(1)), ("comparisons.csv: expected the row efficientnet-lite", "received none")),
        Forgery("a sentence", lambda: _text(PAGE, r"<li>([^<]+)</li>", r"<li>\1 This is beyond doubt.</li>"), ("report.html: section", "expected nothing, received This is beyond doubt.")),
        Forgery("a caption", lambda: _text(PAGE, r'(<p class="caption" id="best-caption">)', r"\1Of all runs. "), ("report.html: section", "Of all runs.")),
        Forgery("a cell of the page", lambda: _text(PAGE, r'(<td class="number" data-sort="[^"]*">)(\d+)', r"\g<1>1\2"), ("report.html: section", "table", "row", "column")),
        Forgery("a figure's data", figure_data, ("report.html: section", "data overview.csv, line 2: expected", "received")),
        Forgery("a drawing of the page", lambda: _text(PAGE, r"<path d=\"M([0-9]+)", r'<path d="M 1\1'), ("report.html: figure", "drawing: expected")),
        Forgery("a hidden notice", lambda: _text(PAGE, r"<style>", "<style>.notice { display: none }"), ("report.html: style",)),
        Forgery("a remark that is not shown", lambda: _text(PAGE, r"<main>", "<main><!-- all of it is true -->"), ("report.html: ", "comment: expected nothing, received all of it is true")),
        Forgery("a sentence of the article", lambda: _text(paths.REPORTS / "report.tex", r"(\\section\{[^}]*\}[^\n]*\n)", r"\1All is well.\n"), ("report.tex: section", "received All is well.")),
        Forgery("a number of the article", lambda: _text(paths.REPORTS / "report-numbers.tex", r"\\num\{(\d)", r"\\num{9\1"), ("report-numbers.tex: ", "expected \\expandafter")),
        Forgery("a drawing of the article", lambda: (paths.REPORTS / "figures/overview.pdf").write_bytes((paths.REPORTS / "figures/confusion.pdf").read_bytes()) and None, ("figures/overview.pdf: expected the drawing",)),
        Forgery("a headline number, in dvc.lock too", headline, ("metrics.json: efficientnet-lite0_acc: expected 0.", "received 0.99")),
        Forgery("a hash in dvc.lock", lambda: _text(Path("dvc.lock"), r"(path: reports/selection.json\n +hash: md5\n +md5: )\w{32}", r"\g<1>" + "0" * 32), ("dvc.lock", "reports/selection.json: expected", "received")),
    ),
    "runs": (
        Forgery("a prediction", lambda: _array(paths.RUNS / "explore" / ONE / "test_class.npy", _swap), (f"{ONE}/reference/explore/0: predictions_sha256: expected",)),
        Forgery("a prediction with its hash", prediction_with_its_hash, (f"{TWO}/reference/explore/0: test_accuracy: expected",)),
        Forgery("a probability with its hash", probability_with_its_hash, (f"{ONE}/", "/confirm/0: test_log_loss: expected")),
        Forgery("an accuracy with the hash of its file", lambda: _result("variance", TWO, lambda row: row.update(test_accuracy=0.875)), (f"{TWO}/", ": test_accuracy: expected 0.875, as recorded, received 0.")),
        Forgery("a run left out", lambda: _json(paths.RESULTS / "explore" / f"{ONE}.json", lambda value: value["record"][0]["results"].pop(4)), (f"explore/{ONE}.json", "expected a result of the planned run", "received none")),
        Forgery("an ensemble's classes", lambda: _array(paths.ENSEMBLES / "soft-voting.npy", _swap), ("ensembles.json: soft voting, replicate 0: predictions_sha256",)),
    ),
    "history": (
        Forgery("a value of a history", _history("explore", lambda frame: frame.__setitem__("train_loss", frame["train_loss"].where(frame.index != 0, 0.01))), ("curves.csv: row efficientnet-lite0", "column mean: expected 0.", "received 0.")),
        Forgery("a diverged run told as one that ended", _history("confirm", lambda frame: frame.__setitem__("fit_loss", frame["fit_loss"].where(frame.index != 1))), ("expected status diverged, as its history says, received ok",)),
    ),
    "inputs": (
        Forgery("a label", lambda: np.save(paths.DATASET / "test_labels.npy", np.roll(np.load(paths.DATASET / "test_labels.npy"), 1)), ("test_labels.npy: expected the SHA-256 of the manifest",)),
        Forgery("features", lambda: _array(paths.FEATURES / ONE / "train.npy", _swap_features), (f"data/features/{ONE}: expected the SHA-256 that the records name",)),
        Forgery("weights", lambda: next((paths.WEIGHTS / ONE).glob("*.json")).write_text("{}") and None, (f"data/weights/{ONE}: expected the SHA-256 that the records name",)),
        Forgery("counts of features", lambda: _json(paths.FEATURES_JSON / f"{TWO}.json", lambda value: value["features"][0].update(n_constant=1)), (f"reports/features/{TWO}.json: n_constant: expected 0, as the features give, received 1",)),
        Forgery("the manifest", lambda: _text(paths.DATASET / "manifest.json", r'"source": "', '"source": "other, '), ("data/dataset/manifest.json: expected the SHA-256 that the records name",)),
        Forgery("the number of images", lambda: _json(paths.DATASET_JSON, lambda value: value["dataset"][0].update(source="elsewhere")), ("reports/dataset.json: source: expected",)),
    ),
    "parameters": (
        Forgery("the study's seed", lambda: _text(Path("params.yaml"), r"study_seed: \d+", "study_seed: 7"), ("dvc.lock: train@efficientnet-lite0: study_seed: expected 7, as params.yaml says, received 20251",)),
        Forgery("the claims", lambda: _text(Path("study/analysis/claims/claims.yaml"), r"statement: ", "statement: Surely, "), ("study/analysis/claims/claims.yaml: expected the code of HEAD",)),
        Forgery("the training code", lambda: _text(Path("study/training/batches.py"), r"\n\n", "\n# more\n"), ("study: expected the SHA-256 that the records of the training code name",)),
        Forgery("results of another study", other_study, (f"variance/{ONE}", "expected results on data")),
    ),
    "choice": (
        Forgery("the margin, after the data were seen", lambda: _text(Path("params.yaml"), r"equivalence_margin: [\d.]+", "equivalence_margin: 0.05"), ("dvc.lock: analyse: analysis.equivalence_margin: expected 0.05",)),
        Forgery("another commit", lambda: _json(paths.SOURCE_JSON, lambda value: value["source"][0].update(commit="0" * 40)), ("expected a commit of this clone, received 000000000000",)),
        Forgery("another setting selected", other_selection, ("selection.json: row efficientnet-lite0, column setting: expected",)),
    ),
}  # fmt: skip


def _swap_features(array: Any) -> None:
    array[0, 0] += 1
