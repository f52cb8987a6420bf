"""What the topics' tables are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study.analysis.correctness import Correctness
from study.analysis.statistics.crossed import BoolMatrix


@dataclass(frozen=True)
class Inputs:
    """One study, as recorded.

    Attributes
    ----------
    dataset, classes
        Name of the data set, and names of its classes.
    settings, levels, selection
        The tables of these names.
    results, history
        The tables of these names, of both phases.
    test, valid
        Correctness of the runs in ``results`` on each split.
    confirmed
        Rows of table ``runs`` of the confirm phase.
    labels
        (n_images,), the classes of the test images.
    predicted, probabilities
        (n_runs, n_images) and (n_runs, n_images, n_classes), of the test images, rows as ``confirmed``.
    varied_results, varied
        Table ``results`` of the runs in which one source of randomness varies, and each one's run and source.
    ensemble_runs, temperatures, diversity_runs, greedy_runs, ensemble_sizes
        The tables of these names.
    ensemble_correct
        By method (n_replicates, n_images), on the test split, rows in order of replicate.
    """

    dataset: str
    classes: tuple[str, ...]
    settings: pd.DataFrame
    levels: pd.DataFrame
    selection: pd.DataFrame
    results: pd.DataFrame
    history: pd.DataFrame
    test: Correctness
    valid: Correctness
    confirmed: pd.DataFrame
    labels: NDArray[np.integer[Any]]
    predicted: NDArray[np.integer[Any]]
    probabilities: NDArray[np.floating[Any]]
    varied_results: pd.DataFrame
    varied: pd.DataFrame
    ensemble_runs: pd.DataFrame
    ensemble_correct: Mapping[str, BoolMatrix]
    ensemble_sizes: pd.DataFrame
    temperatures: pd.DataFrame
    diversity_runs: pd.DataFrame
    greedy_runs: pd.DataFrame
