"""Small tables of runs, and expected values of other implementations."""

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from study.tables.definitions import LEVELS, RESULTS

REFERENCE = Path(__file__).parents[1] / "reference" / "statistics.json"


@pytest.fixture(autouse=True)
def small_heap() -> Iterator[None]:
    """multipletests of statsmodels collects garbage at every call: leave it little to look through."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def reference() -> dict[str, Any]:
    return json.loads(REFERENCE.read_text(encoding="utf-8"))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20251)


@pytest.fixture(scope="session")
def results_of() -> Callable[..., pd.DataFrame]:
    """Table ``results`` from each (model, setting)'s accuracies by replicate, on all splits."""

    def build(
        accuracies: Mapping[tuple[str, str], Sequence[float]], phase: str = "explore", **columns: Any
    ) -> pd.DataFrame:
        rows = []
        for (model, setting), values in accuracies.items():
            for replicate, value in enumerate(values):
                row: dict[str, Any] = dict.fromkeys(RESULTS.columns, np.nan)
                row |= {f"{split}_accuracy": value for split in ("train", "valid", "test")}
                row |= {f"{split}_log_loss": 1 - value for split in ("train", "valid", "test")}
                row |= {"valid_calibration_error": 0.1, "test_calibration_error": 0.1}
                row |= {
                    "run": f"{model}/{setting}/{phase}/{replicate}",
                    "model": model,
                    "setting": setting,
                    "phase": phase,
                    "replicate": replicate,
                    "status": "ok",
                    "predictions_sha256": "0",
                }
                rows.append({**row, **columns})
        return RESULTS.conform(pd.DataFrame(rows))

    return build


@pytest.fixture(scope="session")
def levels() -> pd.DataFrame:
    """Two factors around a reference: three learning rates, two dropouts."""
    return LEVELS.conform(
        pd.DataFrame(
            [
                ("lr", "0.0001", 0, "lr=0.0001", 0),
                ("lr", "0.0005", 1, "reference", 1),
                ("lr", "0.001", 2, "lr=0.001", 0),
                ("dropout", "0.3", 0, "dropout=0.3", 0),
                ("dropout", "0.5", 1, "reference", 1),
            ],
            columns=list(LEVELS.columns),
        )
    )
