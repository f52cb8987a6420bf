"""The selected setting of each model, as confirmed: its accuracy, by class, against the other models."""

import pandas as pd

from study.analysis.best.classes import confusion, confusion_counts, per_class
from study.analysis.best.confirmed import best
from study.analysis.best.pairs import compare_models
from study.analysis.best.ranks import models_omnibus, ranks
from study.analysis.inputs import Inputs
from study.params import Rules


def tables(inputs: Inputs, *, rules: Rules, seed: int) -> dict[str, pd.DataFrame]:
    """The topic's tables by name; ``seed`` is that of what is drawn."""
    results, confirmed, classes = inputs.results, inputs.confirmed, inputs.classes
    counts = confusion_counts(inputs.predicted, inputs.labels, len(classes))
    return {
        "best": best(results, inputs.settings, inputs.selection, inputs.test, rules=rules),
        "pairs": compare_models(results, inputs.test, rules=rules, seed=seed),
        "models_omnibus": models_omnibus(results, seed=seed),
        "ranks": ranks(results),
        "per_class": per_class(confirmed, counts, classes, inputs.test, inputs.labels, rules=rules),
        "confusion": confusion(confirmed, counts, classes),
    }
