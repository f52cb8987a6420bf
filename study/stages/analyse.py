"""From recorded runs to the tables of the report."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import files
from study.analysis import best, calibration, claims, ensembles, factors, selection, variability
from study.analysis.correctness import Correctness
from study.analysis.ensembles.baseline import SINGLE
from study.analysis.headline import headline
from study.analysis.inputs import Inputs
from study.analysis.planning import followed
from study.design import VARIANCE, variance_runs
from study.params import Params, load
from study.pipeline import artifacts, paths, predictions, results
from study.pipeline.console import run
from study.tables.definitions import (
    DIVERSITY_RUNS,
    ENSEMBLE_RUNS,
    ENSEMBLE_SIZES,
    GREEDY_RUNS,
    ORIGINS,
    PHASES,
    TEMPERATURES,
    report_tables,
)
from study.tables.schema import Table

_ROUNDING = 1e-12


def main() -> None:
    """Write reports/tables and reports/metrics.json."""
    params = load(paths.PARAMS)
    tables = computed(params)
    with files.summed_folder(paths.TABLES) as folder:
        for table in report_tables(params.rules.looks):
            table.write_csv(tables[table.name], folder / f"{table.name}.csv")
    files.write_json(paths.METRICS_JSON, headlines(tables))


def headlines(tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """The numbers of reports/metrics.json from the report's tables by name."""
    return headline(*(tables[name] for name in ("results", "best", "ensembles", "comparisons", "claims")))


def computed(params: Params) -> dict[str, pd.DataFrame]:
    """Every table of the report by name, from what is recorded.

    Raises
    ------
    FileError, TableError, DataError
        Something that is recorded is missing or is not what it should be.
    """
    results.records(params)
    inputs, rules, seed = _inputs(params), params.rules, params.study_seed
    return {
        "settings": inputs.settings,
        "levels": inputs.levels,
        "features": results.features(params),
        "results": inputs.results,
        "selection": inputs.selection,
        **factors.tables(inputs, rules=rules, seed=seed),
        **best.tables(inputs, rules=rules, seed=seed),
        **variability.tables(inputs, rules=rules),
        **selection.tables(inputs, rules=rules),
        **calibration.tables(inputs, rules=rules),
        **ensembles.tables(inputs, rules=rules, seed=seed),
        **claims.tables(inputs, rules=rules),
        **followed.tables(inputs, rules=rules),
    }


def _inputs(params: Params) -> Inputs:
    design, dataset = results.laid_out(params), results.dataset()
    planned = {phase: results.planned(params, phase) for phase in (*PHASES, VARIANCE)}
    recorded = {phase: results.results(params, phase, planned[phase]) for phase in planned}
    of_phases = pd.concat([recorded[phase] for phase in PHASES], ignore_index=True)
    varied = [variance_runs(params, design, backbone)[1] for backbone in params.backbones]
    ensemble_runs = _ensemble_runs(params)
    return Inputs(
        dataset=dataset["name"],
        classes=tuple(dataset["classes"]),
        settings=design.settings,
        levels=design.levels,
        selection=results.selection(params),
        results=of_phases,
        history=pd.concat([results.history(params, phase) for phase in PHASES], ignore_index=True),
        test=_correctness(params, of_phases, "test"),
        valid=_correctness(params, of_phases, "valid"),
        confirmed=planned["confirm"],
        labels=predictions.labels("test"),
        predicted=predictions.predicted(params, "confirm", "test_class"),
        probabilities=predictions.predicted(params, "confirm", "test_probs"),
        varied_results=recorded[VARIANCE],
        varied=pd.concat(varied, ignore_index=True),
        ensemble_runs=ensemble_runs,
        ensemble_correct=_ensemble_correctness(ensemble_runs),
        ensemble_sizes=_recorded("sizes", ENSEMBLE_SIZES),
        temperatures=_recorded("temperatures", TEMPERATURES),
        diversity_runs=_recorded("diversity", DIVERSITY_RUNS),
        greedy_runs=_recorded("greedy", GREEDY_RUNS),
    )


def _recorded(key: str, table: Table) -> pd.DataFrame:
    """A table of reports/ensembles.json."""
    path = paths.ENSEMBLES_JSON
    return artifacts.table(path, getattr(artifacts.read(path, artifacts.EnsemblesFile), key), table)


def _ensemble_runs(params: Params) -> pd.DataFrame:
    """Table ``ensemble_runs``, which has every replicate of each of its methods."""
    table = _recorded("ensembles", ENSEMBLE_RUNS)
    for method, replicates in table.groupby("method")["replicate"]:
        if sorted(replicates) != list(range(params.confirm_seeds)):
            raise files.FileError(
                f"{paths.ENSEMBLES_JSON}: {method}: expected the replicates 0 to {params.confirm_seeds - 1}, "
                f"received {sorted(replicates)}; run dvc repro"
            )
    if SINGLE not in set(table["method"]):
        raise files.FileError(
            f"{paths.ENSEMBLES_JSON}: expected the method {SINGLE}, received none; run dvc repro"
        )
    return table


def _correctness(params: Params, runs: pd.DataFrame, split: str) -> Correctness:
    """Which run classified which image right, each run held to its recorded accuracy."""
    classes = np.concatenate([predictions.predicted(params, phase, f"{split}_class") for phase in PHASES])
    origins = np.array(ORIGINS)[predictions.origins(split)]
    found = Correctness(classes == predictions.labels(split), tuple(runs["run"]), origins)
    column = f"{split}_accuracy"
    for name, recorded, counted in zip(found.runs, runs[column], found.matrix.mean(axis=1), strict=True):
        if abs(recorded - counted) > _ROUNDING:
            raise files.FileError(
                f"{paths.RESULTS}: {name}: expected {column} {counted:.10g}, as its predictions have, "
                f"received {recorded:.10g}; delete that file and run dvc repro"
            )
    return found


def _ensemble_correctness(ensemble_runs: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    labels = predictions.labels("test")
    return {
        str(method): predictions.array(
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
