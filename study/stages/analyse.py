"""From recorded runs to the tables of the report."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import files, params
from study.analysis.best import best
from study.analysis.choices import choices, expected_best
from study.analysis.claims.judge import judge_claims, published_values
from study.analysis.classes import confusion, confusion_counts, per_class
from study.analysis.comparisons import compare_levels
from study.analysis.correctness import Correctness
from study.analysis.curves import curves
from study.analysis.ensemble_diversity import diversity, diversity_gain
from study.analysis.ensemble_greedy import greedy
from study.analysis.ensemble_scores import calibration, ensemble_scores
from study.analysis.ensembles import SINGLE, compare_ensembles
from study.analysis.headline import headline
from study.analysis.interaction import interaction
from study.analysis.models import compare_models
from study.analysis.omnibus import omnibus
from study.analysis.ranks import models_omnibus, ranks
from study.analysis.reliability import binned, reliability
from study.analysis.seeds_needed import seeds_needed
from study.analysis.selection import best_model
from study.analysis.sources import seeds_images, variance_sources
from study.analysis.steadiness import steadiness_levels, steadiness_models
from study.analysis.summary import summarise
from study.design import VARIANCE, Design, variance_runs
from study.params import Params
from study.pipeline import artifacts, paths, results
from study.pipeline.console import run
from study.tables.definitions import (
    DIVERSITY_RUNS,
    ENSEMBLE_RUNS,
    ENSEMBLE_SIZES,
    GREEDY_RUNS,
    ORIGINS,
    PHASES,
    REPORT_TABLES,
    TEMPERATURES,
)
from study.tables.schema import Table


def main() -> None:
    """Write reports/tables and reports/metrics.json."""
    chosen = params.load(paths.PARAMS)
    tables = _tables(chosen)
    with files.summed_folder(paths.TABLES) as folder:
        for table in REPORT_TABLES:
            table.write_csv(tables[table.name], folder / f"{table.name}.csv")
    numbers = headline(tables["results"], tables["best"], tables["ensembles"])
    files.write_json(paths.METRICS_JSON, numbers)


def _tables(chosen: Params) -> dict[str, pd.DataFrame]:
    rules = chosen.analysis
    tests: dict[str, Any] = {
        "alpha": rules.alpha,
        "margin": rules.equivalence_margin,
        "power": rules.power,
        "seed": chosen.study_seed,
    }
    results.records(chosen)
    laid = results.laid_out(chosen)
    dataset = results.dataset()
    planned = {phase: results.planned(chosen, phase) for phase in PHASES}
    table = pd.concat([results.results(chosen, phase, planned[phase]) for phase in PHASES], ignore_index=True)
    history = pd.concat([results.history(chosen, phase) for phase in PHASES], ignore_index=True)
    correct, valid = (_correctness(chosen, list(table["run"]), split) for split in ("test", "valid"))
    selection = results.selection(chosen)
    ensemble_runs = _combined(chosen)
    ensemble_correct = _ensemble_correctness(ensemble_runs)
    ensemble_sizes = _recorded("sizes", ENSEMBLE_SIZES)
    temperatures = _recorded("temperatures", TEMPERATURES)
    diversity_runs = _recorded("diversity", DIVERSITY_RUNS)
    greedy_runs = _recorded("greedy", GREEDY_RUNS)
    return {
        "settings": laid.settings,
        "levels": laid.levels,
        "features": results.features(chosen),
        "results": table,
        "selection": selection,
        "summary": summarise(table, laid.levels, correct, alpha=rules.alpha, valid=valid),
        "curves": curves(table, history, laid.levels, alpha=rules.alpha),
        "comparisons": compare_levels(table, laid.levels, correct, **tests),
        "omnibus": omnibus(table, laid.levels, ordered_factors=rules.ordered_factors, seed=chosen.study_seed),
        "pairs": compare_models(table, correct, **tests),
        **_variation(chosen, laid, table, correct),
        **_by_image(chosen, planned["confirm"]),
        "interaction": interaction(table, laid.levels, seed=chosen.study_seed),
        "models_omnibus": models_omnibus(table, seed=chosen.study_seed),
        "ranks": ranks(table, alpha=rules.alpha),
        "choices": choices(table, laid.settings, alpha=rules.alpha),
        "expected_best": expected_best(table, laid.settings, alpha=rules.alpha),
        "best": best(table, laid.settings, selection, correct, alpha=rules.alpha),
        "ensemble_runs": ensemble_runs,
        "ensembles": compare_ensembles(
            ensemble_runs, ensemble_correct, best_single=best_model(selection), **tests
        ),
        "ensemble_scores": ensemble_scores(ensemble_runs, **tests),
        "ensemble_sizes": ensemble_sizes,
        "temperatures": temperatures,
        "calibration": calibration(temperatures, alpha=rules.alpha),
        "diversity_runs": diversity_runs,
        "diversity": diversity(diversity_runs, alpha=rules.alpha),
        "diversity_gain": diversity_gain(diversity_runs, alpha=rules.alpha),
        "greedy_runs": greedy_runs,
        "greedy": greedy(greedy_runs, **tests),
        "claims": judge_claims(
            table,
            history,
            laid.levels,
            laid.settings,
            ensemble_runs,
            dataset=dataset["name"],
            alpha=rules.alpha,
            margin=rules.equivalence_margin,
        ),
        "published": published_values(
            table,
            laid.levels,
            laid.settings,
            ensemble_runs,
            dataset=dataset["name"],
            alpha=rules.alpha,
        ),
    }


def _variation(
    chosen: Params, laid: Design, table: pd.DataFrame, correct: Correctness
) -> dict[str, pd.DataFrame]:
    alpha, power = chosen.analysis.alpha, chosen.analysis.power
    runs = results.results(chosen, VARIANCE, results.planned(chosen, VARIANCE))
    varied = [variance_runs(chosen, laid, backbone)[1] for backbone in chosen.backbones]
    return {
        "steadiness_models": steadiness_models(table, alpha=alpha),
        "steadiness_levels": steadiness_levels(table, laid.levels, alpha=alpha),
        "variance_sources": variance_sources(runs, pd.concat(varied, ignore_index=True), alpha=alpha),
        "seeds_images": seeds_images(table, correct),
        "seeds_needed": seeds_needed(table, laid.levels, correct, alpha=alpha, power=power),
    }


def _by_image(chosen: Params, confirm: pd.DataFrame) -> dict[str, pd.DataFrame]:
    classes = results.dataset()["classes"]
    alpha, bins = chosen.analysis.alpha, chosen.analysis.calibration_bins
    labels = results.labels("test")
    counts = confusion_counts(results.predictions(chosen, "confirm", "test_class"), labels, len(classes))
    probabilities = results.predictions(chosen, "confirm", "test_probs")
    return {
        "per_class": per_class(confirm, counts, classes, alpha=alpha),
        "confusion": confusion(confirm, counts, classes),
        "reliability": reliability(
            confirm, [binned(one, labels, bins=bins) for one in probabilities], alpha=alpha
        ),
    }


def _recorded(key: str, table: Table) -> pd.DataFrame:
    """A table of reports/ensembles.json."""
    path = paths.ENSEMBLES_JSON
    return artifacts.table(path, getattr(artifacts.read(path, artifacts.EnsemblesFile), key), table)


def _combined(chosen: Params) -> pd.DataFrame:
    """Table ``ensemble_runs``, which has every replicate of each of its methods."""
    table = _recorded("ensembles", ENSEMBLE_RUNS)
    for method, replicates in table.groupby("method")["replicate"]:
        if sorted(replicates) != list(range(chosen.confirm_seeds)):
            raise files.FileError(
                f"{paths.ENSEMBLES_JSON}: {method}: expected the replicates 0 to {chosen.confirm_seeds - 1}, "
                f"received {sorted(replicates)}; run dvc repro"
            )
    if SINGLE not in set(table["method"]):
        raise files.FileError(
            f"{paths.ENSEMBLES_JSON}: expected the method {SINGLE}, received none; run dvc repro"
        )
    return table


def _correctness(chosen: Params, runs: list[str], split: str) -> Correctness:
    classes = np.concatenate([results.predictions(chosen, phase, f"{split}_class") for phase in PHASES])
    origins = np.array(ORIGINS)[results.origins(split)]
    return Correctness(classes == results.labels(split), tuple(runs), origins)


def _ensemble_correctness(ensemble_runs: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    labels = results.labels("test")
    return {
        str(method): results.array(
            paths.ENSEMBLES / f"{str(method).replace(' ', '-')}.npy",
            (len(rows), len(labels)),
            dtype=np.uint8,
            stage="ensemble",
        )
        == labels
        for method, rows in ensemble_runs.groupby("method", sort=False)
    }


if __name__ == "__main__":
    run(main)
