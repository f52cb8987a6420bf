"""What each factor does: means, learning curves, comparisons with the reference, tests over all levels."""

import pandas as pd

from study.analysis.factors.comparisons import compare_levels
from study.analysis.factors.curves import curves
from study.analysis.factors.interaction import interaction
from study.analysis.factors.omnibus import omnibus
from study.analysis.factors.summary import summarise
from study.analysis.inputs import Inputs
from study.params import Rules


def tables(inputs: Inputs, *, rules: Rules, seed: int) -> dict[str, pd.DataFrame]:
    """The topic's tables by name; ``seed`` is that of what is drawn."""
    results, levels = inputs.results, inputs.levels
    correct = {"test_accuracy": inputs.test, "valid_accuracy": inputs.valid}
    return {
        "summary": summarise(results, levels, inputs.test, valid=inputs.valid, rules=rules),
        "curves": curves(results, inputs.history, levels, rules=rules),
        "comparisons": compare_levels(results, levels, correct, rules=rules, seed=seed),
        "omnibus": omnibus(results, levels, rules=rules, seed=seed),
        "interaction": interaction(results, levels, rules=rules, seed=seed),
    }
