"""Combine the confirmed models of each replicate, and what else can be combined."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import files
from study.analysis.ensembles.baseline import SINGLE
from study.analysis.selection.choosing import best_model
from study.analysis.statistics import metrics
from study.ensembles.combine import METHODS, fit, possible
from study.ensembles.temperature import fit_temperature, scale
from study.params import Params, load
from study.pipeline import paths, predictions, results
from study.pipeline.console import progress, run, say
from study.runs import combinations
from study.runs.phase import predictions_sha256
from study.tables.definitions import ENSEMBLE_RUNS, TEMPERATURES


def main() -> None:
    """Write data/ensembles and reports/ensembles.json."""
    params = load(paths.PARAMS)
    runs, temperatures, classes = combined(params)
    with files.summed_folder(paths.ENSEMBLES) as folder:
        for name, of_method in classes.items():
            np.save(folder / f"{name.replace(' ', '-')}.npy", np.stack(of_method))
    files.write_json(
        paths.ENSEMBLES_JSON,
        {
            "ensembles": files.rows(runs),
            "temperatures": files.rows(temperatures),
            "sizes": files.rows(combinations.sizes(params)),
            "diversity": files.rows(combinations.diversity(params)),
            "greedy": files.rows(combinations.greedy(params)),
        },
    )


def combined(params: Params) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, list[NDArray[np.uint8]]]]:
    """Tables ``ensemble_runs`` and ``temperatures``, and each method's test classes by replicate."""
    single = params.backbones.index(best_model(results.selection(params)))
    valid, test = (predictions.by_replicate(params, f"{split}_probs") for split in ("valid", "test"))
    labels = {split: predictions.labels(split) for split in ("valid", "test")}
    methods = possible(labels["valid"], n_classes=valid.shape[-1]) if len(params.backbones) > 1 else ()
    if len(params.backbones) > 1 and methods != METHODS:
        say(f"of the ensembles {' and '.join(methods)} alone: some class has fewer than 5 validation images")
    rows: list[dict[str, Any]] = []
    warm: list[dict[str, Any]] = []
    classes: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in (SINGLE, *methods)}
    bins = params.analysis.calibration_bins
    with progress() as bar:
        for replicate in bar.track(range(params.confirm_seeds), description="ensembles"):
            given: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {
                SINGLE: (valid[replicate][single], test[replicate][single])
            }
            for method in methods:
                made = fit(method, valid[replicate], labels["valid"], seed=params.study_seed)
                given[method] = made.valid, made(test[replicate])
            for name, (of_valid, of_test) in given.items():
                row, predicted = _score(of_valid, of_test, labels, bins)
                members = 1 if name == SINGLE else len(params.backbones)
                rows.append({"method": name, "replicate": replicate, "n_members": members, **row})
                classes[name].append(predicted)
            for position, model in enumerate(params.backbones):
                given[model] = valid[replicate][position], test[replicate][position]
            warm += [
                {"method": name, "replicate": replicate, **_warmed(*both, labels, bins)}
                for name, both in given.items()
                if name != SINGLE and both[0].ndim == 2
            ]
    order = ["method", "replicate"]
    return (
        ENSEMBLE_RUNS.conform(pd.DataFrame(rows).sort_values(order, ignore_index=True)),
        TEMPERATURES.conform(pd.DataFrame(warm).sort_values(order, ignore_index=True)),
        classes,
    )


def _score(
    valid: NDArray[Any], test: NDArray[Any], labels: dict[str, NDArray[Any]], bins: int
) -> tuple[dict[str, float | str], NDArray[np.uint8]]:
    """Scores of an ensemble's classes (n,) or probabilities (n, n_classes), and its test classes."""
    gives_probs = test.ndim == 2
    predicted = (test.argmax(1) if gives_probs else test).astype(np.uint8)
    judged = valid.argmax(1) if gives_probs else valid
    nothing = float("nan")
    return {
        "valid_accuracy": float((judged == labels["valid"]).mean()),
        "valid_log_loss": metrics.log_loss(valid, labels["valid"]) if gives_probs else nothing,
        "test_accuracy": float((predicted == labels["test"]).mean()),
        "test_log_loss": metrics.log_loss(test, labels["test"]) if gives_probs else nothing,
        "test_calibration_error": metrics.calibration_error(test, labels["test"], bins=bins)
        if gives_probs
        else nothing,
        "predictions_sha256": predictions_sha256({"test_class": predicted}),
    }, predicted


def _warmed(
    valid: NDArray[Any], test: NDArray[Any], labels: dict[str, NDArray[Any]], bins: int
) -> dict[str, float]:
    temperature = fit_temperature(valid, labels["valid"])
    row = {"temperature": temperature}
    for name, probs in (("test", test), ("scaled", scale(test, temperature))):
        row[f"{name}_log_loss"] = metrics.log_loss(probs, labels["test"])
        row[f"{name}_calibration_error"] = metrics.calibration_error(probs, labels["test"], bins=bins)
    return row


if __name__ == "__main__":
    run(main)
