import subprocess
import sys

import pytest

from study.backbones.catalogue.names import BACKBONES, backbone, once_each
from study.backbones.forward.row import BackboneError


def test_the_table_names_its_rows():
    assert list(BACKBONES) == [
        "efficientnet-lite0",
        "efficientnet-lite1",
        "efficientnet-lite2",
        "resnet50",
        "efficientnetv2-b0",
        "convnext-tiny",
        "resnet101",
        "efficientnetv2-s",
        "convnext-small",
        "vit-base-16",
        "dinov2-small",
        "dinov2-base",
    ]
    assert all(row.name == name for name, row in BACKBONES.items())
    assert all((row.package is None) != (row.url is None) for row in BACKBONES.values())


def test_an_unknown_name_is_one_line_with_the_known_ones():
    with pytest.raises(BackboneError) as caught:
        backbone("resnet18")
    assert str(caught.value) == (
        f"backbones: expected one of {', '.join(BACKBONES)}, or the name of a model of keras.applications; "
        f"received 'resnet18'"
    )


def test_reading_the_table_starts_no_deep_learning():
    code = (
        "import sys; from study.backbones.catalogue import names, obtain; "
        "names.checked([*names.BACKBONES, 'densenet121'], image_size=224); "
        "print(sorted({'keras', 'tensorflow', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("other", ["ResNet50", "resnet-50", "RESNET.50"])
def test_one_backbone_by_two_names_is_one_line(other):
    once_each(["resnet50", "resnet101", "densenet121"])
    with pytest.raises(BackboneError) as caught:
        once_each(["densenet121", "resnet50", other])
    assert str(caught.value) == f"backbones: expected each once, received 'resnet50' and {other!r}"
