"""The claims of the source report, each as a hypothesis; a further claim is a further entry."""

from __future__ import annotations

from dataclasses import dataclass

from study.analysis.claims.data import INSTABILITY, TEST, TRAIN, VALID
from study.analysis.claims.levels import Above, Equivalent, Floor, LargerGain, Trend
from study.analysis.claims.models import MethodsAbove, MethodsAboveModels, ModelAbove, MostSettings
from study.analysis.claims.published import PublishedEnsemble, PublishedModel
from study.analysis.claims.rule import Rule

SIZE = 0.02
"""Fraction of accuracy that parts a slight or modest difference from a large one; the source names none."""

DECENT = 0.30
"""Accuracy that counts as decent with ten images a class: three times chance among ten classes."""


@dataclass(frozen=True)
class Claim:
    """A claim of the source.

    Attributes
    ----------
    id
        As C01; a claim that can be read two ways has an entry for each, as C03a and C03b.
    section
        Where the source says it.
    statement
        What it says, in our words.
    rules
        The hypotheses that must all hold.
    """

    id: str
    section: str
    statement: str
    rules: tuple[Rule, ...]


_SETTING: dict[str, float | int | str] = {
    "lr": 0.0005,
    "batch_size": 128,
    "dropout": 0.5,
    "l1": 0.0,
    "augmentation": "none",
    "images_per_class": "all",
}
_SOURCE_RATES = ("0.0001", "0.0003", "0.0005", "0.001")
_METHODS = ("hard voting", "soft voting", "stacking")
_MODELS = ("EfficientNetV2-B0", "ResNet-50", "ConvNeXt-Tiny")


def _each_above_each(higher: tuple[str, ...], lower: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first in higher for second in lower)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C01",
        "4.1.1",
        "A higher learning rate gives a higher training accuracy.",
        (Trend(TRAIN, "lr", _SOURCE_RATES, rising=True),),
    ),
    Claim(
        "C02",
        "4.1.1",
        "Validation accuracy is unstable at learning rate 0.001.",
        (Above(INSTABILITY, "lr", _each_above_each(("0.001",), _SOURCE_RATES[:3])),),
    ),
    Claim(
        "C03a",
        "4.1.1",
        "Learning rates 0.003 and 0.005 perform best (as written).",
        (Above(VALID, "lr", _each_above_each(("0.003", "0.005"), _SOURCE_RATES)),),
    ),
    Claim(
        "C03b",
        "4.1.1",
        "Learning rates 0.0003 and 0.0005 perform best (as the rates it tested and its table 5.1 suggest).",
        (Above(VALID, "lr", _each_above_each(("0.0003", "0.0005"), ("0.0001", "0.001"))),),
    ),
    Claim(
        "C04",
        "4.1.2",
        "Training and validation performance hardly depend on the batch size.",
        tuple(Equivalent(metric, "batch_size", ("32", "64", "128")) for metric in (TRAIN, VALID)),
    ),
    Claim(
        "C05",
        "4.1.2",
        "Batch size 128 gives the best results.",
        (Above(TEST, "batch_size", _each_above_each(("128",), ("32", "64"))),),
    ),
    Claim(
        "C06a",
        "4.1.3",
        "Dropout 0.3 is better than 0.5 and 0.7 in every model.",
        (Above(TEST, "dropout", _each_above_each(("0.3",), ("0.5", "0.7"))),),
    ),
    Claim(
        "C06b",
        "5.1",
        "Dropout 0.5 is the best, as in all three best settings of its table 5.1.",
        (Above(TEST, "dropout", _each_above_each(("0.5",), ("0.3", "0.7"))),),
    ),
    Claim(
        "C07",
        "4.1.3",
        "Dropout 0.7 underfits: training and validation accuracy are both lower than with less dropout.",
        tuple(
            Above(metric, "dropout", _each_above_each(("0.3", "0.5"), ("0.7",))) for metric in (TRAIN, VALID)
        ),
    ),
    Claim(
        "C08",
        "4.1.3",
        "Dropout 0.5 is slightly worse than 0.3.",
        (Above(TEST, "dropout", (("0.3", "0.5"),), 0.0, SIZE),),
    ),
    Claim(
        "C09",
        "4.1.4",
        "A larger L1 penalty lowers accuracy, and 0.0005 lowers it most.",
        (
            Trend(TEST, "l1", ("0", "0.0001", "0.0005"), rising=False),
            Above(TEST, "l1", (("0.0001", "0.0005"),)),
        ),
    ),
    Claim(
        "C10",
        "4.2",
        "Zoom and contrast each improve accuracy modestly.",
        (Above(TEST, "augmentation", _each_above_each(("zoom", "contrast"), ("none",)), 0.0, SIZE),),
    ),
    Claim(
        "C11",
        "4.2",
        "CutMix does worse than no augmentation.",
        (Above(TEST, "augmentation", (("none", "cutmix"),)),),
    ),
    Claim(
        "C12",
        "4.3",
        "Accuracy grows with the images a class, and from 10 to 50 by more than from 50 to 200.",
        (
            Above(TEST, "images_per_class", (("50", "10"), ("200", "50"))),
            LargerGain(TEST, "images_per_class", ("10", "50"), ("50", "200")),
        ),
    ),
    Claim(
        "C13",
        "4.3",
        "Ten images a class are enough for a decent accuracy.",
        (Floor(TEST, "images_per_class", "10", DECENT),),
    ),
    Claim(
        "C14",
        "4.4",
        "Stacking and soft voting are better than hard voting.",
        (MethodsAbove(_each_above_each(("stacking", "soft voting"), ("hard voting",))),),
    ),
    Claim(
        "C15a",
        "4.4",
        "Every ensemble is better than every single model (as written).",
        (MethodsAboveModels(_METHODS),),
    ),
    Claim(
        "C15b",
        "4.4",
        "Soft voting and stacking are better than the best single model, and hard voting is worse "
        "(as its tables 4.1 and 5.1 say).",
        (MethodsAbove((("soft voting", "single"), ("stacking", "single"), ("single", "hard voting"))),),
    ),
    Claim(
        "C16",
        "5.1",
        "ConvNeXt-Tiny has the best test accuracy.",
        (ModelAbove("ConvNeXt-Tiny"),),
    ),
    Claim(
        "C17a",
        "5.1",
        "EfficientNetV2-B0 is better than ResNet-50 in most settings (as written).",
        (MostSettings("EfficientNetV2-B0", "ResNet-50"),),
    ),
    Claim(
        "C17b",
        "5.1",
        "ResNet-50 is better than EfficientNetV2-B0, each at its best setting (as its table 5.1 says).",
        (ModelAbove("ResNet-50", ("EfficientNetV2-B0",)),),
    ),
    Claim(
        "C18a",
        "5.1",
        "Lowering dropout helps a lot.",
        (Above(TEST, "dropout", (("0.3", "0.5"),), SIZE),),
    ),
    Claim(
        "C18b",
        "5.1",
        "Rotation helps a lot.",
        (Above(TEST, "augmentation", (("rotation", "none"),), SIZE),),
    ),
    Claim(
        "C19",
        "5.1",
        "Stacking is the best ensemble.",
        (MethodsAbove(_each_above_each(("stacking",), ("soft voting", "hard voting"))),),
    ),
    Claim(
        "P1",
        "table 5.1",
        "EfficientNetV2-B0 reaches a test accuracy of 0.5540.",
        (PublishedModel("EfficientNetV2-B0", _SETTING, 0.5540),),
    ),
    Claim(
        "P2",
        "table 5.1",
        "ResNet-50 reaches a test accuracy of 0.5645.",
        (PublishedModel("ResNet-50", {**_SETTING, "lr": 0.0003}, 0.5645),),
    ),
    Claim(
        "P3",
        "table 5.1",
        "ConvNeXt-Tiny reaches a test accuracy of 0.6587.",
        (PublishedModel("ConvNeXt-Tiny", {**_SETTING, "augmentation": "contrast"}, 0.6587),),
    ),
    Claim(
        "P4",
        "table 4.1",
        "Soft voting reaches a test accuracy of 0.6730.",
        (PublishedEnsemble("soft voting", _MODELS, 0.6730),),
    ),
    Claim(
        "P5",
        "table 4.1",
        "Hard voting reaches a test accuracy of 0.6323.",
        (PublishedEnsemble("hard voting", _MODELS, 0.6323),),
    ),
    Claim(
        "P6",
        "table 4.1",
        "Stacking reaches a test accuracy of 0.6785.",
        (PublishedEnsemble("stacking", _MODELS, 0.6785),),
    ),
)
