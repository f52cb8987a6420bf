"""What predict says of bad images and of models that it cannot trust."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from changes import Change, both, content, cut, edited, gone, text
from rows import ANY, Row, ask, hold
from rows_of_data import half, picture, png
from small_tree import CLASSES

from study import files

MODEL = "data/models/first.keras"
MANIFEST = "data/models/models.json"
TRACE = "the-payload-ran"
ASK = "study predict p.png"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: a right one, and some that are not."""
    import keras

    from study.export import model_file

    folder = tmp_path_factory.mktemp("models")

    def model(size: int, n_classes: int) -> keras.Model:
        images = keras.Input((size, size, 3))
        flat = keras.layers.GlobalAveragePooling2D()(images)
        return keras.Model(images, keras.layers.Dense(n_classes, activation="softmax")(flat))

    model_file.save(model(8, len(CLASSES)), folder / "first.keras")
    model_file.save(model(9, len(CLASSES)), folder / "larger.keras")
    model_file.save(model(8, 2), folder / "two.keras")
    images = keras.Input((8, 8, 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run = keras.layers.Lambda(
            lambda given: [open(TRACE, "w").close(), given][1],
            output_shape=(8, 8, 3),
        )
        harmful = keras.Model(images, run(images))
        harmful.save("lambda.keras")
        harmful(np.zeros((1, 8, 8, 3)))
        Path(TRACE).unlink()
    row = {"name": "first", "file": "first.keras", "temperature": 1.0, "sha256": "not yet"}
    manifest = {"classes": list(CLASSES), "image_shape": [8, 8, 3], "models": [row]}
    files.write_json(folder / "models.json", manifest)
    return folder


def recorded() -> None:
    """Record the model's present bytes, as one who means harm would."""
    listed(sha256=files.file_sha256(Path(MODEL)))()


def swapped(name: str) -> Change:
    """Another file of the folder under the name of the model."""
    return lambda: shutil.copy(f"data/models/{name}.keras", MODEL)


def of_foreign_class() -> None:
    """A model whose configuration names a function of the system."""
    with zipfile.ZipFile(MODEL) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1] |= {"module": "os", "class_name": "system", "config": f"touch {TRACE}"}
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(MODEL, "w") as target:
        for name, data in parts.items():
            target.writestr(name, data)


def listed(**change: object) -> Change:
    return edited(MANIFEST, lambda value: value["models"][0].update(change))


# fmt: off
ROWS = (
    Row("image: not there", gone("p.png"), ASK, "p.png: expected an image file, received no such file"),
    Row("image: text", content("p.png", "no image"), ASK, "p.png: expected a whole PNG, JPEG, WebP or BMP image, received another file"),
    Row("image: nothing", content("p.png", ""), ASK, "p.png: expected a whole PNG, JPEG, WebP or BMP image, received an empty file"),
    Row("image: cut", content("p.png", half(picture(size=(90, 90)))), ASK, "p.png: expected a whole PNG, received one without its end"),
    Row("image: a folder", lambda: None, "study predict data", "data: expected an image file, received something else"),
    Row("image: 32 bits", content("p.png", picture("F", form="TIFF")), ASK, "p.png: expected a whole PNG, JPEG, WebP or BMP image, received another file"),
    Row("image: a bomb of 4 gigapixels", content("p.png", png(65_000, 65_000, 8, 2, bytes(9))), ASK, "p.png: expected at most 67108864 pixels, received more"),
    Row("image: a bomb of 100 megapixels", content("p.png", png(10_000, 10_000, 8, 2, bytes(9))), ASK, "p.png: expected at most 67108864 pixels, received 10000x10000"),
    Row("model: an unknown name", lambda: None, f"{ASK} --model second", "--model: expected one of first, received second"),
    Row("model: not there", gone(MODEL), ASK, f"{MODEL}: expected a readable file, received no such file or directory"),
    Row("model: cut", both(cut(MODEL), recorded), ASK, f"{MODEL}: expected a Keras model, received {ANY}"),
    Row("model: text", both(content(MODEL, "model"), recorded), ASK, f"{MODEL}: expected a Keras model, received {ANY}"),
    Row("model: with a Lambda layer", both(swapped("lambda"), recorded), ASK, f"{MODEL}: expected a Keras model, received one that holds code of its own, which is not run"),
    Row("model: with a foreign class", both(of_foreign_class, recorded), ASK, f"{MODEL}: expected a Keras model, received {ANY}"),
    Row("model: of larger images", both(swapped("larger"), recorded), ASK, f"{MODEL}: expected a model from images (8, 8, 3) to 3 classes, received one from (9, 9, 3) to (3,)"),
    Row("model: of other bytes", swapped("two"), ASK, f"{MODEL}: expected the SHA-256 with which it was recorded, {ANY}, received {ANY}; run dvc repro --force --single-item models"),
    Row("models.json: a digit in place", text(MANIFEST, '"temperature": 1', '"temperature": 2'), ASK, f"{MANIFEST}: expected the content whose SHA-256 it holds, {ANY}, received {ANY}; delete it and run dvc repro"),
    Row("model: of two classes", both(swapped("two"), recorded), ASK, f"{MODEL}: expected a model from images (8, 8, 3) to 3 classes, received one from (8, 8, 3) to (2,)"),
    Row("models.json: a file elsewhere", listed(file="../../first.keras"), ASK, f"{MANIFEST}: models[0].file: expected the name of a file beside it, received '../../first.keras'"),
    Row("models.json: no file", listed(file=None), ASK, f"{MANIFEST}: models[0].file: expected the name of a file beside it, received null"),
    Row("models.json: text for a temperature", listed(temperature="warm"), ASK, f"{MANIFEST}: models[0].temperature: expected a number greater than 0, received 'warm'"),
    Row("models.json: a temperature of zero", listed(temperature=0), ASK, f"{MANIFEST}: models[0].temperature: expected a number greater than 0, received 0"),
    Row("models.json: no shape", edited(MANIFEST, lambda value: value.update(image_shape=[8, 8])), ASK, f"{MANIFEST}: image_shape: expected three whole numbers, received [8, 8]"),
    Row("models.json: classes a number", edited(MANIFEST, lambda value: value.update(classes=3)), ASK, f"{MANIFEST}: classes: expected names, received 3"),
    Row("models.json: models a mapping", edited(MANIFEST, lambda value: value.update(models={})), ASK, f"{MANIFEST}: models: expected a list, received a mapping"),
)
# fmt: on


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_bad_image_or_model_is_one_line(
    row: Row,
    models: Path,
    tree: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.rmtree("data/models")
    shutil.copytree(models, "data/models")
    recorded()
    content("p.png", picture())()
    hold(row, tree, capsys, monkeypatch)


def test_the_right_model_answers(
    models: Path, tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree("data/models")
    shutil.copytree(models, "data/models")
    both(recorded, content("p.png", picture()), content("bad.png", ""))()
    told = ask("study predict p.png bad.png", capsys, monkeypatch)
    assert (told.code, told.line) == (
        1,
        "bad.png: expected a whole PNG, JPEG, WebP or BMP image, received an empty file",
    )
    assert not (tree / TRACE).exists()
