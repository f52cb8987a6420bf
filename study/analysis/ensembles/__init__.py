"""What combining the models of a replicate gives: each method, its scores, diversity, greedy selection."""

import pandas as pd

from study.analysis.ensembles.diversity import diversity, diversity_gain
from study.analysis.ensembles.greedy import greedy
from study.analysis.ensembles.methods import compare_ensembles
from study.analysis.ensembles.scores import ensemble_scores
from study.analysis.inputs import Inputs
from study.analysis.selection.choosing import best_model
from study.params import Rules


def tables(inputs: Inputs, *, rules: Rules, seed: int) -> dict[str, pd.DataFrame]:
    """The topic's tables by name; ``seed`` is that of what is drawn."""
    runs, best_single = inputs.ensemble_runs, best_model(inputs.selection)
    return {
        "ensemble_runs": runs,
        "ensembles": compare_ensembles(
            runs, inputs.ensemble_correct, best_single=best_single, rules=rules, seed=seed
        ),
        "ensemble_scores": ensemble_scores(runs, rules=rules, seed=seed),
        "ensemble_sizes": inputs.ensemble_sizes,
        "diversity_runs": inputs.diversity_runs,
        "diversity": diversity(inputs.diversity_runs, rules=rules),
        "diversity_gain": diversity_gain(inputs.diversity_runs, rules=rules),
        "greedy_runs": inputs.greedy_runs,
        "greedy": greedy(inputs.greedy_runs, rules=rules, seed=seed),
    }
