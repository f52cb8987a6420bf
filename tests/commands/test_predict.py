"""What a model in a folder says of image files."""

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from study import files
from study.commands.predict import predict
from study.export import model_file
from study.pipeline import paths
from study.stages.models import best_method, replicate


def brightness_model(name, shift):
    """Plain layers: class 1 where the mean of the image is above 127 + shift."""
    images = keras.Input((6, 8, 3))
    mean = keras.layers.GlobalAveragePooling2D()(images)
    dense = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(images, dense(mean), name=name)
    dense.set_weights([np.array([[0, 0.02]] * 3), np.array([0, -0.06 * (127 + shift)])])
    return model


@pytest.fixture
def folder(tmp_path, monkeypatch):
    models = tmp_path / "models"
    models.mkdir()
    rows = []
    for name, shift, temperature in (("first", 0, 1.0), ("second", 60, 2.0)):
        model_file.save(brightness_model(name, shift), models / f"{name}.keras")
        rows.append({"name": name, "file": f"{name}.keras", "temperature": temperature})
    images = keras.Input((6, 8, 3))
    dark, bright = brightness_model("dark", 0), brightness_model("bright", 60)
    both = [
        keras.layers.Activation("linear", name=f"member-{one.name}")(one(images)) for one in (dark, bright)
    ]
    model_file.save(
        keras.Model(images, keras.layers.Average()(both), name="ensemble"), models / "ensemble.keras"
    )
    rows.append({"name": "ensemble", "file": "ensemble.keras", "temperature": 0.5})
    write(models, rows)
    monkeypatch.setattr(paths, "MODELS", models)
    return tmp_path


def write(models, rows):
    rows = [row | {"sha256": files.file_sha256(models / row["file"])} for row in rows]
    manifest = {"classes": ["night", "day"], "image_shape": [6, 8, 3], "models": rows}
    files.write_json(models / "models.json", manifest)


def picture(folder, level, size=(8, 6), name="p.png"):
    Image.new("RGB", size, (level, level, level)).save(folder / name)
    return folder / name


def test_the_ensemble_speaks_and_its_members_are_counted(folder):
    said, bad = predict([picture(folder, 150), picture(folder, 10, name="q.png")], model=None)
    assert bad == []
    assert [one.n_members for one in said] == [2, 2]
    assert [one.n_against for one in said] == [1, 0]
    assert said[1].classes == ("night", "day")
    assert sum(said[0].probabilities) == pytest.approx(1)


def test_probabilities_are_calibrated(folder):
    path = picture(folder, 200)
    (hot,), _ = predict([path], model="second")
    logit = 0.06 * (200 - 187) / 2.0
    assert hot.classes == ("day", "night")
    assert hot.probabilities[0] == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-5)
    assert (hot.n_members, hot.n_against) == (1, 0)


def test_a_bad_image_is_one_line_and_the_others_are_answered(folder):
    (folder / "text.png").write_text("no image")
    whole = picture(folder, 99).read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    names = ["absent.png", "text.png", "cut.png", "p.png", "."]
    said, bad = predict([folder / name for name in names], model=None)
    assert [one.path.name for one in said] == ["p.png"]
    assert len(bad) == 4
    assert bad[0] == f"{folder / 'absent.png'}: expected an image file, received no such file"
    assert all("\n" not in line and ": expected a" in line for line in bad)


def test_a_photograph_is_answered_as_its_upright_self(folder):
    """Dark above and bright below, in a camera that was held on its side."""
    upright = Image.new("RGB", (40, 60), (10, 10, 10))
    upright.paste((250, 250, 250), (0, 15, 40, 45))
    upright.save(folder / "upright.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.transpose(Image.Transpose.ROTATE_90).save(folder / "side.png", exif=exif)
    (first, second), bad = predict([folder / "upright.png", folder / "side.png"], model=None)
    assert bad == []
    assert first.probabilities == second.probabilities
    assert first.classes[0] == "day", "cut at the centre, not squeezed"


def test_images_of_other_kinds_are_answered(folder):
    photographs = []
    for name, mode in (("g.png", "L"), ("a.webp", "RGBA"), ("p.bmp", "P"), ("c.jpg", "CMYK")):
        Image.new(mode, (300, 200)).save(folder / name)
        photographs.append(folder / name)
    said, bad = predict(photographs, model=None)
    assert (len(said), bad) == (4, [])


def test_a_model_that_is_not_there_is_named(folder, tmp_path, monkeypatch):
    with pytest.raises(files.FileError, match="expected one of first, second, ensemble, received third"):
        predict([picture(folder, 1)], model="third")
    write(folder / "models", [])
    with pytest.raises(files.FileError, match="set models: complete and run dvc repro"):
        predict([folder / "p.png"], model=None)
    monkeypatch.setattr(paths, "MODELS", tmp_path / "nowhere")
    with pytest.raises(files.FileError, match="run dvc repro"):
        predict([folder / "p.png"], model=None)


def confirmed(*status):
    rows = [(model, r, one) for r, both in enumerate(status) for model, one in zip("ab", both, strict=True)]
    return pd.DataFrame(rows, columns=["model", "replicate", "status"])


def test_the_replicate_is_the_first_that_is_whole():
    ok, lost = ("ok", "ok"), ("ok", "diverged")
    assert replicate(confirmed(ok, lost, ok)) == 0
    assert replicate(confirmed(lost, ok, ok)) == 1
    with pytest.raises(files.FileError, match="expected a replicate in which every confirmed run"):
        replicate(confirmed(lost, lost))


def test_the_best_ensemble_is_chosen_on_validation_and_gives_probabilities():
    rows = [
        ("hard voting", 0.99, np.nan, 0.9),
        ("soft voting", 0.8, 0.4, 0.99),
        ("stacking", 0.9, 0.5, 0.1),
        ("weighted soft voting", 0.9, 0.3, 0.2),
        ("single", 0.95, 0.1, 0.95),
    ]
    columns = ["method", "valid_accuracy", "valid_log_loss", "test_accuracy"]
    runs = pd.DataFrame(rows, columns=columns)
    assert best_method(runs) == "weighted soft voting"
    assert best_method(runs.assign(valid_log_loss=0.3)) == "weighted soft voting"
    runs.loc[2, "valid_accuracy"] = 0.91
    assert best_method(runs) == "stacking"
