"""Tables that follow from reports/ alone, without predictions and histories of single runs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from study import design
from study.analysis import calibration
from study.analysis.best.confirmed import best
from study.analysis.best.pairs import compare_models
from study.analysis.best.ranks import models_omnibus, ranks
from study.analysis.correctness import Correctness
from study.analysis.ensembles.diversity import diversity, diversity_gain
from study.analysis.ensembles.greedy import greedy
from study.analysis.ensembles.scores import ensemble_scores
from study.analysis.factors.comparisons import compare_levels
from study.analysis.factors.interaction import interaction
from study.analysis.factors.omnibus import omnibus
from study.analysis.factors.summary import summarise
from study.analysis.selection.choices import choices
from study.analysis.selection.expected_best import expected_best
from study.analysis.selection.top_settings import top_settings
from study.analysis.variability.sources import variance_sources
from study.analysis.variability.spreads import spreads_of_levels, spreads_of_models
from study.params import Params
from study.pipeline import artifacts, paths, results
from study.tables.definitions import (
    DIVERSITY_RUNS,
    ENSEMBLE_RUNS,
    ENSEMBLE_SIZES,
    GREEDY_RUNS,
    PHASES,
    TEMPERATURES,
)
from study.tables.schema import Table

_OVER_SEEDS = {
    "summary": "n n_diverged mean sd ci_low ci_high sd_ci_low sd_ci_high",
    "comparisons": "n diff ci_low ci_high dz p_t p_signflip",
    "best": "setting n mean sd ci_low ci_high n_diverged explore_valid_mean confirm_valid_mean "
    "explore_test_mean",
    "pairs": "n diff ci_low ci_high dz p_t p_signflip correlation",
}
"""Columns that single images do not enter, of tables that have others too."""


def columns(table: Table, own: list[str]) -> list[str]:
    """The columns of ``own`` that can be compared."""
    seeds = _OVER_SEEDS.get(table.name)
    return own if seeds is None else [name for name in own if name in (*table.key, *seeds.split())]


def tables(chosen: Params) -> dict[str, pd.DataFrame]:
    """Tables by name. Of those in ``_OVER_SEEDS`` other columns than ``columns`` says mean nothing.

    Raises
    ------
    FileError
        A result is missing or cannot be.
    """
    rules, seed, laid = chosen.rules, chosen.study_seed, results.laid_out(chosen)
    recorded = {
        phase: results.results(chosen, phase, results.planned(chosen, phase)) for phase in results.RECORDED
    }
    runs = pd.concat([recorded[phase] for phase in PHASES], ignore_index=True)
    varied = pd.concat(
        [design.variance_runs(chosen, laid, backbone)[1] for backbone in chosen.backbones], ignore_index=True
    )
    wrong = Correctness(np.zeros((len(runs), 2), dtype=np.bool_), tuple(runs["run"]))
    correct = {"test_accuracy": wrong, "valid_accuracy": wrong}
    chose = results.selection(chosen)
    path = paths.ENSEMBLES_JSON
    kept = artifacts.read(path, artifacts.EnsemblesFile)
    ensemble_runs = artifacts.table(path, kept.ensembles, ENSEMBLE_RUNS)
    differences = artifacts.table(path, kept.diversity, DIVERSITY_RUNS)
    greedy_runs = artifacts.table(path, kept.greedy, GREEDY_RUNS)
    temperatures = artifacts.table(path, kept.temperatures, TEMPERATURES)
    return {
        "settings": laid.settings,
        "levels": laid.levels,
        "features": results.features(chosen),
        "results": runs,
        "selection": chose,
        "summary": summarise(runs, laid.levels, wrong, rules=rules, valid=wrong),
        "comparisons": compare_levels(runs, laid.levels, correct, rules=rules, seed=seed),
        "omnibus": omnibus(runs, laid.levels, rules=rules, seed=seed),
        "interaction": interaction(runs, laid.levels, rules=rules, seed=seed),
        "best": best(runs, laid.settings, chose, wrong, rules=rules),
        "pairs": compare_models(runs, wrong, rules=rules, seed=seed),
        "models_omnibus": models_omnibus(runs, seed=seed),
        "ranks": ranks(runs),
        "steadiness_models": spreads_of_models(runs, rules=rules),
        "steadiness_levels": spreads_of_levels(runs, laid.levels, rules=rules),
        "variance_sources": variance_sources(recorded[design.VARIANCE], varied, rules=rules),
        "choices": choices(runs, laid.settings, rules=rules),
        "expected_best": expected_best(runs, laid.settings, rules=rules),
        "top_settings": top_settings(runs, laid.settings, rules=rules),
        "temperatures": temperatures,
        "calibration": calibration.calibration(temperatures, rules=rules),
        "ensemble_runs": ensemble_runs,
        "ensemble_scores": ensemble_scores(ensemble_runs, rules=rules, seed=seed),
        "ensemble_sizes": artifacts.table(path, kept.sizes, ENSEMBLE_SIZES),
        "diversity_runs": differences,
        "diversity": diversity(differences, rules=rules),
        "diversity_gain": diversity_gain(differences, rules=rules),
        "greedy_runs": greedy_runs,
        "greedy": greedy(greedy_runs, rules=rules, seed=seed),
    }
