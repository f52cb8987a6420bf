"""What a recorded study says of how its comparisons vary."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from study.analysis.correctness import Correctness
from study.analysis.planning import pilot
from study.analysis.planning.followed import follow_all
from study.analysis.planning.looks import Path
from study.analysis.planning.pilot import Pilot
from study.errors import StudyError
from study.params import Params, Rules
from study.pipeline import paths, predictions, results
from study.tables.definitions import COMPARISONS, PAIRS, PHASES


def n_test_images() -> int:
    """Test images of the recorded data.

    Raises
    ------
    FileError
        None are recorded.
    """
    counts = results.dataset()["counts"]["test"]
    return sum(sum(origins.values()) for origins in counts.values())


def pilots(params: Params) -> tuple[list[Pilot], str]:
    """Its families of comparisons, and the folder that they come from: predictions, else tables.

    Raises
    ------
    FileError, TableError
        There are neither predictions of the planned runs nor tables.
    """
    with suppress(StudyError, OSError):
        return _from_predictions(params), paths.RUNS.as_posix()
    tables = results.tables([COMPARISONS, PAIRS])
    found = pilot.from_tables(
        tables["comparisons"], tables["pairs"], n_test_images(), alpha=params.rules.alpha
    )
    return found, paths.TABLES.as_posix()


@dataclass(frozen=True)
class Replayed:
    """The path that one backbone would have taken, and each setting's verdict without and with looks."""

    path: Path
    verdicts: dict[str, tuple[str, str]]


def replayed(params: Params, rules: Rules) -> dict[str, Replayed]:
    """The recorded study as if it had been looked at by ``rules``, by backbone.

    Raises
    ------
    FileError
        A planned run, or its predictions, are missing.
    """
    results, levels, correct = _recorded(params)
    whole = follow_all(results, levels, correct, rules=replace(rules, looks=(params.seeds,)))
    return {
        model: Replayed(
            path,
            {
                name: (whole[model].looks[-1].verdicts[name], now)
                for name, now in path.looks[-1].verdicts.items()
            },
        )
        for model, path in follow_all(results, levels, correct, rules=rules).items()
    }


def _from_predictions(params: Params) -> list[Pilot]:
    return pilot.from_predictions(*_recorded(params))


def _recorded(params: Params) -> tuple[pd.DataFrame, pd.DataFrame, Correctness]:
    """Tables ``results`` and ``levels``, and the correctness of all runs of both phases."""
    recorded = [results.results(params, phase, results.planned(params, phase)) for phase in PHASES]
    classes = [predictions.predicted(params, phase, "test_class") for phase in PHASES]
    right = np.concatenate(classes) == predictions.labels("test")
    runs = tuple(run for table in recorded for run in table["run"])
    levels = results.laid_out(params).levels
    return pd.concat(recorded, ignore_index=True), levels, Correctness(right, runs)
