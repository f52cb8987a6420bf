"""Arrays of the packed data set, of features and of predictions that were edited or lost."""

from __future__ import annotations

import shutil

import numpy as np
from changes import array, content, cut, edited, gone, text
from rows import ANY, Row

LITE = "efficientnet-lite0"
LABELS = "data/dataset/test_labels.npy"
MANIFEST = "data/dataset/manifest.json"
CLASSES = f"data/runs/explore/{LITE}/test_class.npy"
PROBS = f"data/runs/confirm/{LITE}/test_probs.npy"
HISTORY = f"data/runs/explore/{LITE}/history.parquet"
FEATURES = f"data/features/{LITE}/test.npy"


def _parquet(edit):
    def change() -> None:
        import pandas as pd

        frame = pd.read_parquet(HISTORY)
        edit(frame).to_parquet(HISTORY)

    return change


# fmt: off
ARRAYS = (
    Row("labels: edited", array(LABELS, lambda a: (a + 1) % 3), f"train {LITE}", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("labels: edited, analysed", array(LABELS, lambda a: (a + 1) % 3), "analyse", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("labels: edited, combined", array(LABELS, lambda a: (a + 1) % 3), "ensemble", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("labels: out of range", array(LABELS, lambda a: a + 200), "analyse", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("labels: of another type", array(LABELS, lambda a: a.astype(np.float32)), "analyse", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("labels: fewer", array(LABELS, lambda a: a[:-1]), "analyse", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("labels: objects", array(LABELS, lambda a: a.astype(object), allow_pickle=True), "ensemble", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("labels: missing", gone(LABELS), "analyse", "data/dataset/test_labels.npy: expected an array, received no such file or directory"),
    Row("labels: missing, trained", gone(LABELS), f"train {LITE}", "data/dataset/test_labels.npy: expected an array, received no such file or directory"),
    Row("labels: cut", cut(LABELS), "ensemble", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("labels: empty", content(LABELS, b""), "ensemble", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("origins: edited", array("data/dataset/test_origins.npy", lambda a: a + 1), "analyse", f"data/dataset/test_origins.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("images: edited", array("data/dataset/train_images.npy", lambda a: a // 2), f"train {LITE}", f"data/dataset/train_images.npy: expected the SHA-256 of the manifest, {ANY}, received {ANY}; run dvc repro --force data"),
    Row("images: missing", gone("data/dataset/train_images.npy"), f"confirm {LITE}", "data/dataset/train_images.npy: expected an array, received no such file or directory"),
    Row("manifest: edited", edited(MANIFEST, lambda m: m["sha256"].update({"test_labels.npy": "0" * 64})), f"train {LITE}", f"data/dataset/test_labels.npy: expected the SHA-256 of the manifest, 000000000000, received {ANY}; run dvc repro --force data"),
    Row("manifest: missing", gone(MANIFEST), f"train {LITE}", "data/dataset/manifest.json: expected the manifest of a data set, received no such file or directory"),
    Row("manifest: empty", content(MANIFEST, ""), f"variance {LITE}", f"data/dataset/manifest.json: expected the manifest of a data set, received {ANY}"),
    Row("manifest: a list", content(MANIFEST, "[]"), f"train {LITE}", "data/dataset/manifest.json: expected a mapping, received []"),
    Row("manifest: no hashes", edited(MANIFEST, lambda m: m.pop("sha256")), f"train {LITE}", "data/dataset/manifest.json: sha256: expected a hash of each of its nine arrays, received nothing"),
    Row("manifest: another file listed", edited(MANIFEST, lambda m: m["sha256"].update({"../../params.yaml": "0"})), f"train {LITE}", "data/dataset/manifest.json: sha256: expected a hash of each of its nine arrays, received a mapping"),
    Row("manifest: fewer classes", edited(MANIFEST, lambda m: m["classes"].pop()), f"train {LITE}", "set, train: expected labels below 2 and origins below 3, received 2 and 0"),
    Row("manifest: classes a number", edited(MANIFEST, lambda m: m.update(classes=3)), f"train {LITE}", "data/dataset/manifest.json: classes: expected a list of at least 2 names, received 3"),
    Row("manifest: missing, planned", gone(MANIFEST), "study plan --no-time", "data/dataset: expected the packed dataset set, whose size is not known before, received none; run dvc repro data first"),
    Row("manifest: missing, models", gone(MANIFEST), "models", "data/dataset/manifest.json: expected the manifest of a data set, received no such file or directory"),
    Row("data set: missing", lambda: shutil.rmtree("data/dataset"), f"features {LITE}", "data/dataset/manifest.json: expected the manifest of a data set, received no such file or directory"),
    Row("data set: missing, analysed", lambda: shutil.rmtree("data"), "analyse", "data/runs/explore/efficientnet-lite0/history.parquet: expected the table history, received no such file or directory"),
    Row("features: missing", gone(FEATURES), f"train {LITE}", "data/features/efficientnet-lite0/test.npy: expected an array, received no such file or directory; run dvc repro"),
    Row("features: cut", cut(FEATURES), f"train {LITE}", f"data/features/efficientnet-lite0/test.npy: expected an array, received {ANY}; run dvc repro"),
    Row("features: of fewer images", array(FEATURES, lambda a: a[:-1]), f"train {LITE}", "data/features/efficientnet-lite0/test.npy: expected features of 24 images, received an array of shape (23, 4); run dvc repro"),
    Row("features: one dimension", array(FEATURES, lambda a: a.ravel()), f"train {LITE}", "data/features/efficientnet-lite0/test.npy: expected features of 24 images, received an array of shape (96,); run dvc repro"),
    Row("features: text", content(FEATURES, "features"), f"confirm {LITE}", "data/features/efficientnet-lite0/test.npy: expected an array, received another file; run dvc repro"),
    Row("classes: missing", gone(CLASSES), "analyse", "data/runs/explore/efficientnet-lite0/test_class.npy: expected an array, received no such file or directory; run dvc repro"),
    Row("classes: cut", cut(CLASSES), "analyse", f"data/runs/explore/efficientnet-lite0/test_class.npy: expected an array, received {ANY}; run dvc repro"),
    Row("classes: of fewer runs", array(CLASSES, lambda a: a[:-1]), "analyse", "data/runs/explore/efficientnet-lite0/test_class.npy: expected uint8 of shape (9, 24), received uint8 of shape (8, 24); run dvc repro"),
    Row("classes: of fewer images", array(CLASSES, lambda a: a[:, :-1]), "analyse", "data/runs/explore/efficientnet-lite0/test_class.npy: expected uint8 of shape (9, 24), received uint8 of shape (9, 23); run dvc repro"),
    Row("classes: of fewer images, combined", array(CLASSES, lambda a: a[:, :-1]), "ensemble", "data/runs/explore/efficientnet-lite0/test_class.npy: expected uint8 of shape (9, 24), received uint8 of shape (9, 23); run dvc repro"),
    Row("probabilities: missing", gone(PROBS), "ensemble", "data/runs/confirm/efficientnet-lite0/test_probs.npy: expected an array, received no such file or directory; run dvc repro"),
    Row("probabilities: of fewer runs", array(PROBS, lambda a: a[:-1]), "ensemble", "data/runs/confirm/efficientnet-lite0/test_probs.npy: expected float32 of shape (3, 24, 3), received float32 of shape (2, 24, 3); run dvc repro"),
    Row("probabilities: of fewer classes", array(PROBS, lambda a: a[..., :-1]), "ensemble", "data/runs/confirm/efficientnet-lite0/test_probs.npy: expected float32 of shape (3, 24, 3), received float32 of shape (3, 24, 2); run dvc repro"),
    Row("probabilities: of fewer images", array(PROBS, lambda a: a[:, :-1]), "analyse", "data/runs/confirm/efficientnet-lite0/test_probs.npy: expected float32 of shape (3, 24, 3), received float32 of shape (3, 23, 3); run dvc repro"),
    Row("probabilities: of objects", array(PROBS, lambda a: a.astype(object), allow_pickle=True), "ensemble", f"data/runs/confirm/efficientnet-lite0/test_probs.npy: expected an array, received {ANY}; run dvc repro"),
    Row("ensemble classes: missing", gone("data/ensembles/soft-voting.npy"), "analyse", "data/ensembles/soft-voting.npy: expected an array, received no such file or directory; run dvc repro"),
    Row("ensemble classes: of fewer replicates", array("data/ensembles/stacking.npy", lambda a: a[:-1]), "analyse", "data/ensembles/stacking.npy: expected uint8 of shape (3, 24), received uint8 of shape (2, 24); run dvc repro"),
    Row("features: a byte changed", array(FEATURES, lambda a: -a), f"train {LITE}", f"{FEATURES}: expected the SHA-256 that stands beside it, {ANY}, received {ANY}; run dvc repro --force --single-item features@{LITE}"),
    Row("features: no hashes", gone(f"data/features/{LITE}/SHA256SUMS"), f"confirm {LITE}", f"data/features/{LITE}/SHA256SUMS: expected hashes of files, received no such file or directory; run dvc repro --force --single-item features@{LITE}"),
    Row("features: a hash missing", text(f"data/features/{LITE}/SHA256SUMS", "  test.npy", "  else.npy"), f"variance {LITE}", f"{FEATURES}: expected the SHA-256 that stands beside it, none, received {ANY}; run dvc repro --force --single-item features@{LITE}"),
    Row("features: hashes that are no text", content(f"data/features/{LITE}/SHA256SUMS", b"\xff"), f"variance {LITE}", f"data/features/{LITE}/SHA256SUMS: expected hashes of files, received {ANY}; run dvc repro --force --single-item features@{LITE}"),
    Row("classes: edited", array(CLASSES, lambda a: a[::-1]), "analyse", f"{CLASSES}: expected the SHA-256 that stands beside it, {ANY}, received {ANY}; run dvc repro --force --single-item train@{LITE}"),
    Row("classes: edited, combined", array(CLASSES, lambda a: a[::-1]), "ensemble", f"{CLASSES}: expected the SHA-256 that stands beside it, {ANY}, received {ANY}; run dvc repro --force --single-item train@{LITE}"),
    Row("probabilities: edited", array(PROBS, lambda a: a[::-1]), "ensemble", f"{PROBS}: expected the SHA-256 that stands beside it, {ANY}, received {ANY}; run dvc repro --force --single-item confirm@{LITE}"),
    Row("ensemble classes: edited", array("data/ensembles/stacking.npy", lambda a: a[::-1]), "analyse", f"data/ensembles/stacking.npy: expected the SHA-256 that stands beside it, {ANY}, received {ANY}; run dvc repro --force --single-item ensemble"),
    Row("history: a number edited", _parquet(lambda f: f.assign(valid_loss=f["valid_loss"] * 2)), "analyse", f"{HISTORY}: expected the SHA-256 that stands beside it, {ANY}, received {ANY}; run dvc repro --force --single-item train@{LITE}"),
    Row("history: missing", gone(HISTORY), "analyse", "data/runs/explore/efficientnet-lite0/history.parquet: expected the table history, received no such file or directory"),
    Row("history: cut", cut(HISTORY), "analyse", f"data/runs/explore/efficientnet-lite0/history.parquet: expected the table history, received {ANY}"),
    Row("history: text", content(HISTORY, "run,epoch\n"), "analyse", f"data/runs/explore/efficientnet-lite0/history.parquet: expected the table history, received {ANY}"),
    Row("history: a column missing", _parquet(lambda f: f.drop(columns="valid_loss")), "analyse", "data/runs/explore/efficientnet-lite0/history.parquet: table history: expected columns ['run', 'epoch', 'fit_loss', 'fit_accuracy', 'train_loss', 'train_accuracy', 'valid_loss', 'valid_accuracy'], received none of ['valid_loss']"),
    Row("history: a column too many", _parquet(lambda f: f.assign(note="x")), "analyse", "data/runs/explore/efficientnet-lite0/history.parquet: table history: expected columns ['run', 'epoch', 'fit_loss', 'fit_accuracy', 'train_loss', 'train_accuracy', 'valid_loss', 'valid_accuracy'], received also ['note']"),
    Row("history: text for numbers", _parquet(lambda f: f.assign(valid_loss="low")), "analyse", "data/runs/explore/efficientnet-lite0/history.parquet: table history, column valid_loss: expected a number, received 'low'"),
    Row("history: a row twice", _parquet(lambda f: f.assign(epoch=1)), "analyse", "data/runs/explore/efficientnet-lite0/history.parquet: table history: expected one row a key, received run 'efficientnet-lite0/reference/explore/0', epoch 1 again"),
    Row("history: a run missing", _parquet(lambda f: f[f["run"] != f["run"].iloc[0]]), "analyse", "data/runs/explore/efficientnet-lite0/history.parquet: expected 2 epochs of efficientnet-lite0/reference/explore/0, received 0; run dvc repro"),
)
# fmt: on
