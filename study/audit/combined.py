"""What combines the confirmed models, made again; needs scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from study.params import Params
from study.pipeline import artifacts, paths
from study.runs import combinations
from study.stages.ensemble import combined
from study.tables.definitions import DIVERSITY_RUNS, ENSEMBLE_RUNS, ENSEMBLE_SIZES, GREEDY_RUNS, TEMPERATURES
from study.tables.schema import Table


def tables(chosen: Params) -> Iterator[tuple[Table, pd.DataFrame, pd.DataFrame]]:
    """Each table of reports/ensembles.json: its definition, as made again, and as recorded."""
    runs, temperatures, _ = combined(chosen)
    made = {
        "ensembles": (ENSEMBLE_RUNS, runs),
        "temperatures": (TEMPERATURES, temperatures),
        "sizes": (ENSEMBLE_SIZES, combinations.sizes(chosen)),
        "diversity": (DIVERSITY_RUNS, combinations.diversity(chosen)),
        "greedy": (GREEDY_RUNS, combinations.greedy(chosen)),
    }
    recorded = artifacts.read(paths.ENSEMBLES_JSON, artifacts.EnsemblesFile)
    for name, (table, frame) in made.items():
        yield table, frame, artifacts.table(paths.ENSEMBLES_JSON, getattr(recorded, name), table)
