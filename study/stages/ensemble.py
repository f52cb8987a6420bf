"""Combine the confirmed models of each replicate."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import ensembles, params
from study.analysis import metrics
from study.analysis.ensembles import SINGLE
from study.analysis.selection import best_model
from study.params import Params
from study.stages import files, paths, results
from study.stages.entry import progress, run
from study.stages.recorded import predictions_sha256
from study.tables import ENSEMBLE_RUNS, SELECTION


def main() -> None:
    """Write data/ensembles and reports/ensembles.json."""
    chosen = params.load(paths.PARAMS)
    selection = SELECTION.conform(pd.DataFrame(files.read_json(paths.SELECTION_JSON)["selection"]))
    single = chosen.backbones.index(best_model(selection))
    valid, test = (_by_replicate(chosen, f"{split}_probs") for split in ("valid", "test"))
    labels = {split: results.labels(split) for split in ("valid", "test")}
    methods = ensembles.METHODS if len(chosen.backbones) > 1 else ()
    rows: list[dict[str, Any]] = []
    classes: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in (SINGLE, *methods)}
    with progress() as bar:
        for replicate in bar.track(range(chosen.confirm_seeds), description="ensembles"):
            combined: dict[str, NDArray[Any]] = {SINGLE: test[replicate][single]}
            for method in methods:
                combined[method] = ensembles.combine(
                    method, valid[replicate], labels["valid"], test[replicate], seed=chosen.study_seed
                )
            for name, given in combined.items():
                row, predicted = _score(given, labels["test"], chosen.analysis.calibration_bins)
                members = 1 if name == SINGLE else len(chosen.backbones)
                rows.append({"method": name, "replicate": replicate, "n_members": members, **row})
                classes[name].append(predicted)
    with files.new_folder(paths.ENSEMBLES) as folder:
        for name, of_method in classes.items():
            np.save(folder / f"{name.replace(' ', '-')}.npy", np.stack(of_method))
    table = ENSEMBLE_RUNS.conform(pd.DataFrame(rows).sort_values(["method", "replicate"], ignore_index=True))
    files.write_json(paths.ENSEMBLES_JSON, {"ensembles": files.rows(table)})


def _by_replicate(chosen: Params, name: str) -> NDArray[np.float32]:
    """Probabilities of the confirmed runs, shape (n_replicates, n_backbones, n_examples, n_classes)."""
    probs = [
        files.read_array(paths.RUNS / "confirm" / backbone / f"{name}.npy")[: chosen.confirm_seeds]
        for backbone in chosen.backbones
    ]
    return np.stack(probs, axis=1)


def _score(
    given: NDArray[Any], labels: NDArray[Any], bins: int
) -> tuple[dict[str, float | str], NDArray[np.uint8]]:
    """Scores of an ensemble's classes (n,) or probabilities (n, n_classes)."""
    gives_probs = given.ndim == 2
    predicted = (given.argmax(1) if gives_probs else given).astype(np.uint8)
    return {
        "test_accuracy": float((predicted == labels).mean()),
        "test_log_loss": metrics.log_loss(given, labels) if gives_probs else float("nan"),
        "test_calibration_error": metrics.calibration_error(given, labels, bins=bins)
        if gives_probs
        else float("nan"),
        "predictions_sha256": predictions_sha256({"test_class": predicted}),
    }, predicted


if __name__ == "__main__":
    run(main)
