"""How much accuracy varies: spreads compared, sources of variance, replicates that would be needed."""

import pandas as pd

from study.analysis.inputs import Inputs
from study.analysis.variability.seeds_needed import seeds_needed
from study.analysis.variability.sources import seeds_images, variance_sources
from study.analysis.variability.spreads import spreads_of_levels, spreads_of_models
from study.params import Rules


def tables(inputs: Inputs, *, rules: Rules) -> dict[str, pd.DataFrame]:
    """The topic's tables by name."""
    results, levels = inputs.results, inputs.levels
    return {
        "steadiness_models": spreads_of_models(results, rules=rules),
        "steadiness_levels": spreads_of_levels(results, levels, rules=rules),
        "variance_sources": variance_sources(inputs.varied_results, inputs.varied, rules=rules),
        "seeds_images": seeds_images(results, inputs.test),
        "seeds_needed": seeds_needed(results, levels, inputs.test, rules=rules),
    }
