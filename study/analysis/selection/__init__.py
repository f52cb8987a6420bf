"""Which setting is best, by which way of choosing, and how sure the choice is."""

import pandas as pd

from study.analysis.inputs import Inputs
from study.analysis.selection.best_set import best_set
from study.analysis.selection.choices import choices
from study.analysis.selection.expected_best import expected_best
from study.analysis.selection.top_settings import top_settings
from study.params import Rules


def tables(inputs: Inputs, *, rules: Rules) -> dict[str, pd.DataFrame]:
    """The topic's tables by name."""
    results, settings = inputs.results, inputs.settings
    return {
        "choices": choices(results, settings, rules=rules),
        "expected_best": expected_best(results, settings, rules=rules),
        "best_set": best_set(results, settings, inputs.selection, inputs.valid, inputs.test, rules=rules),
        "top_settings": top_settings(results, settings, rules=rules),
    }
