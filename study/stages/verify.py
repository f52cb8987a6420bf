"""Train a random sample of the recorded runs again, each alone, and compare every number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import design
from study import params as parameters
from study.params import Params
from study.stages import files, paths, provenance, results
from study.stages.entry import run, say
from study.stages.recorded import SCORES, Bench, predictions_sha256, results_table
from study.tables import PHASES
from study.training.runs import HISTORY_COLUMNS, Outcome
from study.training.store import Arrays

RECORDED = (*PHASES, design.VARIANCE)


@dataclass(frozen=True)
class Comparison:
    """One run trained again beside its record.

    Attributes
    ----------
    history_difference, score_difference
        Largest absolute difference of any history value and of any score.
    predictions_identical
        Whether all predicted classes, and probabilities where kept, have the same bytes.
    """

    run: str
    history_difference: float
    score_difference: float
    predictions_identical: bool

    @property
    def identical(self) -> bool:
        return self.history_difference == 0 and self.score_difference == 0 and self.predictions_identical


def compare(params: Params, *, n_runs: int | None) -> list[Comparison]:
    """Train recorded runs again from their features and seeds, without the run store.

    Parameters
    ----------
    params
        The study's parameters.
    n_runs
        How many runs, drawn without replacement with the study's seed; None for all.
    """
    recorded = pd.concat(
        [results.results(params, phase, results.planned(params, phase)) for phase in RECORDED],
        ignore_index=True,
    )
    chosen = recorded
    if n_runs is not None and n_runs < len(recorded):
        rng = np.random.default_rng(np.random.SeedSequence(params.study_seed, spawn_key=(n_runs,)))
        chosen = recorded.iloc[np.sort(rng.choice(len(recorded), n_runs, replace=False))]
    comparisons: list[Comparison] = []
    for (backbone, phase), rows in chosen.groupby(["model", "phase"], sort=False):
        comparisons += _compare(params, str(backbone), str(phase), rows)
    return comparisons


def outcome(comparisons: list[Comparison]) -> dict[str, Any]:
    """What reports/verification.json says."""
    differences = [max(one.history_difference, one.score_difference) for one in comparisons]
    return {
        "n_verified": len(comparisons),
        "n_identical": sum(one.identical for one in comparisons),
        "max_abs_difference": max(differences, default=0.0),
        "runs": [one.run for one in comparisons],
        "hardware": provenance.hardware(),
    }


def _compare(params: Params, backbone: str, phase: str, rows: pd.DataFrame) -> list[Comparison]:
    bench = Bench.read(params, backbone)
    table = _planned(bench, phase, str(rows["setting"].iloc[0]))
    table = table[table["run"].isin(rows["run"])]
    history = results.history(params, phase).groupby("run")
    before = rows.set_index("run")
    probabilities = phase == "confirm"
    comparisons = []

    def judge(one: Outcome) -> None:
        name = one.run.name
        arrays: Arrays = bench.record(one, probabilities=probabilities)
        then = history.get_group(name)[list(HISTORY_COLUMNS)].to_numpy()
        now = results_table(table[table["run"] == name], {name: arrays}).iloc[0]
        comparisons.append(
            Comparison(
                name,
                _apart(arrays["history"].astype(np.float64), then),
                _apart(now[list(SCORES)].to_numpy(float), before.loc[name, list(SCORES)].to_numpy(float)),
                predictions_sha256(arrays) == before.loc[name, "predictions_sha256"],
            )
        )

    bench.train(bench.runs(table), judge, memory_bytes=0)
    return comparisons


def _planned(bench: Bench, phase: str, setting: str) -> pd.DataFrame:
    if phase == "explore":
        return design.explore_runs(bench.params, bench.design, bench.backbone)
    if phase == design.VARIANCE:
        return design.variance_runs(bench.params, bench.design, bench.backbone)[0]
    return design.confirm_runs(bench.params, bench.backbone, setting)


def _apart(now: NDArray[np.float64], then: NDArray[np.float64]) -> float:
    """Largest absolute difference; 0 where both are missing or the same infinity, infinite where one is."""
    same = (now == then) | (np.isnan(now) & np.isnan(then))
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0.0, np.abs(now - then))
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))


def main() -> None:
    """Write reports/verification.json."""
    chosen = parameters.load(paths.PARAMS)
    n_runs = chosen.analysis.verify_runs
    say(f"training {n_runs} recorded runs again, each alone")
    files.write_json(
        paths.VERIFICATION_JSON, {"verification": [outcome(compare(chosen, n_runs=n_runs) if n_runs else [])]}
    )


if __name__ == "__main__":
    run(main)
