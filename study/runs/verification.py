"""Train a random sample of the recorded runs again, each alone, and compare every number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study import design
from study.errors import counted
from study.params import Params
from study.pipeline import provenance, results
from study.pipeline.console import say
from study.runs import perturbation
from study.runs.phase import SCORES, Bench, predictions_sha256, results_table
from study.training.runs import HISTORY_COLUMNS, Run
from study.training.store import Arrays

TOLERANCE = 10
"""Times what rounding alone does to a few runs: still the same number on another machine."""


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

    @property
    def difference(self) -> float:
        """The largest absolute difference of any number."""
        return max(self.history_difference, self.score_difference)


@dataclass(frozen=True)
class Verification:
    """All runs trained again, and what may be asked of them.

    Attributes
    ----------
    comparisons
        One a run.
    rounding
        Largest difference that rounding alone made to some of the runs, where hardware or versions are not
        those of the record; None where they are, and every byte has to be the same.
    elsewhere
        What differs from the record, each as ``name: then, now``.
    """

    comparisons: tuple[Comparison, ...]
    rounding: float | None = None
    elsewhere: tuple[str, ...] = ()

    @property
    def tolerance(self) -> float | None:
        """Largest difference that counts as the same; None where no byte may differ."""
        return None if self.rounding is None else TOLERANCE * self.rounding

    def passed(self, one: Comparison) -> bool:
        """Whether a run gave its recorded numbers again."""
        return one.identical if self.tolerance is None else one.difference <= self.tolerance

    @property
    def failed(self) -> list[Comparison]:
        return [one for one in self.comparisons if not self.passed(one)]

    @property
    def n_same(self) -> int:
        return sum(map(self.passed, self.comparisons))

    @property
    def largest_difference(self) -> float:
        return max((one.difference for one in self.comparisons), default=0.0)


class _Numbers(NamedTuple):
    """What a run gave: history (epochs, 6), its scores, and the hash of its predictions."""

    history: NDArray[np.float64]
    scores: NDArray[np.float64]
    predictions: str


def verify(params: Params, bench_of: Callable[[Params, str], Bench], *, n_runs: int | None) -> Verification:
    """Train recorded runs again from their features and seeds, without the run store.

    Where hardware or versions are not those of the record, a few of the runs are trained once more on
    features as another machine would round them (see ``rounding``); ``TOLERANCE`` times the largest
    difference that this makes counts as the same.

    Parameters
    ----------
    params
        The study's parameters.
    bench_of
        Gives a backbone's bench: an executor's.
    n_runs
        How many runs, drawn without replacement with the study's seed; None for all.
    """
    recorded = pd.concat(
        [results.results(params, phase, results.planned(params, phase)) for phase in results.RECORDED],
        ignore_index=True,
    )
    chosen = _drawn(recorded, n_runs, seed=params.study_seed)
    then = _recorded(params, chosen)
    now: dict[str, _Numbers] = {}
    for backbone, phase, rows in _parts(chosen):
        now |= _trained(bench_of(params, backbone), phase, rows)
    comparisons = tuple(_apart(name, now[name], then[name]) for name in chosen["run"].astype(str))
    elsewhere = _elsewhere(params)
    if not elsewhere:
        return Verification(comparisons)
    few = _drawn(chosen, params.analysis.verify_runs, seed=params.study_seed)
    return Verification(comparisons, _rounding(params, few, now), elsewhere)


def outcome(verification: Verification) -> dict[str, Any]:
    """What reports/verification.json says."""
    comparisons = verification.comparisons
    return {
        "n_verified": len(comparisons),
        "n_identical": sum(one.identical for one in comparisons),
        "n_same": verification.n_same,
        "max_abs_difference": verification.largest_difference,
        "rounding": verification.rounding,
        "tolerance": verification.tolerance,
        "elsewhere": list(verification.elsewhere),
        "runs": [one.run for one in comparisons],
    }


def _drawn(table: pd.DataFrame, n_runs: int | None, *, seed: int) -> pd.DataFrame:
    if n_runs is None or n_runs >= len(table):
        return table
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(n_runs,)))
    return table.iloc[np.sort(rng.choice(len(table), n_runs, replace=False))]


def _parts(table: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    grouped = table.groupby(["model", "phase"], sort=False)
    return [(str(backbone), str(phase), rows) for (backbone, phase), rows in grouped]


def _trained(bench: Bench, phase: str, rows: pd.DataFrame) -> dict[str, _Numbers]:
    table = _planned(bench, phase, str(rows["setting"].iloc[0]))
    table = table[table["run"].isin(rows["run"])]
    found: dict[str, _Numbers] = {}

    def keep(run: Run, arrays: Arrays) -> None:
        row = results_table(table[table["run"] == run.name], {run.name: arrays}).iloc[0]
        history = arrays["history"].astype(np.float64)
        found[run.name] = _Numbers(history, row[list(SCORES)].to_numpy(float), predictions_sha256(arrays))

    bench.train(bench.runs(table), keep, probabilities=phase == "confirm", memory_bytes=0)
    return found


def _recorded(params: Params, chosen: pd.DataFrame) -> dict[str, _Numbers]:
    found: dict[str, _Numbers] = {}
    for phase, rows in chosen.groupby("phase", sort=False):
        history = results.history(params, str(phase)).groupby("run")
        for row in rows.to_dict("records"):
            found[str(row["run"])] = _Numbers(
                history.get_group(row["run"])[list(HISTORY_COLUMNS)].to_numpy(),
                np.array([row[name] for name in SCORES], float),
                str(row["predictions_sha256"]),
            )
    return found


def _rounding(params: Params, few: pd.DataFrame, now: dict[str, _Numbers]) -> float:
    again = counted(len(few), "run")
    say(f"not the machine of the record: {again} once more, to measure what rounding does to them")
    rng = np.random.default_rng(np.random.SeedSequence(params.study_seed, spawn_key=(len(few), 1)))
    moved = [0.0]
    for backbone, phase, rows in _parts(few):
        rounded = perturbation.bench(Bench.read(params, backbone), rng=rng)
        for name, numbers in _trained(rounded, phase, rows).items():
            moved.append(_apart(name, numbers, now[name]).difference)
    return max(moved)


def _elsewhere(params: Params) -> tuple[str, ...]:
    here = provenance.backend()
    found: dict[str, str] = {}
    for then in results.records(params).values():
        found |= {
            name: f"{name}: {then.get(name)}, now {value}"
            for name, value in here.items()
            if then.get(name) != value
        }
    return tuple(found[name] for name in sorted(found))


def _planned(bench: Bench, phase: str, setting: str) -> pd.DataFrame:
    if phase == "explore":
        return design.explore_runs(bench.params, bench.design, bench.backbone)
    if phase == design.VARIANCE:
        return design.variance_runs(bench.params, bench.design, bench.backbone)[0]
    return design.confirm_runs(bench.params, bench.backbone, setting)


def _apart(run: str, now: _Numbers, then: _Numbers) -> Comparison:
    return Comparison(
        run,
        _largest(now.history, then.history),
        _largest(now.scores, then.scores),
        now.predictions == then.predictions,
    )


def _largest(now: NDArray[np.float64], then: NDArray[np.float64]) -> float:
    """Largest absolute difference; 0 where both are missing or the same infinity, infinite where one is."""
    same = (now == then) | (np.isnan(now) & np.isnan(then))
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0.0, np.abs(now - then))
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))
